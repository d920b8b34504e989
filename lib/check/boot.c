#include "boot/boot.h"
#include "check/check.h"
#include "parse/grubenv.h"

#include <errno.h>
#include <string.h>

/* No loader to judge: a container, a VM booted by its hypervisor; or not to be seen. */
static int no_loader(const struct check_on *on, struct finding *f)
{
	const struct boot_file *cfg = &on->host->boot.cfg;
	bool hidden = cfg->path && cfg->error && cfg->error != -ENOENT;

	return finding_found(f, hidden ? CHECK_UNKNOWN : CHECK_SKIP, "%s",
			     on->boot->unknown ? on->boot->unknown : "no GRUB here");
}

static int resolves(const struct check_on *on, struct finding *f)
{
	const struct boot *b = on->boot;
	int err;

	if (!b->loader)
		return no_loader(on, f);
	if (b->default_index < 0)
		return finding_found(f, CHECK_UNKNOWN, "%s",
				     b->default_reason ? b->default_reason
						       : "cannot tell");
	err = finding_text(&f->evidence, "%s", b->default_reason);
	if (!err)
		err = finding_found(f, b->default_misses ? CHECK_FAIL : CHECK_PASS, "%s",
				    b->v[b->default_index].title);
	if (err || f->status == CHECK_PASS)
		return err;
	return finding_advise(
		f, "a default that names an entry", "GRUB",
		"GRUB then boots the first entry silently, whatever that is",
		"uringprep boot list, then uringprep boot default SELECTOR");
}

const struct check check_boot_default_resolves = {
	.id = "boot.default_resolves",
	.title = "default entry",
	.needs = HOST_BOOT | HOST_KERNEL,
	.run = resolves,
};

static int bootable(const struct check_on *on, struct finding *f)
{
	const struct boot *b = on->boot;
	const struct boot_entry *d;
	int err;

	if (!b->loader)
		return no_loader(on, f);
	if (b->default_index < 0)
		return finding_found(f, CHECK_UNKNOWN, "the default entry is not known");
	d = &b->v[b->default_index];
	if (d->kernel_ok == BOOT_UNKNOWN || d->initrd_ok == BOOT_UNKNOWN)
		return finding_found(f, CHECK_UNKNOWN, "%s",
				     d->problem ? d->problem
						: "its files cannot be seen");
	if (d->kernel_ok == BOOT_YES && d->initrd_ok == BOOT_YES)
		return finding_found(f, CHECK_PASS, "%s", d->kernel);
	err = finding_found(f, CHECK_FAIL, "%s is missing or empty",
			    d->kernel_ok == BOOT_NO ? d->kernel ? d->kernel : "its kernel"
						    : d->initrd);
	return err ? err
		   : finding_advise(
			     f, "kernel and initramfs of the default entry", "GRUB",
			     "without the kernel GRUB stops at its menu; without the "
			     "initramfs the kernel panics: nobody comes to press a key",
			     "reinstall that kernel's package, or uringprep boot default "
			     "SELECTOR");
}

const struct check check_boot_default_bootable = {
	.id = "boot.default_bootable",
	.title = "default entry's files",
	.needs = HOST_BOOT | HOST_KERNEL,
	.required = true,
	.run = bootable,
};

static int grubenv(const struct check_on *on, struct finding *f)
{
	const struct boot_file *env = &on->host->boot.env;
	struct err why = { "" };
	int err;

	if (!on->boot->loader)
		return no_loader(on, f);
	if (!env->path || env->error == -ENOENT)
		return finding_found(f, CHECK_SKIP,
				     "there is none: GRUB keeps no choice here");
	if (!env->data)
		return finding_found(f, CHECK_UNKNOWN, "%s: %s", env->path,
				     strerror(-env->error));
	if (grubenv_check(env->data, env->len, &why) == 0)
		return finding_found(f, CHECK_PASS, "%s is a good block", env->path);
	err = finding_found(f, CHECK_FAIL, "%s: %s", env->path, why.msg);
	return err ? err
		   : finding_advise(
			     f, "a block of 1024 bytes with its signature", "GRUB",
			     "saved_entry cannot be read: the first entry boots, and no "
			     "choice can be kept",
			     "grub2-editenv (grub-editenv on Debian) PATH create, then "
			     "set "
			     "the default again");
}

const struct check check_boot_grubenv = {
	.id = "boot.grubenv",
	.title = "GRUB's environment",
	.needs = HOST_BOOT | HOST_KERNEL,
	.run = grubenv,
};

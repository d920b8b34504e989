#include "check/boot.h"

#include "boot/boot.h"
#include "parse/grubenv.h"
#include "profile/profile.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

/* No loader to judge: a container, a VM booted by its hypervisor; or not to be seen. */
static int no_loader(const struct check_on *on, struct finding *f)
{
	const struct boot_file *cfg = &on->host->boot.cfg;
	bool hidden = cfg->path && cfg->error && cfg->error != -ENOENT;

	return finding_found(f, hidden ? CHECK_UNKNOWN : CHECK_SKIP, "%s",
			     on->boot->unknown && f->check == &check_boot_default_resolves
				     ? on->boot->unknown
				     : "no GRUB is to be seen here: see "
				       "boot.default_resolves");
}

const struct boot_entry *check_default_entry(const struct check_on *on, struct finding *f,
					     int *err)
{
	const struct boot *b = on->boot;

	if (!b->loader)
		*err = no_loader(on, f);
	else if (b->default_index < 0)
		*err = finding_found(f, CHECK_UNKNOWN, "the default entry is not known");
	else
		return &b->v[b->default_index];
	return NULL;
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
	const struct boot_entry *d;
	int err = 0;

	d = check_default_entry(on, f, &err);
	if (!d)
		return err;
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

/* What is known of CONFIG_IO_URING in C, the default entry's. */
static int judge_config(const char *release, const struct kernel_config *c,
			struct finding *f)
{
	int err;

	if (!c || c->io_uring == KCONFIG_UNKNOWN)
		return finding_found(f, CHECK_UNKNOWN,
				     "no /boot/config-%s or /lib/modules/%s/config",
				     release, release);
	err = finding_text(&f->evidence, "%s", c->path);
	if (err)
		return err;
	if (c->io_uring == KCONFIG_ON)
		return finding_found(f, CHECK_PASS, "%s has CONFIG_IO_URING", release);
	err = finding_found(f, CHECK_FAIL, "%s %s", release,
			    c->io_uring == KCONFIG_OFF ? "is built without io_uring"
						       : "does not know io_uring");
	return err ? err
		   : finding_advise(f, "a kernel with CONFIG_IO_URING", "io_uring",
				    "after the next reboot programs fall back to epoll "
				    "or fail to start",
				    "uringprep boot list, then uringprep boot default "
				    "SELECTOR");
}

static int has_uring(const struct check_on *on, struct finding *f)
{
	struct kernel_config own = { NULL };
	const struct kernel_config *c;
	const struct boot_entry *d;
	int err = 0, found;

	if (on->profile && on->profile->uring == PROFILE_URING_NONE)
		return finding_found(f, CHECK_SKIP, "the profile wants no io_uring");
	d = check_default_entry(on, f, &err);
	if (!d)
		return err;
	if (!d->release)
		return finding_found(f, CHECK_UNKNOWN, "%s",
				     d->problem ? d->problem
						: "the release of its kernel is not "
						  "known");
	c = host_config(on->host, d->release);
	if (c)
		return judge_config(d->release, c, f);
	if (on->host->live && str_eq(d->release, on->host->kernel.release) &&
	    uring_level(&on->host->uring) != URING_NONE)
		return finding_found(f, CHECK_PASS, "%s runs, and a ring was made",
				     d->release);
	/* On a running system only that kernel's was read. */
	found = host_config_read(on->host, d->release, &own);
	if (found < 0)
		return found;
	err = judge_config(d->release, found ? &own : NULL, f);
	kernel_config_clear(&own);
	return err;
}

const struct check check_boot_default_has_uring = {
	.id = "boot.default_has_uring",
	.title = "default entry's io_uring",
	.needs = HOST_BOOT | HOST_CONFIG,
	.run = has_uring,
};

static int is_running(const struct check_on *on, struct finding *f)
{
	const char *running = on->host->kernel.release;
	const struct boot *b = on->boot;
	const struct boot_entry *d;
	int err = 0;

	d = check_default_entry(on, f, &err);
	if (!d)
		return err;
	if (!running)
		return finding_found(f, CHECK_SKIP, "which kernel runs is not a file's");
	if (!d->release)
		return finding_found(f, CHECK_UNKNOWN, "%s",
				     d->problem ? d->problem
						: "the release of its kernel is not "
						  "known");
	if (b->once)
		err = finding_text(&f->evidence, "the next boot alone: %s", b->once);
	if (err)
		return err;
	if (strcmp(d->release, running) == 0)
		return finding_found(
			f, CHECK_PASS, "%s%s", running,
			d->running || b->running_index < 0 ? "" : ", by another entry");
	err = finding_found(f, CHECK_FAIL, "%s runs, the default is %s", running,
			    d->release);
	return err ? err
		   : finding_advise(f, "the kernel that runs", "what was checked here",
				    "after the next reboot another kernel runs: what the "
				    "running one offers proves nothing about it",
				    "reboot and check again, or uringprep boot default "
				    "SELECTOR");
}

const struct check check_boot_default_is_running = {
	.id = "boot.default_is_running",
	.title = "default entry runs",
	.needs = HOST_BOOT | HOST_KERNEL,
	.run = is_running,
};

/* Is the package that the default follows another one than its kernel's? ELRepo's are
 * named kernel-lt and kernel-ml, a vendor's is not. */
static bool follows_another(const struct boot *b, const struct boot_entry *d)
{
	bool is_elrepo = d->release && strstr(d->release, ".elrepo");

	return b->follows && d->release &&
	       is_elrepo != (strncmp(b->follows, "kernel-lt", 9) == 0 ||
			     strncmp(b->follows, "kernel-ml", 9) == 0);
}

static int moves(const struct check_on *on, struct finding *f)
{
	const struct boot *b = on->boot;
	const struct boot_entry *d;
	int err = 0;

	d = check_default_entry(on, f, &err);
	if (!d)
		return err;
	if (b->movers.n)
		err = finding_found(f, CHECK_FAIL, "%s%s", b->movers.v[0],
				    b->movers.n > 1 ? ", and more" : "");
	else if (follows_another(b, d))
		err = finding_found(f, CHECK_FAIL,
				    "%s is the default, and the next %s package takes "
				    "its place (UPDATEDEFAULT=yes)",
				    d->release, b->follows);
	else if (b->follows)
		return finding_found(f, CHECK_PASS, "it follows the newest %s package",
				     b->follows);
	else if (!b->by_name)
		return finding_found(f, CHECK_PASS,
				     "it is counted: a kernel that comes before it takes "
				     "its place");
	else
		return finding_found(f, CHECK_PASS, "it stays until it is changed");
	return err ? err
		   : finding_advise(f, "a default that stays", "who chose it",
				    "another kernel boots one day, without being asked",
				    b->movers.n ? "mend that line, then uringprep boot "
						  "default SELECTOR"
						: "UPDATEDEFAULT=no in "
						  "/etc/sysconfig/kernel");
}

const struct check check_boot_default_moves = {
	.id = "boot.default_moves",
	.title = "what moves the default",
	.needs = HOST_BOOT | HOST_KERNEL,
	.run = moves,
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

static int space(const struct check_on *on, struct finding *f)
{
	const struct boot_entry *d;
	int64_t need, initrd = 0, have;
	int err = 0;

	d = check_default_entry(on, f, &err);
	if (!d)
		return err;
	need = d->kernel ? host_boot_size(on->host, d->kernel) : -ENOENT;
	if (d->initrd)
		initrd = host_boot_size(on->host, d->initrd);
	if (need < 0 || initrd < 0)
		return finding_found(f, CHECK_UNKNOWN,
				     "the default entry's files cannot be seen");
	need += initrd;
	have = host_boot_free(on->host);
	if (have == -ENODATA)
		return finding_found(f, CHECK_SKIP, "the recording does not say");
	if (have < 0)
		return finding_found(f, CHECK_UNKNOWN, "/boot: %s", strerror((int)-have));
	if (have >= need)
		return finding_found(f, CHECK_PASS,
				     "room for another kernel and initramfs (%" PRId64
				     " bytes as the default's)",
				     need);
	err = finding_text(&f->evidence, "%" PRId64 " bytes are free", have);
	if (!err)
		err = finding_found(f, CHECK_FAIL,
				    "less than the default's kernel and initramfs take: "
				    "%" PRId64 " bytes",
				    need);
	return err ? err
		   : finding_advise(
			     f, "room for another kernel and its initramfs",
			     "the next kernel",
			     "on a full /boot an initramfs or grubenv is cut off, and "
			     "the new kernel does not boot",
			     "remove a kernel package that is not needed any more");
}

const struct check check_boot_space = {
	.id = "boot.space",
	.title = "room in /boot",
	.needs = HOST_BOOT | HOST_KERNEL,
	.run = space,
};

/* The initramfs of the default entry: there, readable, and one by its first bytes. What is
 * in it is not looked at. */
#include "boot/boot.h"
#include "check/boot.h"
#include "parse/initramfs.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

static int spoilt(struct finding *f)
{
	return finding_advise(f, "a cpio archive, plain or compressed", "the kernel",
			      "a kernel that needs its initramfs panics without it",
			      "make it anew: dracut -f --kver RELEASE (update-initramfs "
			      "-u -k RELEASE on Debian)");
}

static int judge(const struct check_on *on, const char *path, struct finding *f)
{
	int64_t size = host_boot_size(on->host, path);
	char head[INITRAMFS_HEAD];
	const char *kind;
	int err, n;

	if (size < 0 && size != -ENOENT)
		return finding_found(f, CHECK_UNKNOWN, "%s: %s", path,
				     strerror((int)-size));
	if (size <= 0) {
		err = finding_found(f, CHECK_FAIL, "%s is %s", path,
				    size ? "missing" : "empty");
		return err ? err : spoilt(f);
	}
	n = host_boot_head(on->host, path, head, sizeof(head));
	if (n < 0)
		return finding_found(f, CHECK_UNKNOWN, "%s: %s", path, strerror(-n));
	kind = initramfs_kind(head, (size_t)n);
	if (kind)
		return finding_found(f, CHECK_PASS, "%s, %" PRId64 " bytes, %s", path,
				     size, kind);
	err = finding_found(f, CHECK_FAIL, "%s does not begin like an initramfs", path);
	return err ? err : spoilt(f);
}

static int present(const struct check_on *on, struct finding *f)
{
	const struct boot_entry *d;
	int err = 0;

	d = check_default_entry(on, f, &err);
	if (!d)
		return err;
	if (d->problem || d->initrd_ok == BOOT_UNKNOWN)
		return finding_found(f, CHECK_UNKNOWN, "%s",
				     d->problem ? d->problem
						: "its files cannot be seen");
	if (!d->initrd)
		return finding_found(f, CHECK_SKIP, "the default entry has none");
	return judge(on, d->initrd, f);
}

const struct check check_initramfs_present = {
	.id = "initramfs.present",
	.title = "default entry's initramfs",
	.needs = HOST_BOOT | HOST_KERNEL,
	.run = present,
};

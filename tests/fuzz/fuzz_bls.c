#include "fuzz.h"

#include "parse/bls.h"
#include "parse/default_grub.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const char *const fuzz_seeds[] = {
	"title Rocky Linux (4.18.0-553.el8_10.x86_64) 8.10\nversion 4.18.0-553\n"
	"linux /vmlinuz-4.18\ninitrd /initramfs-4.18.img $tuned_initrd\n"
	"options $kernelopts\ngrub_users $x\n",
	"# c\nlinux\t/v\ninitrd /a\ninitrd /b\noptions a\noptions b\n\n",
	"GRUB_DEFAULT=saved\nGRUB_CMDLINE_LINUX=\"crashkernel=auto rd.lvm.lv=a/b\"\n",
	"f3a-4.18.0-553.el8_10.x86_64\nf3a-4.18.0-80~rc1^2.el8.x86_64\nf3a-0-rescue",
	NULL,
};

/* Two lines of the input, compared both ways round. */
static const char *compare(const char *data)
{
	char *copy = strdup(data), *second, *rest;
	const char *wrong = NULL;
	int ab, ba;

	if (!copy)
		return "out of memory";
	second = strchr(copy, '\n');
	if (second) {
		*second++ = '\0';
		rest = strchr(second, '\n');
		if (rest)
			*rest = '\0';
		ab = rpm_vercmp(copy, second);
		ba = rpm_vercmp(second, copy);
		if ((ab < 0) != (ba > 0) || (ab > 0) != (ba < 0))
			wrong = "rpm_vercmp has no order";
		ab = bls_compare(copy, second);
		ba = bls_compare(second, copy);
		if ((ab < 0) != (ba > 0) || (ab > 0) != (ba < 0))
			wrong = "bls_compare has no order";
		if (bls_compare(copy, copy) != 0)
			wrong = "an id differs from itself";
	}
	free(copy);
	return wrong;
}

const char *fuzz_one(const char *data, size_t len)
{
	struct err e = { "" };
	struct bls bls;
	char *value = NULL;
	int err = bls_parse(&bls, data, len, &e);

	if (!err)
		bls_clear(&bls);
	else if (!memchr(data, '\0', len) && !memchr(data, '\001', len))
		return "refused, though it is text";
	else if (!e.msg[0])
		return "refused without a reason";
	err = default_grub_get(data, len, "GRUB_DEFAULT", &value);
	if (err == 1 && !value)
		return "found, and no value";
	free(value);
	return compare(data);
}

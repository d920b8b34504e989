#include "fuzz.h"

#include "parse/grubscript.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const char *const fuzz_seeds[] = {
	"set pager=1\nif [ -s $prefix/grubenv ]; then\n  load_env\nfi\n"
	"if [ \"${next_entry}\" ] ; then\n   set default=\"${next_entry}\"\n"
	"   set next_entry=\n   save_env next_entry\n   set boot_once=true\nelse\n"
	"   set default=\"${saved_entry}\"\nfi\n",
	"menuentry 'CentOS Linux (3.10) 7 (Core)' --class os --unrestricted "
	"$menuentry_id_option 'gnulinux-advanced' {\n\tload_video\n\tinsmod xfs\n"
	"\tset root='hd0,msdos1'\n\tif [ x$feature_platform_search_hint = xy ]; then\n"
	"\t  search --no-floppy --fs-uuid --set=root --hint='hd0' abc\n\telse\n"
	"\t  search --no-floppy --fs-uuid --set=root abc\n\tfi\n"
	"\tlinux16 /vmlinuz-3.10 root=/dev/x ro \"a b\"\n\tinitrd16 "
	"/initramfs-3.10.img\n}\n",
	"submenu 'Advanced options' $menuentry_id_option 'adv' {\n"
	"  menuentry 'it'\\''s > \"q\"' { linux /v x=$x; initrd /i /j; }\n}\n",
	"function savedefault {\n  if [ -z \"${boot_once}\" ]; then\n"
	"    saved_entry=\"${chosen}\"\n    save_env saved_entry\n  fi\n}\nsavedefault\n",
	"for i in a b c; do set x=$x$i; done\nwhile [ $n != 3 ]; do set n=3; done\n",
	"if test -f ${config_directory}/custom.cfg; then\n  source "
	"${config_directory}/custom.cfg\nelif [ a = b -o ! -e /x ]; then\n  set "
	"default=1\n"
	"fi # end\nblscfg\n",
	"",
	NULL,
};

/* custom.cfg holds the input once more: sourcing must end. */
struct input {
	const char *data;
	size_t len;
};

static int read_file(void *data, const char *path, char **out, size_t *len)
{
	static const char env[] = "# GRUB Environment Block\nsaved_entry=a>b\n####";
	const struct input *in = data;
	const char *text = strstr(path, "grubenv") ? env : in->data;

	if (!strstr(path, "grubenv") && !strstr(path, "custom.cfg"))
		return strstr(path, "x") ? -EACCES : -ENOENT;
	*len = text == env ? sizeof(env) - 1 : in->len;
	*out = malloc(*len + 1);
	if (!*out)
		return -ENOMEM;
	memcpy(*out, text, *len);
	(*out)[*len] = '\0';
	return 0;
}

static int look(void *data, const char *path)
{
	(void)data;
	return strstr(path, "grubenv") || strstr(path, "custom.cfg") ? 1 : -ENOENT;
}

static int list(void *data, const char *path, struct strv *names)
{
	(void)data;
	(void)path;
	return strv_add(names, "a.conf");
}

static const char *look_over(const struct grub_entry *v, size_t n)
{
	const char *wrong = NULL;
	size_t i;

	for (i = 0; i < n && !wrong; i++) {
		if (!v[i].title || !v[i].id || !v[i].where)
			return "an entry without title, id or place";
		wrong = look_over(v[i].v, v[i].n);
	}
	return wrong;
}

const char *fuzz_one(const char *data, size_t len)
{
	const struct grub_fact facts[] = { { "prefix", "(hd0,msdos1)/grub2" },
					   { "root", "hd0,msdos1" },
					   { "grub_platform", NULL } };
	struct input in = { data, len };
	const struct grub_files files = { &in, read_file, look, list };
	struct grub_menu menu;
	const char *wrong;
	struct err e = { "" };

	if (grub_evaluate(&menu, "grub.cfg", data, len, &files, facts, 3, &e) < 0)
		return "refused: only lack of memory may be";
	wrong = look_over(menu.v, menu.n);
	grub_menu_clear(&menu);
	return wrong;
}

#include "parse/grub_eval.h"
#include "parse/grubenv.h"

#include "base/cleanup.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char unknown[] = { GRUB_UNKNOWN, '\0' };

/* C is the command as written, for its block; VIA the variable that its value is a copy
 * of. */
typedef int run_fn(struct grub_eval *ev, const struct grub_cmd *c, struct strv *argv,
		   const char *via);

static int do_true(struct grub_eval *ev, const struct grub_cmd *c, struct strv *argv,
		   const char *via)
{
	(void)c;
	(void)argv;
	(void)via;
	ev->status = GRUB_TRUE;
	return 0;
}

static int do_false(struct grub_eval *ev, const struct grub_cmd *c, struct strv *argv,
		    const char *via)
{
	(void)c;
	(void)argv;
	(void)via;
	ev->status = GRUB_FALSE;
	return 0;
}

/* Without effect on the menu; whether it succeeds is the machine's affair. */
static int do_nothing(struct grub_eval *ev, const struct grub_cmd *c, struct strv *argv,
		      const char *via)
{
	(void)c;
	(void)via;
	ev->status = GRUB_MAYBE;
	return grub_because(ev, "whether %s succeeds depends on the machine", argv->v[0]);
}

/* What ends or replaces the menu, or brings entries from elsewhere. */
static int do_leave(struct grub_eval *ev, const struct grub_cmd *c, struct strv *argv,
		    const char *via)
{
	(void)c;
	(void)via;
	ev->status = GRUB_MAYBE;
	if (ev->entry && !ev->entry->submenu)
		return grub_because(ev, "%s", argv->v[0]);
	return grub_give_up(ev, "%s: what it makes of the menu is not known", argv->v[0]);
}

static int do_fwsetup(struct grub_eval *ev, const struct grub_cmd *c, struct strv *argv,
		      const char *via)
{
	if (argv->n == 2 && strcmp(argv->v[1], "--is-supported") == 0)
		return do_nothing(ev, c, argv, via);
	return do_leave(ev, c, argv, via);
}

/* Boots something that is not Linux itself. */
static int do_foreign(struct grub_eval *ev, const struct grub_cmd *c, struct strv *argv,
		      const char *via)
{
	(void)c;
	(void)via;
	ev->status = GRUB_TRUE;
	return grub_give_up(ev, "%s: boots something else than Linux", argv->v[0]);
}

static int do_set(struct grub_eval *ev, const struct grub_cmd *c, struct strv *argv,
		  const char *via)
{
	char *eq = argv->n > 1 ? strchr(argv->v[1], '=') : NULL;

	(void)c;
	ev->status = argv->n > 1 && !eq ? GRUB_FALSE : GRUB_TRUE;
	if (!eq)
		return 0;
	*eq = '\0';
	if (grub_is_unknown(argv->v[1]))
		return grub_give_up(ev, "which variable is set is unknown: %s",
				    ev->cause);
	return grub_var_set(ev, argv->v[1], eq + 1, via);
}

static int do_unset(struct grub_eval *ev, const struct grub_cmd *c, struct strv *argv,
		    const char *via)
{
	size_t i;
	int err = 0;

	(void)c;
	(void)via;
	ev->status = GRUB_TRUE;
	for (i = 1; !err && i < argv->n; i++)
		if (grub_var_get(ev, argv->v[i]))
			err = grub_var_set(ev, argv->v[i], NULL, NULL);
	return err;
}

static int do_export(struct grub_eval *ev, const struct grub_cmd *c, struct strv *argv,
		     const char *via)
{
	struct grub_var *v;
	size_t i;
	int err = 0;

	(void)c;
	(void)via;
	ev->status = GRUB_TRUE;
	for (i = 1; !err && i < argv->n; i++) {
		v = grub_var_get(ev, argv->v[i]);
		if (!v) {
			err = grub_var_set(ev, argv->v[i], "", NULL);
			v = err ? NULL : grub_var_get(ev, argv->v[i]);
		}
		if (v)
			v->exported = true;
	}
	return err;
}

static bool is_name(const char *s)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ_";

	return *s && strchr(letters, *s) && !strpbrk(s, " -./=$\001");
}

/* Commands that put into a variable what they find on the machine: each word that could
 * be its name makes that variable unknown. --set=V, --set 1:V, -s V, V alone. */
static int do_find(struct grub_eval *ev, const struct grub_cmd *c, struct strv *argv,
		   const char *via)
{
	bool is_search = str_has_prefix(argv->v[0], "search");
	size_t i;
	int err = do_nothing(ev, c, argv, via);

	if (!err && is_search)
		err = grub_var_set(ev, "root", unknown, NULL);
	for (i = 1; !err && i < argv->n; i++) {
		const char *name = argv->v[i];

		if (str_has_prefix(name, "--set="))
			name += strlen("--set=");
		if (strchr(name, ':'))
			name = strrchr(name, ':') + 1;
		if (is_name(name))
			err = grub_var_set(ev, name, unknown, NULL);
	}
	return err;
}

/* Environment blocks. */

struct loading {
	struct grub_eval *ev;
	struct strv *only; /* from its word FIRST on; none: all */
	size_t first;
};

static int load_one(void *data, const char *name, const char *value)
{
	struct loading *l = data;
	bool wanted = l->first >= l->only->n;
	size_t i;

	for (i = l->first; i < l->only->n; i++)
		wanted = wanted || strcmp(l->only->v[i], name) == 0;
	if (!wanted)
		return 0;
	if (strv_has(&l->ev->saved, name)) {
		int err = grub_because(l->ev, "%s was saved, and read again", name);

		return err < 0 ? err : grub_var_set(l->ev, name, unknown, NULL);
	}
	if (strchr(value, GRUB_UNKNOWN))
		return grub_give_up(l->ev,
				    "the environment block holds control characters");
	return grub_var_set(l->ev, name, value, NULL);
}

/* The options of load_env and save_env. The file they name, lent; NULL: the usual one. */
static const char *env_options(struct strv *argv, size_t *first)
{
	const char *file = NULL;
	size_t i = 1;

	for (; i < argv->n && argv->v[i][0] == '-'; i++) {
		if (str_has_prefix(argv->v[i], "--file="))
			file = argv->v[i] + strlen("--file=");
		else if ((strcmp(argv->v[i], "-f") == 0 ||
			  strcmp(argv->v[i], "--file") == 0) &&
			 i + 1 < argv->n)
			file = argv->v[++i];
	}
	*first = i;
	return file;
}

static int do_load_env(struct grub_eval *ev, const struct grub_cmd *c, struct strv *argv,
		       const char *via)
{
	CLEANUP_FREE char *usual = NULL, *block = NULL;
	struct loading l = { ev, argv, 0 };
	const char *name = env_options(argv, &l.first), *path, *outer = ev->path;
	struct grub_var *prefix = grub_var_get(ev, "prefix");
	size_t len = 0;
	int err;

	(void)c;
	(void)via;
	usual = str_format("%s/grubenv", prefix && prefix->value ? prefix->value : "");
	if (!usual)
		return -ENOMEM;
	path = grub_file_path(ev, name ? name : usual);
	if (!path)
		return grub_give_up(ev, "load_env: %s", ev->cause);
	err = ev->files->read(ev->files->data, path, &block, &len);
	ev->status = GRUB_FALSE;
	if (err == -ENOMEM || err == -ENOENT)
		return err == -ENOENT ? 0 : err;
	if (err < 0)
		return grub_give_up(ev, "load_env: %s cannot be read: %s", path,
				    strerror(-err));
	ev->path = path;
	err = grubenv_each(block, len, load_one, &l);
	ev->path = outer;
	if (err != -EINVAL)
		ev->status = GRUB_TRUE;
	return err == -EINVAL ? 0 : err;
}

static int do_save_env(struct grub_eval *ev, const struct grub_cmd *c, struct strv *argv,
		       const char *via)
{
	size_t i;
	int err = do_nothing(ev, c, argv, via);

	env_options(argv, &i);
	for (; !err && i < argv->n; i++)
		err = strv_add(&ev->saved, argv->v[i]);
	return err;
}

/* Files. */

static int do_source(struct grub_eval *ev, const struct grub_cmd *c, struct strv *argv,
		     const char *via)
{
	CLEANUP_FREE char *text = NULL;
	const char *path = argv->n > 1 ? grub_file_path(ev, argv->v[1]) : "";
	size_t len = 0;
	int err;

	(void)c;
	(void)via;
	if (!path)
		return grub_give_up(ev, "source: %s", ev->cause);
	if (ev->entry && !ev->entry->submenu)
		return grub_give_up(ev, "source %s: not followed inside an entry", path);
	ev->status = GRUB_FALSE;
	err = ev->files->read(ev->files->data, path, &text, &len);
	if (err == -ENOMEM || err == -ENOENT)
		return err == -ENOENT ? 0 : err;
	if (err < 0)
		return grub_give_up(ev, "source: %s cannot be read: %s", path,
				    strerror(-err));
	return grub_run_text(ev, path, text, len);
}

static int do_eval(struct grub_eval *ev, const struct grub_cmd *c, struct strv *argv,
		   const char *via)
{
	CLEANUP(cleanup_str) struct str text = STR_INIT;
	size_t i;

	(void)c;
	(void)via;
	for (i = 1; i < argv->n; i++)
		str_addf(&text, "%s%s", i > 1 ? " " : "", argv->v[i]);
	if (text.oom)
		return -ENOMEM;
	if (grub_is_unknown(str_text(&text)))
		return grub_give_up(ev, "eval: %s", ev->cause);
	return grub_run_text(ev, ev->path, str_text(&text), text.len);
}

/* Leaving. */

static int leave(struct grub_eval *ev, enum grub_leave how)
{
	ev->leave = how;
	return 0;
}

static int do_break(struct grub_eval *ev, const struct grub_cmd *c, struct strv *argv,
		    const char *via)
{
	(void)c;
	(void)via;
	if (argv->n > 1)
		return grub_give_up(ev, "break with a number");
	return leave(ev, LEAVE_LOOP);
}

static int do_continue(struct grub_eval *ev, const struct grub_cmd *c, struct strv *argv,
		       const char *via)
{
	(void)c;
	(void)via;
	if (argv->n > 1)
		return grub_give_up(ev, "continue with a number");
	return leave(ev, LEAVE_REST_OF_LOOP);
}

static int do_return(struct grub_eval *ev, const struct grub_cmd *c, struct strv *argv,
		     const char *via)
{
	(void)c;
	(void)via;
	ev->status = argv->n < 2 || strcmp(argv->v[1], "0") == 0 ? GRUB_TRUE : GRUB_FALSE;
	if (argv->n > 1 && grub_is_unknown(argv->v[1]))
		ev->status = GRUB_MAYBE;
	return leave(ev, LEAVE_FUNCTION);
}

static int do_test(struct grub_eval *ev, const struct grub_cmd *c, struct strv *argv,
		   const char *via)
{
	size_t n = argv->n - 1;

	(void)c;
	(void)via;
	if (n && strcmp(argv->v[n], "]") == 0) /* GRUB does not miss it */
		n--;
	return grub_test(ev, argv->v + 1, n);
}

/* The menu. */

static int take_params(struct grub_entry *entry, const struct strv *words)
{
	size_t i;
	int err = strv_add(&entry->params, "menuentry");

	for (i = 0; !err && i < words->n; i++)
		err = strv_add(&entry->params, words->v[i]);
	return err;
}

/* The option at argv[*I], an entry's; moves *I over its value. 1: not known. */
static int entry_option(struct strv *argv, size_t *i, const char **id)
{
	static const char *const with_value[] = { "--id", "--class", "--users",
						  "--hotkey", "--source" };
	const char *arg = argv->v[*i], *value = arg + strcspn(arg, "=");
	size_t k, n = (size_t)(value - arg);

	if (strcmp(arg, "--unrestricted") == 0)
		return 0;
	for (k = 0; k < ARRAY_SIZE(with_value); k++)
		if (strlen(with_value[k]) == n && strncmp(arg, with_value[k], n) == 0)
			break;
	if (k == ARRAY_SIZE(with_value) || (!*value && *i + 1 == argv->n))
		return 1;
	value = *value ? value + 1 : argv->v[++*i];
	if (k == 0)
		*id = value;
	return 0;
}

static int do_menuentry(struct grub_eval *ev, const struct grub_cmd *c, struct strv *argv,
			const char *via)
{
	CLEANUP(cleanup_strv) struct strv words = { NULL, 0 };
	const char *id = NULL;
	struct grub_entry *entry;
	size_t i;
	int err = 0;

	(void)via;
	for (i = 1; !err && i < argv->n; i++) {
		if (!str_has_prefix(argv->v[i], "--"))
			err = strv_add(&words, argv->v[i]);
		else if (entry_option(argv, &i, &id) > 0)
			return grub_give_up(
				ev, "%s: an option of menuentry that is not known",
				argv->v[i]);
	}
	if (err < 0)
		return err;
	if (!words.n || !c->has_block)
		return grub_give_up(ev, "%s without a title or its { }", argv->v[0]);
	if (ev->entry && !ev->entry->submenu)
		return grub_give_up(ev, "an entry inside an entry");
	ev->status = GRUB_TRUE;
	err = grub_add_entry(ev, words.v[0], id ? id : words.v[0],
			     strcmp(argv->v[0], "submenu") == 0, &entry);
	if (err < 0)
		return err;
	entry->body = c->body;
	entry->body_path = ev->path;
	return take_params(entry, &words);
}

static int join(struct strv *argv, size_t from, char **out)
{
	struct str s = STR_INIT;
	size_t i;

	for (i = from; i < argv->n; i++)
		str_addf(&s, "%s%s", i > from ? " " : "", argv->v[i]);
	free(*out);
	*out = str_take(&s);
	return *out ? 0 : -ENOMEM;
}

static int do_linux(struct grub_eval *ev, const struct grub_cmd *c, struct strv *argv,
		    const char *via)
{
	struct grub_entry *entry = ev->entry;
	int err = 0;

	(void)c;
	(void)via;
	ev->status = GRUB_TRUE; /* whether the file is there is looked at elsewhere */
	if (!entry || entry->submenu)
		return 0;
	if (argv->n < 2 || !grub_file_path(ev, argv->v[1]))
		return grub_give_up(ev, "%s: no file is named", argv->v[0]);
	if (ev->condition && (!entry->kernel || strcmp(entry->kernel, argv->v[1]) != 0))
		err = grub_give_up(ev, "which kernel is loaded is unknown: %s",
				   ev->condition);
	free(entry->kernel);
	entry->kernel = strdup(argv->v[1]);
	if (!entry->kernel)
		return -ENOMEM;
	return err ? err : join(argv, 2, &entry->args);
}

static int do_initrd(struct grub_eval *ev, const struct grub_cmd *c, struct strv *argv,
		     const char *via)
{
	struct grub_entry *entry = ev->entry;
	struct strv files = { NULL, 0 };
	bool same;
	size_t i;
	int err = 0;

	(void)c;
	(void)via;
	ev->status = GRUB_TRUE;
	if (!entry || entry->submenu)
		return 0;
	for (i = 1; !err && i < argv->n; i++)
		if (!str_has_prefix(argv->v[i], "newc:"))
			err = strv_add(&files, argv->v[i]);
	same = files.n == entry->initrds.n;
	for (i = 0; same && i < files.n; i++)
		same = strcmp(files.v[i], entry->initrds.v[i]) == 0;
	if (!err && ev->condition && !same)
		err = grub_give_up(ev, "which initramfs is loaded is unknown: %s",
				   ev->condition);
	strv_clear(&entry->initrds);
	entry->initrds = files;
	return err;
}

static int do_blscfg(struct grub_eval *ev, const struct grub_cmd *c, struct strv *argv,
		     const char *via)
{
	(void)c;
	(void)via;
	return grub_blscfg(ev, argv);
}

/* From the list of commands in GRUB's manual, and those that EL8's GRUB adds. */
static const struct command {
	run_fn *run;
	const char *names; /* each between blanks */
} commands[] = {
	{ do_test, " [ test " },
	{ do_true, " true : echo " },
	{ do_false, " false " },
	{ do_set, " set " },
	{ do_unset, " unset " },
	{ do_export, " export " },
	{ do_menuentry, " menuentry submenu " },
	{ do_load_env, " load_env " },
	{ do_save_env, " save_env " },
	{ do_source, " source . " },
	{ do_eval, " eval " },
	{ do_break, " break " },
	{ do_continue, " continue " },
	{ do_return, " return " },
	{ do_blscfg, " blscfg " },
	{ do_linux, " linux linux16 linuxefi " },
	{ do_initrd, " initrd initrd16 initrdefi " },
	/* Find things out and put them into variables. */
	{ do_find, " search search.file search.fs_label search.fs_uuid"
		   " search.part_uuid probe regexp smbios getenv read increment"
		   " decrement rdmsr setpci read_byte read_word read_dword inb inw"
		   " inl net_get_dhcp_option " },
	/* Boot something else. */
	{ do_foreign, " chainloader multiboot multiboot2 xen_hypervisor ntldr freedos"
		      " kfreebsd knetbsd kopenbsd pxechainloader plan9 truecrypt"
		      " appleloader xnu_kernel xnu_kernel64 linux32 " },
	/* End the menu, or make another. */
	{ do_leave, " configfile normal normal_exit exit boot reboot halt"
		    " legacy_configfile legacy_source extract_entries_configfile"
		    " extract_entries_source extract_legacy_entries_configfile"
		    " extract_legacy_entries_source"
		    " extract_syslinux_entries_configfile"
		    " extract_syslinux_entries_source syslinux_configfile"
		    " syslinux_source " },
	{ do_fwsetup, " fwsetup " },
	/* Nothing that the menu depends on. */
	{ do_nothing, " insmod rmmod sleep clear serial terminal terminal_input"
		      " terminal_output terminfo loadfont lsfonts background_image"
		      " background_color play keymap gettext videoinfo vbeinfo"
		      " password password_pbkdf2 authenticate badram cutmem cpuid cmp"
		      " cat ls date hexdump hashsum md5sum sha256sum sha512sum crc"
		      " loopback cryptomount nativedisk keystatus sendkey acpi"
		      " drivemap parttool gptsync devicetree fdt pcidump lspci lsmmap"
		      " lsmod list_env trust distrust verify_detached lsefi"
		      " efitextmode module module2 xen_module wrmsr net_bootp net_dhcp"
		      " net_add_addr net_add_route net_add_dns tpm help mmap usb"
		      " cbmemc at_keyboard usb_keyboard " },
};

int grub_command(struct grub_eval *ev, const struct grub_cmd *c, struct strv *argv,
		 const char *via)
{
	CLEANUP_FREE char *name = str_format(" %s ", argv->v[0]);
	size_t i;

	if (!name)
		return -ENOMEM;
	if (strchr(argv->v[0], ' '))
		return 1;
	for (i = 0; i < ARRAY_SIZE(commands); i++)
		if (strstr(commands[i].names, name))
			return commands[i].run(ev, c, argv, via);
	return 1;
}

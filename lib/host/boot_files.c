#include "host/boot_files.h"

#include "base/cleanup.h"
#include "host/facts.h"
#include "host/host.h"
#include "os/root.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MAX_FILE (1024 * 1024)
#define ESP "/boot/efi/EFI"

static void file_clear(struct boot_file *f)
{
	free(f->path);
	free(f->data);
	*f = (struct boot_file){ NULL, NULL, 0, 0 };
}

void host_boot_clear(struct host_boot *b)
{
	file_clear(&b->cfg);
	file_clear(&b->env);
	file_clear(&b->custom);
	file_clear(&b->defaults);
	file_clear(&b->sysconfig);
	file_clear(&b->fallback);
	strv_clear(&b->cfg_others);
}

/* Only -ENOMEM is a failure here; all else is kept in F. */
static int file_read(const struct root *r, const char *path, struct boot_file *f)
{
	file_clear(f);
	f->path = strdup(path);
	if (!f->path)
		return -ENOMEM;
	f->error = root_read(r, path, MAX_FILE, &f->data, &f->len);
	return f->error == -ENOMEM ? -ENOMEM : 0;
}

/* A file beside grub.cfg. */
static int read_beside(const struct root *r, const char *cfg, const char *name,
		       struct boot_file *f)
{
	CLEANUP_FREE char *path =
		str_format("%.*s/%s", (int)(strrchr(cfg, '/') - cfg), cfg, name);

	return path ? file_read(r, path, f) : -ENOMEM;
}

/* EL9 and Debian put a grub.cfg on the EFI system partition that only names the real one
 * in /boot. */
static bool is_stub(const struct boot_file *f)
{
	return f->data && strstr(f->data, "configfile") &&
	       !strstr(f->data, "menuentry") && !strstr(f->data, "blscfg");
}

static void keep(struct boot_file *into, struct boot_file *f)
{
	file_clear(into);
	*into = *f;
	*f = (struct boot_file){ NULL, NULL, 0, 0 };
}

/* The first grub.cfg on the EFI system partition that is no stub. Where the partition
 * cannot be looked into, OUT says so. */
static int find_on_esp(const struct root *r, struct boot_file *out, struct strv *others)
{
	CLEANUP(cleanup_strv) struct strv names = { NULL, 0 };
	struct boot_file f = { NULL, NULL, 0, 0 };
	int err = root_list(r, ESP, &names);
	size_t i;

	if (err == -ENOMEM)
		return err;
	if (err < 0) {
		out->error = err;
		out->path = strdup(ESP);
		return out->path ? 0 : -ENOMEM;
	}
	for (i = 0; i < names.n; i++) {
		CLEANUP_FREE char *path = str_format(ESP "/%s/grub.cfg", names.v[i]);

		err = path ? file_read(r, path, &f) : -ENOMEM;
		if (err < 0)
			break;
		if (f.error == -ENOENT || f.error == -ENOTDIR || is_stub(&f))
			continue;
		if (!out->path)
			keep(out, &f);
		else
			err = strv_add(others, path);
	}
	file_clear(&f);
	return err;
}

static int find_in_boot(const struct root *r, struct boot_file *out, struct strv *others)
{
	static const char *const places[] = { "/boot/grub2/grub.cfg",
					      "/boot/grub/grub.cfg" };
	struct boot_file f = { NULL, NULL, 0, 0 };
	size_t i;
	int err = 0;

	for (i = 0; !err && i < ARRAY_SIZE(places); i++) {
		err = file_read(r, places[i], &f);
		if (err < 0 || f.error == -ENOENT)
			continue;
		if (!out->path)
			keep(out, &f);
		else
			err = strv_add(others, places[i]);
	}
	if (!err && !out->path)
		keep(out, &f);
	file_clear(&f);
	return err;
}

static bool is_link(const struct root *r, const char *path)
{
	struct stat st;

	return root_lstat(r, path, &st) == 0 && S_ISLNK(st.st_mode);
}

/* How it is started. Offline: EL's packages link grubenv to the EFI system partition when
 * that is what is used; else the modules GRUB was installed with tell. */
static enum host_firmware firmware(const struct root *r)
{
	bool bios, efi;

	if (root_is_live(r))
		return root_exists(r, "/sys/firmware/efi") ? FIRMWARE_EFI : FIRMWARE_BIOS;
	if (is_link(r, "/boot/grub2/grubenv"))
		return FIRMWARE_EFI;
	bios = root_exists(r, "/boot/grub2/i386-pc") ||
	       root_exists(r, "/boot/grub/i386-pc");
	efi = root_exists(r, "/boot/grub2/x86_64-efi") ||
	      root_exists(r, "/boot/grub/x86_64-efi");
	if (bios == efi)
		return FIRMWARE_UNKNOWN;
	return bios ? FIRMWARE_BIOS : FIRMWARE_EFI;
}

static bool was_found(const struct boot_file *f)
{
	return f->path && f->error != -ENOENT && f->error != -ENOTDIR;
}

static int find_cfg(const struct root *r, struct host_boot *b)
{
	struct boot_file esp = { NULL, NULL, 0, 0 }, boot = { NULL, NULL, 0, 0 };
	struct boot_file *use = &boot, *other = &esp;
	int err = find_on_esp(r, &esp, &b->cfg_others);

	if (!err)
		err = find_in_boot(r, &boot, &b->cfg_others);
	b->firmware = firmware(r);
	if (was_found(&esp) &&
	    (!was_found(&boot) || (esp.data && b->firmware == FIRMWARE_EFI))) {
		use = &esp;
		other = &boot;
	}
	if (!err && use->path)
		keep(&b->cfg, use);
	if (!err && other->data)
		err = strv_add(&b->cfg_others, other->path);
	file_clear(&esp);
	file_clear(&boot);
	return err;
}

int host_read_boot(struct host *h, struct err *e)
{
	struct host_boot *b = &h->boot;
	int err = find_cfg(h->root, b);

	if (!err && b->cfg.data) {
		err = read_beside(h->root, b->cfg.path, "grubenv", &b->env);
		if (!err)
			err = read_beside(h->root, b->cfg.path, "custom.cfg", &b->custom);
	}
	if (!err)
		err = file_read(h->root, "/etc/default/grub", &b->defaults);
	if (!err)
		err = file_read(h->root, "/etc/sysconfig/kernel", &b->sysconfig);
	if (!err)
		err = file_read(h->root, BOOT_FALLBACK_FILE, &b->fallback);
	return err < 0 ? err_set(e, err, "out of memory") : 0;
}

int host_boot_read(const struct host *h, const char *path, char **out, size_t *len)
{
	return root_read(h->root, path, MAX_FILE, out, len);
}

int host_boot_look(const struct host *h, const char *path)
{
	struct stat st;
	int err = root_stat(h->root, path, &st);

	if (err < 0)
		return err;
	if (S_ISREG(st.st_mode))
		return st.st_size > 0 ? LOOK_FILE : LOOK_EMPTY;
	return S_ISDIR(st.st_mode) ? LOOK_FOLDER : LOOK_OTHER;
}

int64_t host_boot_size(const struct host *h, const char *path)
{
	struct stat st;
	int err = root_stat(h->root, path, &st);

	return err < 0 ? err : st.st_size;
}

int host_boot_head(const struct host *h, const char *path, void *buf, size_t size)
{
	return root_read_head(h->root, path, buf, size);
}

int64_t host_boot_free(const struct host *h)
{
	uint64_t bytes;
	int err;

	if (h->recorded)
		return facts_i64(h, "boot", "free_bytes", -ENODATA);
	err = root_free_space(h->root, "/boot", &bytes);
	return err < 0 ? err : bytes > INT64_MAX ? INT64_MAX : (int64_t)bytes;
}

int host_boot_list(const struct host *h, const char *path, struct strv *names)
{
	return root_list(h->root, path, names);
}

#include "host/files.h"

#include "base/cleanup.h"
#include "base/str.h"
#include "host/host.h"
#include "os/root.h"

#include <errno.h>
#include <string.h>

#define MAX_FILE (1024 * 1024)

int host_file(const struct host *h, const char *path, char **out, size_t *len,
	      struct err *e)
{
	int err = root_read(h->root, path, MAX_FILE, out, len);

	return err < 0 && err != -ENOENT
		       ? err_set(e, err, "%s%s: cannot read: %s", root_prefix(h->root),
				 path, strerror(-err))
		       : err;
}

/* systemd.unit(5); /run is the running system's. */
static const char *const folders[] = {
	"/etc/systemd/system",	   "/run/systemd/system",
	"/run/systemd/generator",  "/usr/local/lib/systemd/system",
	"/usr/lib/systemd/system", "/lib/systemd/system",
};

static bool has(const struct host *h, const char *folder, const char *name)
{
	CLEANUP_FREE char *path = str_format("%s/%s", folder, name);

	return path && root_exists(h->root, path);
}

const char *host_unit_folder(const struct host *h, const char *unit)
{
	const char *at = strchr(unit, '@'), *dot = strrchr(unit, '.');
	CLEANUP_FREE char *template = NULL;
	size_t i;

	if (at && dot > at)
		template = str_format("%.*s%s", (int)(at + 1 - unit), unit, dot);
	for (i = 0; i < ARRAY_SIZE(folders); i++) {
		if (!root_is_live(h->root) && str_has_prefix(folders[i], "/run/"))
			continue;
		if (has(h, folders[i], unit) ||
		    (template && has(h, folders[i], template)))
			return folders[i];
	}
	return NULL;
}

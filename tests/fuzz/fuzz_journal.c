/* A journal of any bytes: read or refused, and a refusal names its folder. The input is
 * plan.json and, behind the word STATE, the state. */
#include "fuzz.h"

#include "base/cleanup.h"
#include "change/proofs.h"
#include "change/state.h"
#include "change/undo.h"
#include "os/root.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define SPLIT "STATE"
#define HEAD                                                                             \
	"{\"schema\": \"uringprep.transaction/1\", \"kind\": \"profile\", \"title\": "   \
	"\"apply x\", \"subject\": \"x\", \"created\": \"2026-11-24T02:08:28Z\", "       \
	"\"live\": false, \"steps\": ["

const char *const fuzz_seeds[] = {
	HEAD "{\"type\": \"file\", \"target\": \"/etc/x\", \"mode\": 420, \"before\": "
	     "null, \"after\": \"0.after\"}]}" SPLIT "applied        \n",
	HEAD "{\"type\": \"sysctl\", \"target\": \"vm.swappiness\", \"mode\": 0, "
	     "\"before\": \"60\", \"after\": \"10\"}]}" SPLIT
	     "applied         2026-11-24T02:08:28Z\n",
	HEAD "{\"type\": \"grubenv\", \"target\": \"/boot/grub/grubenv\", \"before\": "
	     "\"saved_entry=1\", \"after\": \"saved_entry\"}]}" SPLIT
	     "conflict        2026-11-24T02:08:28Z\n",
	HEAD "{\"type\": \"block\", \"target\": \"/boot/grub/custom.cfg\", \"before\": "
	     "\"a\\n\", \"after\": null}]}" SPLIT "reverting      \n",
	"{\"schema\": \"uringprep.transaction/2\"}" SPLIT "applying       \n",
	"{\"schema\": \"uringprep.proof/1\", \"kind\": \"x\", \"created\": \"t\", "
	"\"result\": \"no\", \"text\": \"none\", \"fingerprint\": {\"kernel\": "
	"\"6\", \"x\": null, \"y\": [1]}}",
	"",
	NULL,
};

static char top[] = "/tmp/uringprep-fuzz-journal.XXXXXX";
static const char *const folders[] = { "/var",
				       "/var/lib",
				       "/var/lib/uringprep",
				       "/var/lib/uringprep/txn",
				       "/var/lib/uringprep/proofs",
				       "/var/lib/uringprep/txn/0001" };
static const char *const files[] = { "/var/lib/uringprep/txn/0001/plan.json",
				     "/var/lib/uringprep/txn/0001/state",
				     "/var/lib/uringprep/txn/0001/0.after",
				     "/var/lib/uringprep/proofs/x.json" };

static const char *under(const char *path)
{
	static char full[256];

	snprintf(full, sizeof(full), "%s%s", top, path);
	return full;
}

static void sweep(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(files); i++)
		unlink(under(files[i]));
	for (i = ARRAY_SIZE(folders); i-- > 0;)
		rmdir(under(folders[i]));
	rmdir(top);
}

static void write_at(const char *path, const char *data, size_t len)
{
	int fd = open(under(path), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || write(fd, data, len) != (ssize_t)len)
		_exit(2);
	close(fd);
}

static struct root *tree(void)
{
	static struct root *r;
	struct err e;
	size_t i;

	if (r)
		return r;
	if (!mkdtemp(top) || root_open(&r, top, false, &e) < 0)
		_exit(2);
	for (i = 0; i < ARRAY_SIZE(folders); i++)
		mkdir(under(folders[i]), 0700);
	write_at(files[2], "vm.swappiness = 10\n", 19);
	atexit(sweep);
	return r;
}

static const char *read_journal(const struct root *r)
{
	struct err e = { "" };
	struct txn_log log;
	struct undo undo;

	if (state_read(r, &log, &e) < 0)
		return strstr(e.msg, "txn/0001") ? NULL : "the folder is not named";
	/* What was read must be fit to be looked at. */
	if (undo_foresee(r, &log, NULL, TXN_LEAVE, &undo) == 0)
		undo_clear(&undo);
	state_clear(&log);
	return NULL;
}

const char *fuzz_one(const char *data, size_t len)
{
	struct root *r = tree();
	const char *split = memmem(data, len, SPLIT, strlen(SPLIT));
	size_t n = split ? (size_t)(split - data) : len;
	const char *state = split ? split + strlen(SPLIT) : "applied        \n";
	struct err e = { "" };
	struct proofs proofs;

	write_at(files[0], data, n);
	write_at(files[1], state, split ? len - n - strlen(SPLIT) : strlen(state));
	write_at(files[3], data, n);
	if (proofs_read(r, &proofs, &e) < 0)
		return "a bad proof is an error of all";
	proofs_clear(&proofs);
	return read_journal(r);
}

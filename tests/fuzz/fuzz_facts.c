#include "fuzz.h"

#include "host/facts.h"
#include "host/host.h"
#include "host/record.h"
#include "os/root.h"

#include <stdlib.h>
#include <string.h>

const char *const fuzz_seeds[] = {
	"{\"schema\": \"uringprep.facts/1\", \"kernel\": {\"release\": \"6.18.0\", "
	"\"cmdline\": \"ro\", \"config_path\": \"/proc/config.gz\", "
	"\"config_io_uring\": \"on\"}, \"limits\": {\"lock_exempt\": false, "
	"\"memlock_soft\": 8388608, \"memlock_hard\": -1, \"nofile_soft\": 1024, "
	"\"nofile_hard\": 4096, \"rings_charged\": true, \"ring_header_bytes\": 64}}",
	"{\"schema\": \"uringprep.facts/1\", \"uring\": {\"setup_null\": -14, "
	"\"opcodes\": "
	"{\"have\": \"1ff\", \"asked\": \"ffff\", \"source\": 2, \"error\": 0}}}",
	"{\"schema\": \"uringprep.facts/1\", \"scope\": {\"kind\": \"container\", "
	"\"engine\": \"podman\"}, \"subject\": {\"kind\": \"unit\", \"name\": \"a\", "
	"\"filter\": \"closed\", \"same_network\": false, \"rings\": 1}}",
	"{\"schema\": \"uringprep.facts/1\", \"sysctl\": {\"vm.swappiness\": \"60\", "
	"\"fs.aio-max-nr\": -13}, \"sysctl_write\": {\"vm.swappiness\": -30}, "
	"\"use\": {\"aio_nr\": 0, \"swap_devices\": null}}",
	"{\"schema\": \"uringprep.facts/1\"}",
	"[]",
	NULL,
};

/* A folder without /etc, /boot or /proc: what is read is the recording alone. */
static const struct root *root(void)
{
	static struct root *r;

	if (!r && root_open(&r, "tests/lint", false, NULL) < 0)
		root_open(&r, ".", false, NULL);
	return r;
}

/* What was read, recorded: reading that must give the same. */
static const char *again(const char *first)
{
	struct host *h = NULL;
	char *second = NULL;
	const char *wrong = NULL;

	if (host_new(&h, root(), NULL) < 0)
		return NULL;
	if (host_record(h, "fuzz", first, NULL) < 0)
		wrong = "our own recording is refused";
	else if (host_need(h, HOST_RECORDABLE, NULL) == 0 &&
		 host_recording(h, &second, NULL) == 0 && strcmp(first, second) != 0)
		wrong = "a recording of a recording is another one";
	free(second);
	host_free(h);
	return wrong;
}

const char *fuzz_one(const char *data, size_t len)
{
	struct err e = { "" };
	struct host *h = NULL;
	const char *wrong = NULL;
	char *text = NULL;

	(void)len;
	if (host_new(&h, root(), NULL) < 0)
		return NULL;
	if (host_record(h, "fuzz", data, &e) < 0)
		wrong = e.msg[0] ? NULL : "refused without a reason";
	else if (host_need(h, HOST_RECORDABLE, &e) == 0 &&
		 host_recording(h, &text, &e) == 0)
		wrong = again(text);
	free(text);
	host_free(h);
	return wrong;
}

#include "fuzz.h"

#include "job/compare.h"

#include <stdlib.h>
#include <string.h>

/* Files parted by a form feed, which no JSON has. */
const char *const fuzz_seeds[] = {
	"{\"schema\": \"uringprep.check/1\", \"tool\": \"1\", \"ready\": true,\n"
	"\"findings\": [{\"id\": \"a.b\", \"status\": \"PASS\"}, {\"id\": \"c\"}]}\f"
	"{\"schema\": \"uringprep.check/1\", \"ready\": false,\n"
	"\"findings\": [{\"id\": \"a.b\", \"status\": \"FAIL\"}, {\"id\": \"c\"}]}",
	"{\"schema\": \"uringprep.probe/1\", \"uring\": {\"level\": \"full\",\n"
	"\"gates\": [{\"name\": \"seccomp\", \"state\": \"open\"}], \"x\": [1, [2], "
	"{}]}}\f"
	"{\"schema\": \"uringprep.facts/1\", \"uring\": {\"opcodes\": {\"have\": "
	"\"1f\",\n"
	"\"asked\": \"ff\"}, \"level\": null}}",
	"{\"schema\": \"uringprep.facts/1\", \"limits\": {\"memlock_soft\": 1}}\f"
	"{\"schema\": \"uringprep.facts/1\", \"limits\": {\"memlock_soft\": 2}}\f"
	"{\"schema\": \"uringprep.facts/1\", \"limits\": {\"nofile_soft\": 1e3}}",
	NULL,
};

static void add_all(struct compare *c, const char *data, size_t len)
{
	const char *end = data + len;
	struct err e;

	while (data < end) {
		const char *stop = memchr(data, '\f', (size_t)(end - data));
		size_t n = (size_t)((stop ? stop : end) - data);

		compare_add(c, "f", data, n, &e);
		data += n + 1;
	}
}

/* What groups come out, and what is said of each. */
static const char *judge(const struct compare *c)
{
	size_t groups = compare_groups(c), i, n = 0, last = 0;
	const char *wrong = groups ? NULL : "no group";

	for (i = 0; i < groups && !wrong; i++) {
		size_t size = compare_group_size(c, i);
		struct compare_diff *d = NULL;

		if (!size || (i && size > last))
			wrong = "groups are not in the order of size";
		last = size;
		if (compare_diff(c, 0, i, &d, &n) < 0 || (n > 0) != (i > 0))
			wrong = "groups differ in nothing, or one from itself";
		free(d);
		d = NULL;
		if (i && (compare_describe(c, i, 32, &d, &n) < 0 || !n))
			wrong = "nothing tells a group from the norm";
		free(d);
	}
	return wrong;
}

const char *fuzz_one(const char *data, size_t len)
{
	const char *wrong = NULL;
	struct compare *c = NULL;
	struct err e;

	if (compare_new(&c, len & 1) < 0)
		return NULL;
	add_all(c, data, len);
	if (compare_run(c, &e) == 0)
		wrong = judge(c);
	compare_free(c);
	return wrong;
}

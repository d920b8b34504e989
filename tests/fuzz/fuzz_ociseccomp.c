#include "fuzz.h"

#include "parse/ociseccomp.h"

#include <string.h>

const char *const fuzz_seeds[] = {
	"{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"defaultErrnoRet\": 38,\n"
	"\"archMap\": [{\"architecture\": \"SCMP_ARCH_X86_64\"}],\n"
	"\"syscalls\": [\n"
	"{\"names\": [\"read\", \"io_uring_setup\"], \"args\": [],\n"
	" \"action\": \"SCMP_ACT_ALLOW\", \"includes\": {\"caps\": []}},\n"
	"{\"names\": [\"io_uring_setup\", \"nice\", \"io_uring_enter\"],\n"
	" \"action\": \"SCMP_ACT_ERRNO\", \"errnoRet\": 1}\n]}\n",
	"{\"syscalls\": [\n"
	"{\"name\": \"io_uring_enter\", \"action\": \"SCMP_ACT_KILL\"},\n"
	"{\"names\": [\"io_uring_register\"], \"action\": \"SCMP_ACT_TRAP\"}],\n"
	"\"defaultAction\": \"SCMP_ACT_LOG\"}",
	"{\"defaultAction\": \"SCMP_ACT_KILL\", \"syscalls\": [\n"
	"{\"names\": [\"\\u0069o_uring_setup\"], \"action\": \"SCMP_ACT_ALLOW\",\n"
	" \"excludes\": {\"minKernel\": \"4.8\"}}]}",
	"{\"defaultAction\": \"SCMP_ACT_ERRNO\"}",
	"{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": null}",
	NULL,
};

/* What was written asks for nothing more, and is not touched again. */
const char *fuzz_one(const char *data, size_t len)
{
	const char *wrong = NULL;
	struct ociseccomp once, twice;
	struct err e;

	if (ociseccomp_allow(&once, "p", data, len, &e) < 0)
		return NULL;
	if (ociseccomp_allow(&twice, "p", once.text, strlen(once.text), &e) < 0) {
		ociseccomp_clear(&once);
		return "its own text is refused";
	}
	if (twice.added.n || twice.n_edits || strcmp(once.text, twice.text) != 0)
		wrong = "a second run changes something";
	if (!once.added.n && !once.n_edits && strcmp(once.text, data) != 0)
		wrong = "changed without a word";
	ociseccomp_clear(&once);
	ociseccomp_clear(&twice);
	return wrong;
}

#include "fuzz.h"

#include "parse/ociseccomp.h"

#include <string.h>

#define RULE(names, action, more)                                                        \
	"{\"names\": [" names "], \"action\": \"" action "\"" more "}"

const char
	*const
		fuzz_seeds[] = {
			"{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"defaultErrnoRet\": "
			"38, \"archMap\": "
			"[{\"architecture\": \"SCMP_ARCH_X86_64\", \"subArchitectures\": "
			"[\"SCMP_ARCH_X86\"]}],\n\"syscalls\": [\n" RULE(
				"\"read\", \"io_uring_setup\"", "SCMP_ACT_ALLOW",
				", \"args\": [], \"comment\": \"\", \"includes\": "
				"{\"caps\": []}") ",\n" RULE("\"io_uring_setup\", "
							     "\"bdflush\", "
							     "\"io_uring_enter\"",
							     "SCMP_ACT_ERRNO",
							     ", \"errnoRet\": 1") "\n]}"
										  "\n",
			"{\"syscalls\": [{\"name\": \"io_uring_enter\", \"action\": "
			"\"SCMP_ACT_KILL\"}, " RULE(
				"\"io_uring_register\"", "SCMP_ACT_TRAP",
				"") "], \"defaultAction\": \"SCMP_ACT_LOG\"}",
			"{\"defaultAction\": \"SCMP_ACT_KILL\", \"syscalls\": [" RULE(
				"\"\\u0069o_uring_setup\"", "SCMP_ACT_ALLOW",
				", \"excludes\": {\"minKernel\": \"4.8\"}") "]}",
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

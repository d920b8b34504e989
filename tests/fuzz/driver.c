/* driver: feeds a fuzzer made-up input for a second, or as many as are asked for, in a
 * child process; a crash, a hang and a complaint are reported with the input kept in a
 * file. Prints TAP.
 *
 *   fuzz_X [SECONDS]     FUZZ_SEED=N repeats a run
 *   fuzz_X FILE          that one input
 */
#include "fuzz.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { ROOM = 64 * 1024, HANG_S = 10 };

/* Seen by both processes. */
struct shared {
	uint64_t runs;
	size_t len;
	char complaint[256];
	char data[ROOM + 1];
};

static uint64_t rng;

static uint64_t roll(uint64_t below)
{
	rng ^= rng << 13;
	rng ^= rng >> 7;
	rng ^= rng << 17;
	return below ? rng % below : 0;
}

static void cut(struct shared *s, size_t at, size_t n)
{
	memmove(s->data + at, s->data + at + n, s->len - at - n);
	s->len -= n;
}

static void insert(struct shared *s, size_t at, const char *bytes, size_t n)
{
	char copy[256];

	if (n > sizeof(copy))
		n = sizeof(copy);
	if (s->len + n > ROOM)
		return;
	memcpy(copy, bytes, n); /* it may come from the same buffer */
	memmove(s->data + at + n, s->data + at, s->len - at);
	memcpy(s->data + at, copy, n);
	s->len += n;
}

static void mutate(struct shared *s)
{
	static const char *const words[] = {
		"\n",	"\\", "'",  "\"",   "{",    "}",	  "=",
		"#",	"$",  "${", ">",    ">>",   "\t",	  " ",
		"-",	"..", "/",  "\r\n", "\377", "4294967296", "18446744073709551616",
		"-1",	";",  "[",  "]",    "%s",   "*",	  "0x",
		"\001",
	};
	const char *word = words[roll(sizeof(words) / sizeof(words[0]))];
	size_t at = roll(s->len + 1), n = roll(s->len - at + 1);

	switch (roll(7)) {
	case 0:
		if (at < s->len)
			s->data[at] = (char)(s->data[at] ^ (1 << roll(8)));
		break;
	case 1:
		if (at < s->len)
			s->data[at] = (char)roll(256);
		break;
	case 2:
		cut(s, at, n % 32 < n ? n % 32 : n);
		break;
	case 3:
		insert(s, at, s->data + roll(s->len - n + 1), n);
		break;
	case 4:
		if (roll(8) == 0)
			s->len = at;
		break;
	default:
		insert(s, at, word, strlen(word));
	}
}

static size_t count_seeds(void)
{
	size_t n = 0;

	while (fuzz_seeds[n])
		n++;
	return n;
}

/* The input at the very end of a page, an unreadable one behind it. */
static const char *guarded(char *end, const struct shared *s)
{
	char *start = end - s->len - 1;

	memcpy(start, s->data, s->len);
	start[s->len] = '\0';
	return start;
}

static char *guard(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), size = ROOM + 2 * page;
	char *area = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			  -1, 0);

	if (area == MAP_FAILED || mprotect(area + size - page, page, PROT_NONE) < 0)
		_exit(2);
	return area + size - page;
}

static void run_one(struct shared *s, char *end)
{
	const char *wrong = fuzz_one(guarded(end, s), s->len);

	if (wrong) {
		snprintf(s->complaint, sizeof(s->complaint), "%s", wrong);
		exit(1);
	}
	__atomic_add_fetch(&s->runs, 1, __ATOMIC_SEQ_CST);
}

/* exit, not _exit: a leak is looked for at the end. */
static void child(struct shared *s, double seconds)
{
	char *end = guard();
	size_t n = count_seeds(), i;
	struct timespec from, now;
	uint64_t round;

	clock_gettime(CLOCK_MONOTONIC, &from);
	if (seconds <= 0) {
		run_one(s, end);
		exit(0);
	}
	for (round = 0;; round++) {
		const char *seed = fuzz_seeds[round < n ? round : roll(n)];

		s->len = strlen(seed) < ROOM ? strlen(seed) : ROOM;
		memcpy(s->data, seed, s->len);
		for (i = round < n ? 0 : 1 + roll(12); i > 0; i--)
			mutate(s);
		run_one(s, end);
		clock_gettime(CLOCK_MONOTONIC, &now);
		if ((double)(now.tv_sec - from.tv_sec) +
			    (double)(now.tv_nsec - from.tv_nsec) / 1e9 >=
		    seconds)
			exit(0);
	}
}

/* Waits for the child; kills it when it makes no progress. The wait status. */
static int watch(const struct shared *s, pid_t pid)
{
	struct timespec tick = { 0, 20 * 1000 * 1000 };
	uint64_t last = 0, runs;
	int status, still = 0;

	while (waitpid(pid, &status, WNOHANG) == 0) {
		nanosleep(&tick, NULL);
		runs = __atomic_load_n(&s->runs, __ATOMIC_SEQ_CST);
		still = runs == last ? still + 1 : 0;
		last = runs;
		if (still > HANG_S * 50)
			kill(pid, SIGKILL);
	}
	return status;
}

static void keep(const struct shared *s, const char *name)
{
	char path[] = "/tmp/uringprep-fuzz.XXXXXX";
	int fd = mkstemp(path);

	if (fd < 0 || write(fd, s->data, s->len) != (ssize_t)s->len)
		path[0] = '\0';
	if (fd >= 0)
		close(fd);
	printf("# the input is in %s: repeat with %s %s\n", path, name, path);
}

static int load(struct shared *s, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, s->data, ROOM);

	if (fd >= 0)
		close(fd);
	s->len = n > 0 ? (size_t)n : 0;
	return n < 0 ? -1 : 0;
}

int main(int argc, char **argv)
{
	const char *arg = argc > 1 ? argv[1] : "1", *seed = getenv("FUZZ_SEED");
	bool is_file = !isdigit((unsigned char)arg[0]);
	struct shared *s = mmap(NULL, sizeof(*s), PROT_READ | PROT_WRITE,
				MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	uint64_t start = seed ? strtoull(seed, NULL, 10) : (uint64_t)time(NULL);
	pid_t pid;
	int status;

	if (s == MAP_FAILED || (is_file && load(s, arg) < 0)) {
		printf("Bail out! %s: %s\n", arg, strerror(errno));
		return 2;
	}
	rng = start * 2654435761u + 88172645463325252ull;
	printf("1..1\n");
	fflush(stdout);
	pid = fork();
	if (pid == 0)
		child(s, is_file ? 0 : strtod(arg, NULL));
	if (pid < 0)
		return 2;
	status = watch(s, pid);
	if (status == 0) {
		printf("ok 1 - %llu inputs, FUZZ_SEED=%llu\n",
		       (unsigned long long)s->runs, (unsigned long long)start);
		return 0;
	}
	printf("not ok 1 - FUZZ_SEED=%llu\n# after %llu inputs: ",
	       (unsigned long long)start, (unsigned long long)s->runs);
	if (s->complaint[0])
		printf("%s\n", s->complaint);
	else if (WIFSIGNALED(status))
		printf("%s%s\n", strsignal(WTERMSIG(status)),
		       WTERMSIG(status) == SIGKILL ? ": it hung" : "");
	else
		printf("exit code %d\n", WEXITSTATUS(status));
	keep(s, argv[0]);
	return 1;
}

/* serve: the echo server alone, to be measured or tried with other tools. */
#include "cmd.h"

#include "base/cleanup.h"
#include "echo/engine.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>

struct options {
	const char *engine;
	uint64_t port;
};

static const struct opt rows[] = {
	{ "engine", 0, OPT_TEXT, offsetof(struct options, engine), "NAME",
	  "uring (default), uring-basic or epoll", 0, 0, "uring|uring-basic|epoll" },
	{ "port", 'p', OPT_U64, offsetof(struct options, port), "N",
	  "port on 127.0.0.1 (default 0: any free one)", 0, 65535, NULL },
};

struct ready {
	struct ctx *ctx;
	char line[80];
};

/* Readable when SIGTERM or SIGINT has come. */
static int watch_signals(struct err *e)
{
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return err_set(e, -errno, "signals: cannot block: %s", strerror(errno));
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return fd < 0 ? err_set(e, -errno, "signalfd: %s", strerror(errno)) : fd;
}

static int listening(struct engine_run *server)
{
	struct ready *r = server->data;

	r->ctx->ui.ready(r->ctx->ui.data, r->line);
	return ferror(stdout) ? -EIO : 0;
}

static int run(struct ctx *c, const void *opts, int argc, char **argv)
{
	const struct options *o = opts;
	const struct engine *engine = engine_find(o->engine ? o->engine : "uring");
	CLEANUP_CLOSE int listen_fd = -1;
	CLEANUP_CLOSE int stop_fd = -1;
	uint16_t port = (uint16_t)o->port;
	struct engine_run server;
	struct ready ready = { c, "" };
	int r;

	(void)argc;
	(void)argv;
	r = engine->available(&c->err);
	if (r < 0)
		return r == -EPERM || r == -EOPNOTSUPP ? EXIT_NO : EXIT_FAILED;
	stop_fd = watch_signals(&c->err);
	if (stop_fd < 0)
		return stop_fd;
	listen_fd = engine_listen(&port, &c->err);
	if (listen_fd < 0)
		return listen_fd;
	memset(&server, 0, sizeof(server));
	server.listen_fd = listen_fd;
	server.stop_fd = stop_fd;
	server.ready = listening;
	server.data = &ready;
	snprintf(ready.line, sizeof(ready.line), "listening on 127.0.0.1:%u engine %s",
		 port, engine->name);
	r = engine->serve(&server, &c->err);
	if (ferror(stdout))
		return err_set(&c->err, EXIT_FAILED, "stdout: cannot write");
	return r == -EPERM ? EXIT_NO : r < 0 ? EXIT_FAILED : EXIT_YES;
}

const struct command cmd_serve = {
	.name = "serve",
	.operands = "",
	.summary = "run the echo server until SIGTERM",
	.help = "The first line on stdout says where it listens. Exits 1 where io_uring "
		"is "
		"denied,\n3 when the port is taken.\n\n"
		"  uringprep serve --engine uring --port 7777\n"
		"  strace -f -c uringprep serve --engine epoll\n",
	.options = rows,
	.n_options = ARRAY_SIZE(rows),
	.opts_size = sizeof(struct options),
	.no_host = true,
	.run = run,
};

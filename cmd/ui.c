/* The terminal's side of struct ui. */
#include "ui.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int confirm(void *data, const char *question)
{
	char line[16];

	(void)data;
	if (!isatty(STDIN_FILENO))
		return -ENOTTY;
	fprintf(stderr, "%s [y/N] ", question);
	fflush(stderr);
	if (!fgets(line, sizeof(line), stdin))
		return 0;
	return line[0] == 'y' || line[0] == 'Y';
}

static void progress(void *data, const char *line)
{
	(void)data;
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r\033[K%s", line);
}

static void ready(void *data, const char *text)
{
	(void)data;
	printf("%s\n", text);
	fflush(stdout);
}

void ui_init(struct ui *ui)
{
	*ui = (struct ui){ NULL, confirm, progress, ready };
}

void ui_end(void)
{
	if (isatty(STDERR_FILENO))
		fputs("\r\033[K", stderr);
}

#include "parse/kconfig.h"

#include "base/str.h"

#include <stdbool.h>
#include <string.h>

static bool begins(const char *line, size_t n, const char *with)
{
	size_t m = strlen(with);

	return n >= m && memcmp(line, with, m) == 0;
}

enum kconfig kconfig_get(const char *text, size_t len, const char *option)
{
	const char *cur = text, *line;
	bool is_config = false;
	size_t n, m = strlen(option);

	while ((line = str_line(&cur, text + len, &n))) {
		bool off = begins(line, n, "# CONFIG_");
		const char *name = off ? line + 2 : line;
		size_t rest = off ? n - 2 : n;

		if (!off && !begins(line, n, "CONFIG_"))
			continue;
		is_config = true;
		if (rest <= m || memcmp(name, option, m) != 0)
			continue;
		if (off && begins(name + m, rest - m, " is not set"))
			return KCONFIG_OFF;
		if (!off && (begins(name + m, rest - m, "=y") ||
			     begins(name + m, rest - m, "=m")))
			return KCONFIG_ON;
	}
	return is_config ? KCONFIG_ABSENT : KCONFIG_UNKNOWN;
}

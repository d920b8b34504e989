/* kconfig: one option of a kernel's configuration (/boot/config-*, /proc/config.gz). */
#ifndef PARSE_KCONFIG_H
#define PARSE_KCONFIG_H

#include <stddef.h>

enum kconfig {
	KCONFIG_UNKNOWN, /* the text is not a kernel configuration, or was not read */
	KCONFIG_ABSENT,	 /* not mentioned: this kernel does not know the option */
	KCONFIG_OFF,	 /* "# CONFIG_X is not set" */
	KCONFIG_ON,	 /* =y or =m */
};

/* OPTION with its CONFIG_. Text that sets no CONFIG_ option at all is KCONFIG_UNKNOWN. */
enum kconfig kconfig_get(const char *text, size_t len, const char *option);

#endif

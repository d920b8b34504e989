#include "fuzz.h"

#include "parse/kconfig.h"

const char *const fuzz_seeds[] = {
	"# Linux/x86 5.14.0 Kernel Configuration\nCONFIG_EXPERT=y\nCONFIG_IO_URING=y\n",
	"CONFIG_X=m\n# CONFIG_IO_URING is not set\n",
	"CONFIG_A=\"a b\"\nCONFIG_IO_URING=n\nCONFIG_IO_URING_ZCRX=y\n",
	"",
	NULL,
};

const char *fuzz_one(const char *data, size_t len)
{
	unsigned k = kconfig_get(data, len, "CONFIG_IO_URING");

	return k > KCONFIG_ON ? "no such answer" : NULL;
}

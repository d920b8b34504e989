/* fuzz: what a fuzzer of one parser consists of; driver.c is its main. */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <stddef.h>

/* Texts to begin with, ended by NULL. */
extern const char *const fuzz_seeds[];

/* Parse LEN bytes at DATA: a NUL follows them, and no readable memory after that. NULL, or
 * what is wrong (a round trip that does not end where it began). */
const char *fuzz_one(const char *data, size_t len);

#endif

/* release: a kernel's release (uname -r) in numbers, and whether they tell anything. */
#ifndef PARSE_RELEASE_H
#define PARSE_RELEASE_H

#include <stdbool.h>

struct release {
	unsigned major, minor, patch;
	/* The numbers are not mainline's or stable's: a distribution keeps them while it
	 * backports ("5.14.0-362.el9", Debian's "6.1.0-28-amd64"). */
	bool vendor;
	bool elrepo; /* mainline's, rebuilt for Enterprise Linux */
	unsigned el; /* 7 in ".el7."; 0: none */
};

/* False: TEXT is no release. */
bool release_parse(struct release *out, const char *text);
/* Debian's own release keeps .0; what it was built from stands in the version (uname -v):
 * "... Debian 6.1.119-1 (2024-11-22)". False: there is none in TEXT. */
bool release_of_debian(struct release *out, const char *text);
/* <0, 0, >0: A against MAJOR.MINOR.PATCH. */
int release_compare(const struct release *a, unsigned major, unsigned minor,
		    unsigned patch);

#endif

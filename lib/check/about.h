/* about: what the manual says of each check, inside the binary (packaging/embed-checks makes
 * it of man/uringprep-checks.7, so that it stands once). */
#ifndef CHECK_ABOUT_H
#define CHECK_ABOUT_H

struct check_about {
	const char *id;
	const char *text; /* a paragraph a line */
};

/* Ends in a row of NULLs. */
extern const struct check_about check_abouts[];

#endif

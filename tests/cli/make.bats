#!/usr/bin/env bats
# The Makefile: what is built anew after what was touched. Works on a copy, with two small
# sources, so that it takes a second.
load ../lib/common

setup_more()
{
	mkdir -p "$T/src/lib/base" "$T/src/cmd" "$T/src/profiles" "$T/src/lib/profile" \
		"$T/src/lib/check" "$T/src/man"
	cp -r "$SRC/Makefile" "$SRC/packaging" "$T/src"
	cp "$SRC/lib/profile/embedded.h" "$T/src/lib/profile"
	cp "$SRC/lib/check/about.h" "$T/src/lib/check"
	printf '.SH CHECKS\n.SS a.check\nWanted.\n' >"$T/src/man/uringprep-checks.7"
	cd "$T/src" || return
	unset MAKEFLAGS MFLAGS MAKELEVEL # of a make that runs this
	echo 'int one(void);' >lib/base/one.h
	printf '#include "base/one.h"\nint one(void) { return 1; }\n' >lib/base/one.c
	printf 'int two(void);\nint two(void) { return 2; }\n' >lib/base/two.c
	cat >cmd/main.c <<'END'
#include "base/one.h"
#include "profile/embedded.h"
#include <stdio.h>
int main(void)
{
	return embedded_profiles_n == 0 ? 0 : puts(embedded_profiles[0].text) < 0;
}
END
	build
}

# Runs make; the objects and programs made are in $made.
build()
{
	sleep 0.01 # file times have a grain
	made=$(make --no-print-directory V= "$@" | awk '{ print $2 }' | xargs -n1 basename -a | sort | xargs)
}

@test "a second make does nothing" {
	build
	[ -z "$made" ] || fail "made: $made"
}

@test "a touched header rebuilds what includes it and nothing else" {
	touch lib/base/one.h
	build
	[ "$made" = 'liburingprep.a main.o one.o uringprep' ] || fail "made: $made"
}

@test "a touched source rebuilds its object" {
	touch lib/base/two.c
	build
	[ "$made" = 'liburingprep.a two.o uringprep' ] || fail "made: $made"
}

@test "other flags rebuild everything, and so does the Makefile" {
	build CFLAGS=-O1
	[ "$made" = 'about.o embedded.o liburingprep.a main.o one.o two.o uringprep' ] || fail "made: $made"
	build CFLAGS=-O1
	[ -z "$made" ] || fail "made: $made"
	touch Makefile
	build CFLAGS=-O1
	[ "$made" = 'about.o embedded.o liburingprep.a main.o one.o two.o uringprep' ] || fail "made: $made"
}

@test "a source that is gone leaves the library" {
	rm lib/base/two.c
	build
	[ "$(ar t build/liburingprep.a | sort | xargs)" = 'about.o embedded.o one.o' ]
}

@test "a profile is embedded, quotes and backslashes kept" {
	printf '[main]\nsummary="a\\b"\t?\?=%%d\n' >profiles/zero.conf
	build
	has "$made" embedded.c
	build/uringprep >"$T/shown"
	[ "$(head -c -1 "$T/shown" | cksum)" = "$(cksum <profiles/zero.conf)" ]
}

@test "a profile without a newline at its end is refused" {
	printf '[main]' >profiles/zero.conf
	status=0
	make >"$T/out" 2>"$T/err" || status=$?
	expect 2
	has "$(cat "$T/err")" 'profiles/zero.conf: does not end in a newline'
}

@test "the manual's words on a check are embedded, escapes undone" {
	cat >man/uringprep-checks.7 <<'END'
.SH CHECKS
.SS a.check
Wanted.
.I /a/b\-c
is "q" (see
.BR x (2)
or
.BI \-\-y " ID,..."
and \e).
.br
To mend: \fBz\fP.
.SS b.check
.nf
one
 two
.fi
.SH MORE
none
END
	build
	has "$made" about.c
	printf '%s\n' '	{ "a.check",' \
		'	  "Wanted. /a/b-c is \"q\" (see x(2) or --y ID,... and \\).\n"' \
		'	  "To mend: z.\n"' '	},' '	{ "b.check",' '	  "one\n"' '	  " two\n"' '	},' \
		'	{ NULL, NULL },' '};' >"$T/want"
	tail -n 10 build/gen/about.c | diff "$T/want" -
}

@test "a request in the manual that cannot be embedded is refused" {
	printf '.EX\n' >>man/uringprep-checks.7
	status=0
	make >"$T/out" 2>"$T/err" || status=$?
	expect 2
	has "$(cat "$T/err")" 'man/uringprep-checks.7:4: .EX: a request'
	[ ! -e build/gen/about.c ] || fail 'half a file is left'
}

@test "BUILD= builds elsewhere" {
	build BUILD=other
	[ -x other/uringprep ]
}

@test "help lists the targets" {
	out=$(make help)
	for target in all run check check-vm check-all asan lint fuzz bench expected install \
		uninstall clean; do
		has "$out" "$target"
	done
}

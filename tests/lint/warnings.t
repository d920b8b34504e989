#!/bin/sh
# The program and all tests compile without a warning; in a folder of their own, for the
# build of the person at work may have other flags.
echo 1..1
out=${BUILD:=build}-lint
if said=$("${MAKE:-make}" --no-print-directory BUILD="$out" WERROR=1 tests 2>&1); then
	echo 'ok 1 - no warnings'
else
	echo 'not ok 1 - no warnings'
	printf '%s\n' "$said" | grep -v '^[a-z]* -Ilib' | sed 's/^/# /'
fi

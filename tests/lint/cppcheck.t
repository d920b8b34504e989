#!/bin/sh
# cppcheck, with each exception named here and why.
#   style: left to the formatter and to the compiler's own warnings.
#   memleak, resourceLeak: it does not know __attribute__((cleanup)); make asan does.
echo 1..1
if said=$(cppcheck -q --error-exitcode=1 --enable=warning,portability,performance \
	--std=c99 --inline-suppr --suppress=missingIncludeSystem --suppress=memleak --suppress=resourceLeak \
	-D_GNU_SOURCE \
	-DVERSION='"x"' -Ilib -I. --template='{file}:{line}: {id}: {message}' \
	-j2 lib cmd tests/fault 2>&1); then
	echo 'ok 1 - cppcheck'
else
	echo 'not ok 1 - cppcheck'
	printf '%s\n' "$said" | sed 's/^/# /'
fi

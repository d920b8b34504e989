#!/bin/bash
# Every shell script of the tree, bats files included.
mapfile -t files < <(find packaging tests .ci -type f ! -path 'tests/roots/*' \
	! -path 'tests/expected/*' | LC_ALL=C sort | while read -r file; do
	case $file in
	*.bats | *.bash) echo "$file" ;;
	*) if head -n 1 "$file" | grep -aqE '^#!.*\b(sh|bash|bats)\b'; then echo "$file"; fi ;;
	esac
done)
echo "1..${#files[@]}"
n=0
for file in "${files[@]}"; do
	n=$((n + 1))
	# SC1091: sourced files are checked by themselves. SC2016: a script in single quotes is
	# for another shell. In bats files also: SC2030 and
	# SC2031 (each test is a subshell), SC2034, SC2153 and SC2154 (what helpers read and set).
	exclude=SC1091,SC2016
	case $file in
	*.bats) exclude=SC1091,SC2016,SC2030,SC2031,SC2034,SC2153,SC2154 ;;
	*.bash) exclude=SC1091,SC2034 ;; # variables for those who load it
	esac
	if said=$(shellcheck -e "$exclude" "$file" 2>&1); then
		echo "ok $n - $file"
	else
		echo "not ok $n - $file"
		printf '%s\n' "$said" | sed 's/^/# /'
	fi
done

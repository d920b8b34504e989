#!/usr/bin/env bats
# make install and uninstall; the installed binary needs nothing of the source tree.
load ../lib/common

make_quietly()
{
	"${MAKE:-make}" --no-print-directory -C "$SRC" BUILD="$BUILD" "$@"
}

@test "install puts the binary and every man page under DESTDIR and PREFIX" {
	make_quietly install DESTDIR="$T/dest" PREFIX=/opt/u
	[ -x "$T/dest/opt/u/sbin/uringprep" ]
	for page in "$SRC"/man/*.[0-9]; do
		cmp "$page" "$T/dest/opt/u/share/man/man${page##*.}/${page##*/}"
	done
	[ "$(find "$T/dest" -type f | wc -l)" -eq $((1 + $(find "$SRC/man" -name '*.[0-9]' | wc -l))) ]
}

@test "the default prefix is /usr/local" {
	make_quietly install DESTDIR="$T/dest"
	[ -x "$T/dest/usr/local/sbin/uringprep" ]
}

@test "uninstall removes all of it" {
	make_quietly install DESTDIR="$T/dest"
	make_quietly uninstall DESTDIR="$T/dest"
	[ -z "$(find "$T/dest" ! -type d)" ]
}

@test "the installed binary alone knows the profiles" {
	make_quietly install DESTDIR="$T/dest"
	copy_root el7
	PROG=$T/dest/usr/local/sbin/uringprep
	cd "$T"
	up --root "$ROOT" apply server --dry-run
	expect 0
	has "$out" somaxconn
}

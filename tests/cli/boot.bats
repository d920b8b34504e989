#!/usr/bin/env bats
# boot list, default, fallback: on trees.
load ../lib/common

ENV=boot/grub2/grubenv
LT=5.4.278-1.el7.elrepo.x86_64

saved() # FILE
{
	sed -n 's/^saved_entry=//p' "$1"
}

@test "list shows entries, the default and why" {
	copy_root el7
	up --root "$ROOT" boot list
	expect 0
	has "$out" "$LT"
	has "$out" "saved_entry in /boot/grub2/grubenv names it"
	has "$out" "UPDATEDEFAULT=yes"
	[ -z "$err" ] || fail "stderr is not empty"
}

@test "list --format json has the keys of the manual" {
	copy_root el8
	up --root "$ROOT" boot list --format json
	expect 0
	for key in schema loader default_reason entries index path title release kernel \
		kernel_ok initrd initrd_ok args running default fallback; do
		has "$out" "\"$key\":"
	done
	has "$out" '"uringprep.boot_list'
	has "$out" 'rhgb quiet skew_tick=1'
}

@test "default writes grubenv in place, and revert puts every byte back" {
	copy_root el7
	tree "$ROOT" >"$T/before"
	inode=$(stat -c %i "$ROOT/$ENV")
	up --root "$ROOT" boot default "$LT"
	expect 0
	has "$out" "revert 1"
	[ "$(saved "$ROOT/$ENV")" = "CentOS Linux ($LT) 7 (Core)" ] || fail "not saved"
	[ "$(stat -c %i "$ROOT/$ENV")" = "$inode" ] || fail "another file now"
	[ "$(stat -c %s "$ROOT/$ENV")" = 1024 ] || fail "another size now"
	up --root "$ROOT" boot default "$LT"
	expect 0
	has "$out" "Nothing to change"
	up --root "$ROOT" revert
	expect 0
	tree "$ROOT" | diff "$T/before" -
}

@test "default writes through EFI's link and leaves it a link" {
	copy_root el7-efi
	up --root "$ROOT" boot default 2
	expect 0
	[ "$(readlink "$ROOT/$ENV")" = ../efi/EFI/centos/grubenv ] || fail "no link any more"
	has "$(saved "$ROOT/boot/efi/EFI/centos/grubenv")" "(3.10.0-1160.el7.x86_64)"
}

@test "default on EL8 saves the id" {
	copy_root el8
	up --root "$ROOT" boot default 6.9
	expect 0
	[ "$(saved "$ROOT/$ENV")" = b7d0f1c2a39e4f5d8c6b1e0a92347f56-6.9.7-1.el8.elrepo.x86_64 ]
}

@test "default on Debian is our block of custom.cfg, and revert takes it away" {
	copy_root debian12
	tree "$ROOT" >"$T/before"
	up --root "$ROOT" boot default 3
	expect 0
	up --root "$ROOT" boot list --format json
	has "$out" "/boot/grub/custom.cfg:3 sets default to its name"
	up --root "$ROOT" boot default 1
	expect 0
	[ "$(grep -c 'uringprep begin' "$ROOT/boot/grub/custom.cfg")" = 1 ] || fail "two blocks"
	up --root "$ROOT" revert --all
	expect 0
	tree "$ROOT" | diff "$T/before" -
}

@test "an administrator's lines in custom.cfg stay" {
	copy_root debian12
	printf 'set timeout=3' >"$ROOT/boot/grub/custom.cfg"
	up --root "$ROOT" boot default 3
	expect 0
	[ "$(head -n 1 "$ROOT/boot/grub/custom.cfg")" = "set timeout=3" ] || fail "first line"
	[[ "$(sed -n 2p "$ROOT/boot/grub/custom.cfg")" = "# uringprep begin"* ]] || fail "second line"
}

@test "--dry-run shows the step and writes nothing" {
	for root in el7 el8 debian12; do
		rm -rf "$ROOT"
		copy_root "$root"
		tree "$ROOT" >"$T/before"
		up --root "$ROOT" boot default 0 -n
		expect 0
		has "$out" "Nothing was changed"
		up --root "$ROOT" boot fallback 0 -n
		expect 0
		tree "$ROOT" | diff "$T/before" -
		[ ! -e "$ROOT/var/lib/uringprep" ] || fail "a folder was made"
	done
}

@test "what would not boot is refused with its file, and nothing is written" {
	copy_root broken
	tree "$ROOT" >"$T/before"
	up --root "$ROOT" boot default 1
	expect 1
	has "$err" "/boot/initramfs-3.10.0-1160.119.1.el7.x86_64.img: the initramfs is missing"
	up --root "$ROOT" boot default 2
	expect 1
	has "$err" "/boot/vmlinuz-3.10.0-1160.el7.x86_64: the kernel is missing or empty"
	up --root "$ROOT" boot default 0
	expect 1
	has "$err" "/boot/grub2/grubenv"
	has "$err" "92 bytes long, not 1024"
	up --root "$ROOT" boot fallback 1
	expect 1
	tree "$ROOT" | diff "$T/before" -
}

@test "a grub.cfg that is not understood is refused with line and column" {
	copy_root el7
	sed -i '9s/.*/case x in/' "$ROOT/boot/grub2/grub.cfg"
	up --root "$ROOT" boot list
	expect 3
	has "$err" "/boot/grub2/grub.cfg:9:1: "
	up --root "$ROOT" boot default 0
	expect 3
}

@test "several that fit are named" {
	copy_root debian12
	up --root "$ROOT" boot default 6.1.0-26-amd64
	expect 2
	has "$err" "3 (Advanced options for Debian GNU/Linux>Debian GNU/Linux, with Linux 6.1.0-26-amd64)"
	has "$err" "4 ("
}

@test "fallback is recorded, shown, and reverted" {
	copy_root el7
	up --root "$ROOT" boot fallback 2
	expect 0
	grep -qx 'release=3.10.0-1160.el7.x86_64' "$ROOT/var/lib/uringprep/boot/fallback"
	up --root "$ROOT" boot list --format json
	[ "$(grep -o '"fallback": *true' <<<"$out" | wc -l)" = 1 ] || fail "not shown"
	up --root "$ROOT" revert
	expect 0
	[ ! -e "$ROOT/var/lib/uringprep/boot/fallback" ] || fail "still there"
}

@test "links out of the tree are followed inside it" {
	copy_root el7
	mv "$ROOT/boot" "$ROOT/real"
	ln -s /real "$ROOT/boot"
	up --root "$ROOT" boot list
	expect 0
	has "$out" "$LT"
	up --root "$ROOT" boot default "$LT"
	expect 0
	has "$(saved "$ROOT/real/grub2/grubenv")" "$LT"
}

@test "a title that is GRUB code stays a title" {
	copy_root debian12
	sed -i "s/^menuentry 'Debian GNU.Linux'/menuentry 'x\"; reboot; echo \"\$default\\\\'/" \
		"$ROOT/boot/grub/grub.cfg"
	up --root "$ROOT" boot default 0
	expect 0
	# shellcheck disable=SC2016 # GRUB's variable
	grep -qxF '  set default="x\"; reboot; echo \"\$default\\"' "$ROOT/boot/grub/custom.cfg"
	up --root "$ROOT" boot default 0
	has "$out" "Nothing to change"
}

@test "without root, list works and says what it cannot see" {
	[ "$(id -u)" -eq 0 ] || skip "only root can become somebody else"
	copy_root el7
	chmod 755 "$T"
	chmod 700 "$ROOT/boot/grub2"
	cp "$PROG" "$T/prog"
	status=0
	err=$(setpriv --reuid 65534 --regid 65534 --clear-groups \
		"$T/prog" --root "$ROOT" boot list 2>&1 >/dev/null) || status=$?
	expect 3
	has "$err" "/boot/grub2/grub.cfg: cannot read: Permission denied: try as root"
}

@test "tests/mkroot makes the trees that are here" {
	tests=$SRC/tests
	for root in el7 el7-efi el8 el9 debian12 broken; do
		"$tests/mkroot" "$root" "$T/$root"
		diff -r --no-dereference "$tests/roots/$root" "$T/$root"
	done
	status=0
	"$tests/mkroot" nosuch 2>"$T/err" || status=$?
	expect 2
}

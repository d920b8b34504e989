#!/usr/bin/env bats
# revert: which transaction, how far, and what is left alone.
load ../lib/common

@test "nothing to revert is a success" {
	copy_root el7
	up --root "$ROOT" revert
	expect 0
	has "$out" "Nothing to revert"
}

@test "an older transaction waits for the newer one" {
	copy_root el7
	up --root "$ROOT" apply article --yes
	up --root "$ROOT" apply storage --yes
	up --root "$ROOT" revert 1
	expect 1
	has "$err" "revert 2 first"
	up --root "$ROOT" revert --all
	expect 0
	has "$out" "2, 1"
	[ ! -e "$ROOT/etc/sysctl.d/99-uringprep.conf" ] || fail "left behind"
}

@test "an edited file is left, named, and taken with --force" {
	copy_root el7
	up --root "$ROOT" apply server --yes
	echo '# mine' >>"$ROOT/etc/sysctl.d/99-uringprep.conf"
	up --root "$ROOT" revert --dry-run
	expect 0
	has "$out" "leave: changed by another"
	up --root "$ROOT" revert
	expect 1
	has "$out" "edited since"
	has "$err" "revert 1 --force"
	[ -e "$ROOT/etc/sysctl.d/99-uringprep.conf" ] || fail "somebody's edit was thrown away"
	up --root "$ROOT" revert 1 --force
	expect 0
	[ ! -e "$ROOT/etc/sysctl.d/99-uringprep.conf" ] || fail "still there"
}

@test "two kinds open: a bare revert asks which" {
	copy_root el7
	up --root "$ROOT" apply server --yes
	up --root "$ROOT" boot fallback 1
	expect 0
	up --root "$ROOT" revert
	expect 1
	has "$err" "several are open"
	up --root "$ROOT" revert --all
	expect 0
}

@test "--dry-run changes nothing" {
	copy_root el7
	up --root "$ROOT" apply server --yes
	tree "$ROOT" >"$T/before"
	up --root "$ROOT" revert --dry-run
	expect 0
	tree "$ROOT" | diff "$T/before" -
}

@test "--all --dry-run shows every one, newest first" {
	copy_root el7
	up --root "$ROOT" apply article --yes
	up --root "$ROOT" boot fallback 1
	up --root "$ROOT" revert --all --dry-run --format json
	expect 0
	[ "$(grep -c '"transaction"' "$T/out")" = 2 ]
}

@test "ten thousand transactions are in order" {
	copy_root el7
	up --root "$ROOT" apply article --yes
	mv "$ROOT/var/lib/uringprep/txn/0001" "$ROOT/var/lib/uringprep/txn/9999"
	up --root "$ROOT" apply storage --yes
	has "$out" "revert 10000"
	up --root "$ROOT" apply lockdown --yes
	has "$out" "revert 10001"
	up --root "$ROOT" revert --all
	expect 0
	[ ! -e "$ROOT/etc/sysctl.d/99-uringprep.conf" ] || fail "left behind"
}

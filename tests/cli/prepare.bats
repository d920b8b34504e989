#!/usr/bin/env bats
# prepare: the whole job.
load ../lib/common

@test "a tree: planned, applied, judged, nothing launched, undo named; then nothing to do" {
	copy_root el7
	up --root "$ROOT" prepare server --yes
	expect 0
	has "$out" "undo:"
	has "$out" "revert 1"
	[ -e "$ROOT/etc/sysctl.d/99-uringprep.conf" ] || fail "not applied"
	case $out in *requests*) fail "something was launched" ;; esac
	up --root "$ROOT" prepare server --yes
	expect 0
	has "$out" "Nothing to change"
}

@test "--dry-run changes nothing" {
	copy_root el7
	tree "$ROOT" >"$T/before"
	up --root "$ROOT" prepare --dry-run
	expect 0
	tree "$ROOT" | diff "$T/before" -
}

@test "--require-ready tells by the exit code" {
	copy_root el7
	up --root "$ROOT" prepare server --yes --require-ready
	expect 1
	has "$out" "Not ready"
}

@test "an installer's chroot is not the running system" {
	copy_root el7
	ANA_INSTALL_PATH=/mnt/sysimage up prepare server --dry-run
	expect 0
	case $out in *"sysctl  "*) fail "a live value was planned" ;; esac
}

@test "it asks; no terminal and no --yes is a wrong call" {
	copy_root el7
	up --root "$ROOT" prepare server
	expect 2
}

@test "JSON is one object with all of it" {
	copy_root el7
	up --root "$ROOT" prepare server --yes --format json
	expect 0
	perl -MJSON::PP -e 'local $/; my $j = decode_json(<STDIN>);
		$j->{schema} eq "uringprep.prepare/1" && $j->{transaction} == 1 &&
		@{$j->{findings}} && @{$j->{plan}} or exit 1' <"$T/out"
}

@test "--accept and --only-useful are apply's" {
	copy_root el9
	mkdir -p "$ROOT/etc/uringprep/profiles"
	printf '[sysctl]\nkernel.io_uring_disabled=<1\nvm.swappiness=10\n' \
		>"$ROOT/etc/uringprep/profiles/mine.conf"
	up --root "$ROOT" --facts "$SRC/tests/roots/el9.facts.json" prepare mine --dry-run --only-useful
	expect 0
	has "$out" "kernel.io_uring_disabled: left out"
	has "$out" "vm.swappiness: left out (--only-useful"
	up --root "$ROOT" --facts "$SRC/tests/roots/el9.facts.json" prepare mine --dry-run --accept kernel.io_uring_disabled
	expect 0
	has "$out" "reboot required: yes"
	has "$out" "prepare mine --accept kernel.io_uring_disabled"
}

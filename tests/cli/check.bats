#!/usr/bin/env bats
# check: what it says, of what, and with which exit code. Each check both ways is in
# tests/mutations.tsv; the whole output for each fixture in tests/expected.
load ../lib/common

@test "a tree is judged by its files alone, and says so" {
	copy_root el7
	up --root "$ROOT" check
	has "$out" "files only: --root $ROOT"
	has "$out" "inferred"
	has "$out" "limits.memlock"
}

@test "the live system is asked, not guessed from its release" {
	up check --only uring.available --format json
	has "$out" '"uringprep.check/1"'
	has "$out" '"uring.available"'
	[ "$status" -le 1 ] || fail "neither yes nor no"
}

@test "two runs are equal but for evidence" {
	up check --format json
	grep -v '"evidence"' "$T/out" >"$T/first"
	up check --format json
	grep -v '"evidence"' "$T/out" | diff "$T/first" -
}

@test "--ignore turns a failure into a warning" {
	copy_root el7
	up --root "$ROOT" check --only uring.available
	expect 1
	up --root "$ROOT" check --only uring.available --ignore uring.available
	expect 0
	has "$out" WARN
}

@test "--fail-on warn counts warnings" {
	copy_root el7
	up --root "$ROOT" check --only sysctl.files
	expect 0
	echo 'not an assignment' >>"$ROOT/etc/sysctl.conf"
	up --root "$ROOT" check --only sysctl.files
	expect 0
	up --root "$ROOT" check --only sysctl.files --fail-on warn
	expect 1
}

@test "a check that cannot tell exits 3 only when it was asked for by name" {
	copy_root el7
	rm "$ROOT"/boot/config-*
	up --root "$ROOT" check --only kernel.config
	expect 3
	has "$out" UNKNOWN
	up --root "$ROOT" check --only kernel.config --ignore uring.available --format json
	expect 3
}

@test "lockdown wants io_uring denied" {
	copy_root el7
	up --root "$ROOT" check --profile lockdown --only uring.available
	expect 0
	has "$out" "does not know it"
}

@test "without root it works and says what it could not see" {
	[ "$(id -u)" -eq 0 ] || skip "only root can become nobody"
	cp "$PROG" "$T/uringprep"
	chmod 755 "$T"
	PROG=$T/uringprep
	copy_root el7
	mkdir -p "$ROOT/var/lib/uringprep"
	chmod 700 "$ROOT/var/lib/uringprep"
	status=0
	setpriv --reuid 65534 --regid 65534 --clear-groups "$PROG" --root "$ROOT" check \
		>"$T/out" 2>"$T/err" || status=$?
	out=$(cat "$T/out") err=$(cat "$T/err")
	[ "$status" -le 1 ] || fail "no answer"
	has "$out" "cannot tell without root"
}

@test "what cannot be read is unknown, never passed or skipped" {
	[ "$(id -u)" -eq 0 ] || skip "only root can become nobody"
	cp "$PROG" "$T/uringprep"
	chmod 755 "$T"
	copy_root el7
	echo vm.swappiness=99 >"$ROOT/etc/sysctl.d/50-x.conf"
	chmod 600 "$ROOT/etc/sysctl.d/50-x.conf" "$ROOT/boot/grub2/grub.cfg"
	status=0
	setpriv --reuid 65534 --regid 65534 --clear-groups "$T/uringprep" --root "$ROOT" \
		check --only sysctl.files,sysctl.swappiness,boot.default_bootable \
		>"$T/out" 2>"$T/err" || status=$?
	out=$(cat "$T/out")
	expect 3
	[ "$(grep -c ^UNKNOWN "$T/out")" = 3 ] || fail "not three unknown"
}

#!/usr/bin/env bats
# status: open transactions, drift, unfinished work.
load ../lib/common

@test "nothing of ours" {
	copy_root el7
	up --root "$ROOT" status
	expect 0
	has "$out" "No transaction is open"
}

@test "what is open, and the history" {
	copy_root el7
	up --root "$ROOT" apply server --yes
	up --root "$ROOT" status --format json
	expect 0
	has "$out" '"profile": "server"'
	up --root "$ROOT" revert
	up --root "$ROOT" status
	has "$out" "No transaction is open"
	up --root "$ROOT" status --all
	has "$out" "reverted"
}

@test "an edited file is drift, and exits 1" {
	copy_root el7
	up --root "$ROOT" apply server --yes
	echo '# mine' >>"$ROOT/etc/sysctl.d/99-uringprep.conf"
	up --root "$ROOT" status
	expect 1
	has "$out" "edited"
	rm "$ROOT/etc/sysctl.d/99-uringprep.conf"
	up --root "$ROOT" status
	expect 1
	has "$out" "absent"
}

@test "a journal that cannot be read is named, not skipped" {
	copy_root el7
	up --root "$ROOT" apply server --yes
	echo garbage >"$ROOT/var/lib/uringprep/txn/0001/plan.json"
	up --root "$ROOT" status
	expect 3
	has "$err" "txn/0001"
}

@test "a conflict stays in sight until it is settled, in the right order" {
	copy_root el7
	up --root "$ROOT" apply article --yes
	up --root "$ROOT" apply storage --yes
	echo '# mine' >>"$ROOT/etc/sysctl.d/99-uringprep.conf"
	up --root "$ROOT" revert 2
	expect 1
	has "$err" "--root $ROOT revert 2 --force"
	up --root "$ROOT" status
	expect 1
	has "$out" conflict
	up --root "$ROOT" revert 1
	expect 1
	has "$err" "comes first"
	up --root "$ROOT" revert 2 --keep
	expect 0
	up --root "$ROOT" status
	expect 1 # the edited file is drift of transaction 1
	up --root "$ROOT" revert 1 --force
	expect 0
	[ ! -e "$ROOT/etc/sysctl.d/99-uringprep.conf" ] || fail "left behind"
	up --root "$ROOT" status
	expect 0
}

@test "cut off half-way: status and apply name the revert, with --root" {
	copy_root el7
	up --root "$ROOT" apply server --yes
	printf '%-15s\n' applying >"$ROOT/var/lib/uringprep/txn/0001/state"
	for command in "status" "apply storage --yes" "apply storage --dry-run" "boot default 0"; do
		# shellcheck disable=SC2086 # words
		up --root "$ROOT" $command
		expect 1
		has "$err" "run: uringprep --root $ROOT revert 1"
	done
	up --root "$ROOT" revert
	expect 0
}

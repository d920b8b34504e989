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

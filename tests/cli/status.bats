#!/usr/bin/env bats
# status: open transactions, drift, unfinished work.
load ../lib/common

OWN=etc/sysctl.d/99-uringprep.conf
JOURNAL=var/lib/uringprep/txn

# query EXPRESSION: what a Perl expression on the parsed report $d gives.
query()
{
	perl -MJSON::PP -e 'local $/; my $d = decode_json(<STDIN>); print eval($ARGV[0]) // "null"; die $@ if $@' \
		"$1" <"$T/out"
}

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
	has "$out" "gone"
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

@test "the first line is the verdict" {
	copy_root el7
	up --root "$ROOT" apply server --yes
	up --root "$ROOT" status
	expect 0
	has "$(head -n 1 "$T/out")" "Profile server is active, applied 20"
	has "$(head -n 1 "$T/out")" "(transaction 1); nothing drifted."
	echo '# mine' >>"$ROOT/$OWN"
	up --root "$ROOT" status
	expect 1
	has "$(head -n 1 "$T/out")" "1 of 1 change drifted."
	has "$out" "differs: line 7: was none, is # mine"
	has "$out" "uringprep --root $ROOT apply server; "
	has "$out" "uringprep --root $ROOT revert 1 --keep"
}

@test "each kind of drift is named, with what it should be" {
	copy_root debian12
	up --root "$ROOT" apply server --yes
	up --root "$ROOT" boot default 3
	expect 0
	up --root "$ROOT" boot fallback 1
	expect 0
	sed -i 's/set default=.*/set default="0"/' "$ROOT/boot/grub/custom.cfg"
	rm "$ROOT/$OWN"
	echo x >>"$ROOT/var/lib/uringprep/boot/fallback"
	up --root "$ROOT" status --format json
	expect 1
	[ "$(query 'join ",", map "$_->{id}=$_->{found}", @{$d->{drift}}')" = \
		"file:/var/lib/uringprep/boot/fallback=edited,block:/boot/grub/custom.cfg=edited,file:/$OWN=gone" ] ||
		fail "drift"
	[ "$(query '$d->{drifted}')" = 3 ] || fail "count"
	sed -i '/uringprep begin/,/uringprep end/d' "$ROOT/boot/grub/custom.cfg"
	up --root "$ROOT" status
	expect 1
	has "$out" "our lines in /boot/grub/custom.cfg"
	has "$out" "gone"
}

@test "a changed grubenv is drift, and the command that made it is named" {
	copy_root el7
	up --root "$ROOT" boot default 0
	expect 0
	grub-editenv "$ROOT/boot/grub2/grubenv" set saved_entry=other
	up --root "$ROOT" status
	expect 1
	has "$out" "saved_entry=other"
	has "$out" "boot default 'CentOS Linux (5.4.278"
}

@test "for monitoring: every format says it" {
	copy_root el7
	up --root "$ROOT" apply server --yes
	up --root "$ROOT" status --format nagios
	expect 0
	has "$out" "URINGPREP OK"
	rm "$ROOT/$OWN"
	up --root "$ROOT" status --format nagios
	expect 2
	has "$out" "URINGPREP CRITICAL - FAIL file:/$OWN: gone"
	up --root "$ROOT" status --format tap
	expect 1
	has "$out" "not ok 1 - file:/$OWN: gone"
	up --root "$ROOT" status --format junit
	expect 1
	has "$out" "<failure"
	up --root "$ROOT" status --format github
	expect 1
	has "$out" "::error"
	printf '%-15s\n' applying >"$ROOT/$JOURNAL/0001/state"
	up --root "$ROOT" status --format nagios
	expect 2
	has "$out" "FAIL journal: transaction 1 (apply server) was cut off half-way"
}

@test "--all: when each ended, and why one was rolled back" {
	copy_root el7
	up --root "$ROOT" apply server --yes
	up --root "$ROOT" revert
	up --root "$ROOT" status --all --format json
	expect 0
	[[ "$(query '$d->{transactions}[0]{ended}')" =~ ^20[0-9-]+T[0-9:]+Z$ ]] || fail "no end"
	up --root "$ROOT" status
	! grep -q reverted "$T/out" || fail "it is closed"
}

@test "live: why it was rolled back is kept" {
	in_namespace <<'END'
echo 4096 >/etc/value
mount --bind /etc/value /proc/sys/net/core/somaxconn
mount -o remount,bind,ro /proc/sys/net/core/somaxconn
code=0
"$up" apply backlog --yes || code=$?
[ "$code" = 3 ]
"$up" status --all >/etc/out
grep -q rolled_back /etc/out
grep -q "why: .*somaxconn" /etc/out
END
}

@test "live: who changed a value, where a line says it" {
	in_namespace <<'END'
"$up" apply backlog --yes
echo "net.core.somaxconn = 77" >/etc/sysctl.d/99-zz.conf
echo 77 >/proc/sys/net/core/somaxconn
"$up" status >/etc/out && exit 1
grep -q "1 of 2 changes drifted" /etc/out
grep -q "why: /etc/sysctl.d/99-zz.conf:1 sets 77; it wins at boot" /etc/out
echo 78 >/proc/sys/net/core/somaxconn
"$up" status >/etc/out && exit 1
grep -q "why: no file sets that: at run time" /etc/out
END
}

@test "what only root may read stays so in the journal; others are told what they miss" {
	[ "$(id -u)" -eq 0 ] || skip "only root can be somebody else, too"
	copy_root el7
	chmod 755 "$T" "$ROOT"
	up --root "$ROOT" apply article --yes
	chmod 600 "$ROOT/$OWN"
	up --root "$ROOT" apply server --yes
	[ "$(stat -c %a "$ROOT/$JOURNAL"/0001/0.after)" = 644 ] || fail "needlessly hidden"
	[ "$(stat -c %a "$ROOT/$JOURNAL"/0002/0.before)" = 600 ] || fail "the original leaks"
	[ "$(stat -c %a "$ROOT/$JOURNAL"/0002/0.after)" = 600 ] || fail "what replaced it leaks"
	cp "$PROG" "$T/up"
	status=0
	setpriv --reuid 65534 --regid 65534 --clear-groups "$T/up" --root "$ROOT" status \
		>"$T/out" 2>"$T/err" || status=$?
	out=$(cat "$T/out")
	err=$(cat "$T/err")
	expect 3
	has "$out" "Profile server is active"
	has "$out" "1 cannot be read"
	has "$out" "run it as root"
	chmod 644 "$ROOT/$OWN"
	setpriv --reuid 65534 --regid 65534 --clear-groups "$T/up" --root "$ROOT" revert --print \
		>"$T/out" 2>"$T/err" && fail "printed what it cannot know"
	[ ! -s "$T/out" ] || fail "half of it was printed"
	up --root "$ROOT" revert --all
	expect 0
}

@test "a file in a folder that others cannot enter is not public" {
	copy_root el7
	up --root "$ROOT" apply article --yes
	chmod 700 "$ROOT/etc/sysctl.d"
	up --root "$ROOT" apply server --yes
	expect 0
	[ "$(stat -c %a "$ROOT/$JOURNAL"/0002/0.before)" = 600 ] || fail "the original leaks"
}

@test "a journal of a newer uringprep is refused as that" {
	copy_root el7
	up --root "$ROOT" apply server --yes
	sed -i 's!uringprep.transaction/1!uringprep.transaction/2!; s!uringprep.transaction.\/1!uringprep.transaction\\/2!' \
		"$ROOT/$JOURNAL/0001/plan.json"
	for command in status "apply storage --yes" revert; do
		# shellcheck disable=SC2086 # words
		up --root "$ROOT" $command
		expect 3
		has "$err" "txn/0001: this journal was written by a newer uringprep"
	done
}

@test "a journal without times, and one that was cut" {
	copy_root el7
	up --root "$ROOT" apply server --yes
	printf '%-15s\n' applied >"$ROOT/$JOURNAL/0001/state"
	up --root "$ROOT" status
	expect 0
	up --root "$ROOT" revert
	expect 0
	[ "$(cat "$ROOT/$JOURNAL/0001/state")" = "reverted       " ] || fail "not in place"
	printf 'rever' >"$ROOT/$JOURNAL/0001/state"
	up --root "$ROOT" status
	expect 3
	has "$err" "txn/0001"
}

@test "a proof: proven, stale because, not known; none of them changes the exit code" {
	copy_root el7
	# shellcheck disable=SC2046 # words
	set -- --root "$ROOT" $(facts el7) status
	mkdir -p "$ROOT/var/lib/uringprep/proofs"
	up "$@" --format json
	[ "$(query 'scalar @{$d->{proofs}}')" = 0 ] || fail "a proof from nowhere"
	cat >"$ROOT/var/lib/uringprep/proofs/verify.json" <<-'END'
		{"schema": "uringprep.proof/1", "kind": "verify", "created": "2026-11-24T02:08:28Z",
		"result": "no", "text": "no gain here",
		"fingerprint": {"profile": "none", "settings": "none"}}
	END
	up "$@"
	expect 0
	has "$out" "verify  proven"
	sed -i 's/"profile": "none"/"profile": "server", "moon": "full"/' \
		"$ROOT/var/lib/uringprep/proofs/verify.json"
	up "$@"
	expect 0
	has "$out" "verify  stale"
	has "$out" "profile: was server, is none; moon: was full, is not known"
	has "$out" "mend: uringprep verify --keep"
	sed -i 's/"profile": "server", //' "$ROOT/var/lib/uringprep/proofs/verify.json"
	up "$@"
	expect 0
	has "$out" "verify  unknown"
	echo '{' >"$ROOT/var/lib/uringprep/proofs/verify.json"
	up "$@"
	expect 0
	has "$out" "verify.json: not a proof"
	up "$@" --format nagios
	expect 0
}

@test "a file that will win over ours at the next boot is named before that" {
	copy_root el7
	up --root "$ROOT" apply server --yes
	printf 'net.core.somaxconn = 512\n' >"$ROOT/etc/sysctl.d/99-zz.conf"
	up --root "$ROOT" status
	expect 1
	has "$out" "net.core.somaxconn  4096       512        /etc/sysctl.d/99-zz.conf:1"
	has "$err" "after the next boot: see uringprep explain net.core.somaxconn"
	printf -- '-net.core.somaxconn\n' >"$ROOT/etc/sysctl.d/99-zz.conf"
	printf 'net.core.somaxconn = 0x1000\n' >"$ROOT/etc/sysctl.d/99-zzz.conf"
	up --root "$ROOT" status
	expect 0 # another way to write the same
}

@test "what to type to have it again: with --accept and --only-useful, as it was typed" {
	copy_root el9
	mkdir -p "$ROOT/etc/sysctl.d"
	echo 'kernel.io_uring_disabled = 2' >"$ROOT/etc/sysctl.d/50-policy.conf"
	up --root "$ROOT" apply server --accept kernel.io_uring_disabled --only-useful --yes
	expect 0
	cp "$ROOT/$OWN" "$T/own"
	echo '# mine' >>"$ROOT/$OWN"
	up --root "$ROOT" status
	expect 1
	again="apply server --accept kernel.io_uring_disabled --only-useful"
	has "$out" "to have it again: uringprep --root $ROOT $again;"
	# shellcheck disable=SC2086 # words
	up --root "$ROOT" $again --yes
	expect 0
	diff <(tail -n +2 "$T/own") <(tail -n +2 "$ROOT/$OWN")
}

@test "runs at once: none takes another's file for one that no journal knows" {
	copy_root el7
	for round in $(seq 25); do
		for i in 1 2 3 4; do
			"$PROG" --root "$ROOT" apply article --yes >/dev/null 2>"$T/err.$i" &
		done
		wait
		! grep -h 'journal does not know' "$T"/err.? || fail "in round $round"
		up --root "$ROOT" revert --all
		expect 0
	done
}

#!/usr/bin/env bats
# check and probe --pid: another process is judged by its own limits, user, filters and
# namespaces; --rings and --entries: locked memory against what real rings take. --unit is
# in unit.bats.
load ../lib/common

setup_more()
{
	[ "$(id -u)" -eq 0 ] || skip "only root can become another user"
	BIN=${PROG%/*}/tests/bin
	# Users of this run's own, for memory is charged to a user and taken back late.
	USER_BASE=$((600000 + $$ % 50000 * 100))
	PIDS=()
	# Where anybody may run it.
	mkdir "$T/bin"
	cp "$BIN/rings" "$BIN/deny" "$T/bin"
	chmod -R a+rX "$T"
}

teardown_more()
{
	if [ "${#PIDS[@]}" -gt 0 ]; then kill "${PIDS[@]}" 2>/dev/null || true; fi
}

# start ARGV...: $PID is that process, which must stay.
start()
{
	"$@" >"$T/started" 2>&1 3>&- &
	PID=$!
	PIDS+=("$PID")
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		sleep 0.05
		case $(readlink "/proc/$PID/exe") in
		*/sleep | */rings) return 0 ;;
		esac
	done
	fail "did not start: $* $(cat "$T/started")"
}

# as N ARGV...: as user N of this run, whose group has the same number.
as()
{
	local id=$((USER_BASE + $1))
	shift
	setpriv --reuid "$id" --regid "$id" --clear-groups "$@"
}

# status_of ID: of the last report (JSON).
status_of()
{
	perl -MJSON::PP -e 'local $/; my $r = decode_json(<STDIN>);
		print map { $_->{status} } grep { $_->{id} eq $ARGV[0] } @{ $r->{findings} }' \
		"$1" <"$T/out"
}

@test "rings of the run before do not deny, nor warn" {
	as 90 true || skip "no other user here"
	cp "$PROG" "$T/bin/up"
	chmod 755 "$T/bin/up"
	# 448K is what the advice says for one ring of 4096 entries; two pages hold the least.
	for soft in 16384 458752; do
		for _ in 1 2 3 4 5 6 7 8; do
			status=0
			as 90 prlimit --memlock="$soft:$soft" "$T/bin/up" check --format json \
				--only uring,limits >"$T/out" 2>"$T/err" || status=$?
			expect 0
			out=$(status_of uring.available)/$(status_of limits.memlock)
			case $soft:$out in
			16384:PASS/* | 458752:PASS/PASS) ;;
			*) fail "$soft: $out" ;;
			esac
		done
	done
}

@test "a user without a ring holds nothing" {
	cp "$PROG" "$T/bin/up"
	chmod 755 "$T/bin/up"
	as 91 prlimit --memlock=8192:8192 "$T/bin/up" check --only limits.memlock >"$T/out" ||
		true
	out=$(cat "$T/out")
	case $out in
	*'not counted: a ring was made'*) skip 'this kernel does not count rings' ;;
	esac
	has "$out" 'holds 0 bytes already'
}

@test "a process is judged by its own limits, not by root's" {
	start prlimit --memlock=65536:65536 --nofile=1000:1000 setpriv --reuid "$USER_BASE" \
		--regid "$USER_BASE" --clear-groups sleep 60
	up check --pid "$PID" --only 'limits.*'
	has "$out" "pid $PID (sleep)"
	has "$out" "limits.nofile   1000 soft, 1000 hard"
	has "$out" "65536 bytes soft, 65536 hard"
	up check --only 'limits.*' --format json
	[ "$(status_of limits.memlock)" = PASS ] || fail "our own limits are others"
}

@test "the kernel is asked as that user: too little locked memory is the cause" {
	start prlimit --memlock=4096:4096 setpriv --reuid "$USER_BASE" --regid "$USER_BASE" \
		--clear-groups sleep 60
	up check --pid "$PID" --only uring.available,limits.memlock -v
	case $out in *"this kernel does not count rings"*) skip "this kernel does not count rings" ;; esac
	expect 1
	has "$out" "memlock"
	up check --only uring.available
	expect 0
}

@test "what locked memory a ring takes is what the kernel takes" {
	local n=0 need bytes
	for entries in 1 8 64 256 1000 4096 32768; do
		n=$((n + 1))
		up check --only limits.memlock -v --entries "$entries"
		case $out in *"not counted: a ring"*) skip "this kernel does not count rings" ;; esac
		need=$(sed -n 's/.*: 1 ring of [0-9]* entr[a-z]*: \([0-9]*\) bytes; counted.*/\1/p' "$T/out")
		[ -n "$need" ] || fail "no figure for $entries"
		as $((2 * n)) prlimit --memlock="$need:$need" "$T/bin/rings" 1 "$entries" >"$T/got"
		[ "$(cat "$T/got")" = 1 ] || fail "$entries: $need bytes: $(cat "$T/got")"
		bytes=$((need - 4096))
		as $((2 * n + 1)) prlimit --memlock="$bytes:$bytes" "$T/bin/rings" 1 "$entries" >"$T/got"
		[ "$(cat "$T/got")" = "0 Cannot allocate memory" ] || fail "$entries: $bytes bytes: $(cat "$T/got")"
	done
}

@test "the advice for N rings is enough for them, in each of its units" {
	start prlimit --memlock=65536:65536 setpriv --reuid "$USER_BASE" --regid "$USER_BASE" \
		--clear-groups sleep 60
	up check --pid "$PID" --only limits.memlock --rings 40 --entries 256
	case $out in *"does not count rings"*) skip "this kernel does not count rings" ;; esac
	expect 0
	has "$out" WARN
	has "$out" "by: 40 rings of 256 entries"
	kib=$(sed -n 's/.*LimitMEMLOCK=\([0-9]*\)K .*/\1/p' "$T/out")
	login=$(sed -n 's/.*- memlock \([0-9]*\)` (KiB).*/\1/p' "$T/out")
	docker=$(sed -n 's/.*--ulimit memlock=\([0-9]*\) (bytes).*/\1/p' "$T/out")
	[ "$kib" = "$login" ] && [ "$docker" = $((kib * 1024)) ] || fail "the units differ"
	as 1 prlimit --memlock="$docker:$docker" "$T/bin/rings" 40 256 >"$T/got"
	[ "$(cat "$T/got")" = 40 ] || fail "with the advice: $(cat "$T/got")"
	as 2 prlimit --memlock=65536:65536 "$T/bin/rings" 40 256 >"$T/got"
	has "$(cat "$T/got")" "Cannot allocate memory"
}

@test "what the user's other processes hold counts" {
	start prlimit --memlock=1000000:1000000 setpriv --reuid "$USER_BASE" --regid "$USER_BASE" \
		--clear-groups "$T/bin/rings" 20 256 hold
	[ "$(cat "$T/started")" = 20 ] || fail "$(cat "$T/started")"
	start prlimit --memlock=800000:800000 setpriv --reuid "$USER_BASE" --regid "$USER_BASE" \
		--clear-groups sleep 60
	# 413696 bytes would do, were it not for 20 rings of 28672.
	up check --pid "$PID" --only limits.memlock -v
	case $out in *"does not count rings"*) skip "this kernel does not count rings" ;; esac
	has "$out" WARN
	held=$(sed -n 's/.*the user holds \([0-9]*\) bytes already.*/\1/p' "$T/out")
	[ "$held" -ge 573440 ] && [ "$held" -le 640000 ] || fail "held: $held"
}

@test "a filter that cannot be read is unknown, a ring that is held is a proof" {
	start "$T/bin/deny" EPERM sleep 60
	up check --pid "$PID" --only uring.available
	expect 3
	has "$out" "UNKNOWN  uring.available"
	has "$out" "seccomp filter"
	up probe --pid "$PID" --require level:early
	expect 3
	start "$T/bin/rings" 2 8 deny
	up check --pid "$PID" --only uring.available --format json
	expect 0
	[ "$(status_of uring.available)" = PASS ]
	has "$out" '"rings": 2'
	has "$out" "seccomp filters, and holds 2 rings"
}

@test "capabilities of another user namespace do not count" {
	start unshare -Ur sleep 60
	grep -q "^CapEff:.*[1-9a-f]" "/proc/$PID/status" || fail "it has none anyway"
	up check --pid "$PID" --only limits.memlock --format json
	has "$out" '"user": false'
	case $out in *CAP_IPC_LOCK*) fail "its CAP_IPC_LOCK was counted" ;; esac
}

@test "nor do they where both are in another user namespace" {
	start unshare -Ur sleep 60
	status=0
	nsenter -t "$PID" -U --preserve-credentials "$PROG" check --pid "$PID" \
		--only limits.memlock --format json >"$T/out" 2>"$T/err" || status=$?
	out=$(cat "$T/out") err=$(cat "$T/err")
	has "$out" '"user": true'
	case $out in *CAP_IPC_LOCK*) fail "its CAP_IPC_LOCK was counted" ;; esac
}

@test "another network namespace has its own somaxconn" {
	start unshare -n sleep 60
	up check --pid "$PID" --only 'sysctl.*' --format json
	[ "$(status_of sysctl.somaxconn)" = UNKNOWN ]
	# That one is the machine's: judged, or where this runs in a container its host's.
	case $(status_of sysctl.swappiness) in
	PASS | SKIP) ;;
	*) fail 'vm.swappiness is in no namespace' ;;
	esac
	has "$out" '"net": false'
}

@test "without root, another user's process is judged as far as can be" {
	start sleep 60
	cp "$PROG" "$T/bin/uringprep"
	status=0
	as 3 "$T/bin/uringprep" check --pid "$PID" --only uring.available,limits.nofile \
		>"$T/out" 2>"$T/err" || status=$?
	out=$(cat "$T/out") err=$(cat "$T/err")
	expect 3
	has "$out" "UNKNOWN  uring.available"
	has "$out" "needs root"
	has "$out" "limits.nofile"
	status=0
	as 3 "$T/bin/uringprep" probe --pid "$PID" --format json >"$T/out" 2>"$T/err" ||
		status=$?
	out=$(cat "$T/out") err=$(cat "$T/err")
	expect 3
	has "$out" '"available": null'
	has "$out" '"level": null'
	grep -q '"first_line": .*needs root' "$T/out" || fail "the first line has no cause"
}

@test "a user without rights may judge a process of its own" {
	cp "$PROG" "$T/bin/uringprep"
	start setpriv --reuid "$USER_BASE" --regid "$USER_BASE" --clear-groups sleep 60
	status=0
	as 0 "$T/bin/uringprep" check --pid "$PID" --only uring.available \
		>"$T/out" 2>"$T/err" || status=$?
	out=$(cat "$T/out") err=$(cat "$T/err")
	expect 0
}

@test "a zombie has ended, and without /proc nobody can be judged" {
	command -v perl >/dev/null || skip "perl is not here"
	# shellcheck disable=SC2016 # perl's
	perl -e '$| = 1; my $p = fork // die; exit 0 if !$p; print "$p\n"; sleep 60' \
		>"$T/zombie" 3>&- &
	PIDS+=("$!")
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		sleep 0.05
		if [ -s "$T/zombie" ]; then break; fi
	done
	up check --pid "$(cat "$T/zombie")" --only uring
	expect 3
	has "$err" "it has ended"
	# shellcheck disable=SC2016 # for the inner shell
	unshare -m sh -c 'umount -l /proc && "$1" check --pid 1 --only uring' sh "$PROG" \
		>"$T/out" 2>"$T/err" || true
	has "$(cat "$T/err")" "/proc is not mounted"
}

@test "--pid is for a running system" {
	copy_root el7
	up --root "$ROOT" check --pid 1
	expect 2
	has "$err" "--pid: is of a running system, and this is none: --root"
	up check --offline --pid 1
	expect 2
	up check --facts "$SRC/tests/roots/debian12.facts.json" --pid 1
	expect 2
	up check --pid 1 --unit x
	expect 2
	up check --pid 4194305
	expect 3
	has "$err" "there is no such process"
}

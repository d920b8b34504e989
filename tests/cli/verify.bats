#!/usr/bin/env bats
# Self-test and comparison on the live host.
load ../lib/common

denied()
{
	"$PROG" check --only uring.available >/dev/null 2>&1 && return 1
	return 0
}

# query EXPRESSION: what a Perl expression on the parsed report $d gives.
query()
{
	perl -MJSON::PP -e 'local $/; my $d = decode_json(<STDIN>); print eval($ARGV[0]) // "null"; die $@ if $@' \
		"$1" <"$T/out"
}

@test "--quick: at most 10 s, table, verdict, exit 0" {
	denied && skip "io_uring is denied here"
	SECONDS=0
	up verify --quick
	[ "$SECONDS" -le 10 ]
	expect 0
	[ -z "$err" ]
	has "$out" 'SELF-TEST  RESULT'
	has "$out" 'bulk: '
	has "$out" 'crowded: '
	has "$out" 'REQ/S'
	has "$out" 'io_uring to epoll: x'
	has "$out" 'verdict: '
}

@test "JSON: the keys of the manual" {
	denied && skip "io_uring is denied here"
	# A round that does not add up is refused, and on a busy machine all of a scenario's
	# may be: then there is nothing to look at, and it is asked again.
	for ((try = 0; try < 4; try++)); do
		up verify --quick --seconds 3 --format json
		expect 0
		if [ "$(query '$d->{scenarios}[0]{ratio} ? 1 : 0')" = 1 ]; then break; fi
	done
	[ "$(query '$d->{schema}')" = uringprep.verify/1 ]
	[ "$(query 'join " ", map { $_->{name} } @{$d->{self_test}}')" = \
		"nop read write timeout link accept recv send cancel" ]
	[ "$(query 'scalar grep { $_->{result} eq "fail" } @{$d->{self_test}}')" -eq 0 ]
	[ "$(query 'join " ", sort keys %{$d->{verdict}}')" = "cause gain text" ]
	[ "$(query 'join " ", map { $_->{name} } @{$d->{scenarios}[0]{engines}}')" = "uring epoll" ]
	[ "$(query 'join " ", sort keys %{$d->{scenarios}[0]{engines}[0]}')" = \
		"bytes_checked cpu_sys_us_per_message cpu_user_us_per_message latency_p50_us latency_p99_us limited_by name requests_per_s switches_involuntary_per_message switches_voluntary_per_message syscalls_per_message" ]
	[ "$(query '$d->{scenarios}[0]{engines}[0]{bytes_checked} > 1000000 ? "yes" : "no"')" = yes ]
	[ "$(query '$d->{scenarios}[0]{engines}[0]{syscalls_per_message} < $d->{scenarios}[0]{engines}[1]{syscalls_per_message} ? "yes" : "no"')" = yes ]
}

@test "denied by seccomp: says why, runs epoll alone, exit 1" {
	for answer in EPERM kill; do
		status=0
		"${PROG%/*}/tests/bin/deny" "$answer" "$PROG" verify --quick --seconds 1 \
			--format json >"$T/out" 2>"$T/err" || status=$?
		out=$(cat "$T/out")
		err=$(cat "$T/err")
		expect 1
		[ "$(wc -l <"$T/err")" -eq 1 ]
		has "$err" 'io_uring is denied here (seccomp)'
		[ "$(query 'join " ", map { $_->{name} } @{$d->{scenarios}[0]{engines}}')" = epoll ]
		[ "$(query '$d->{scenarios}[0]{ratio}')" = null ]
		[ "$(query '$d->{verdict}{gain} . " " . $d->{verdict}{cause}')" = "cannot_tell denied" ]
		has "$(query '$d->{verdict}{text}')" 'seccomp'
	done
}

@test "--seconds is a number" {
	up verify --seconds soon
	expect 2
	[ -z "$out" ]
	has "$err" soon
}

@test "whether io_uring is denied cannot be asked: exit 3, nothing on stdout" {
	status=0
	ASAN_OPTIONS="${ASAN_OPTIONS-}:detect_leaks=0" strace -o "$T/trace" \
		-e inject=pipe2:error=EMFILE:when=1 "$PROG" verify --quick --seconds 1 \
		>"$T/out" 2>"$T/err" || status=$?
	out=$(cat "$T/out")
	err=$(cat "$T/err")
	expect 3
	[ -z "$out" ]
	has "$err" 'cannot ask: pipe'
}

@test "too few descriptors for a scenario: it is left out, with the reason" {
	status=0
	(ulimit -n 512 && exec "$PROG" verify --quick --seconds 1 --format json) \
		>"$T/out" 2>"$T/err" || status=$?
	[ "$status" -le 1 ]
	has "$(query '$d->{scenarios}[1]{reason}')" 'descriptors, the limit is 512'
	[ "$(query '$d->{scenarios}[1]{ratio}')" = null ]
}

@test "--keep: the verdict is kept, and status says that it holds" {
	denied && skip "io_uring is denied here"
	[ "$(id -u)" -eq 0 ] || skip "only root can make namespaces"
	"$PROG" check --only state.usable | grep -q 'this running system' ||
		skip "a chroot is not the running system: nothing is kept in it"
	mkdir "$T/varlib"
	unshare --mount sh -euc '
		mount --bind "$1/varlib" /var/lib
		"$2" verify --quick --seconds 2 --keep
		"$2" status >"$1/status"
		"$2" status --format json >"$1/out"
		sed -i "s/#1 /#0 /" /var/lib/uringprep/proofs/verify.json
		"$2" status >"$1/stale"' sh "$T" "$PROG"
	grep -q '^verify  proven' "$T/status" || fail "$(cat "$T/status")"
	[[ "$(query '$d->{proofs}[0]{result}')" =~ ^(yes|no|cannot_tell)$ ]]
	if grep -q '#1 ' /proc/version; then
		grep -q '^verify  stale' "$T/stale" || fail "$(cat "$T/stale")"
		grep -q 'why: kernel: was .*#0 .*, is .*#1 ' "$T/stale" || fail "$(cat "$T/stale")"
	fi
}

@test "--keep: not root is told before anything is measured" {
	[ "$(id -u)" -eq 0 ] || skip "only root can be somebody else, too"
	chmod 755 "$T"
	cp "$PROG" "$T/up"
	SECONDS=0
	status=0
	setpriv --reuid 65534 --regid 65534 --clear-groups "$T/up" verify --keep \
		>"$T/out" 2>"$T/err" || status=$?
	out=$(cat "$T/out")
	err=$(cat "$T/err")
	expect 3
	has "$err" "run it as root"
	[ "$SECONDS" -le 5 ]
}

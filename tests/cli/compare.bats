#!/usr/bin/env bats
# compare: two reports key by key, hundreds in groups.
load ../lib/common

# report NAME [KEY=VALUE...]: a recording of Debian 12 with some live values changed.
report()
{
	local name=$1
	shift
	perl -MJSON::PP -e 'my ($in, @set) = @ARGV; local (@ARGV, $/) = $in;
		my $facts = decode_json(<>);
		for (@set) {
			my ($section, $key, $value) = /^(\w+)\.(.+?)=(.*)$/ or die;
			$facts->{$section}{$key} = $value =~ /^-?\d+$/ && $section ne "sysctl" ? 0 + $value : $value;
		}
		print JSON::PP->new->canonical->pretty->encode($facts)' \
		"$SRC/tests/roots/debian12.facts.json" "$@" >"$T/$name"
}

# sum EXPRESSION: of the JSON report on stdout, as $r.
sum()
{
	perl -MJSON::PP -e 'my ($e, $in) = @ARGV; local (@ARGV, $/) = $in;
		our $r = decode_json(<>); my @got = eval $e; die $@ if $@; print "@got"' \
		"$1" "$T/out"
}

@test "a host and a container on it: the gate first, then the fact" {
	local deny=${PROG%/*}/tests/bin/deny
	[ -x "$deny" ] || skip "tests/bin/deny is not built"
	"$PROG" probe --require level:early >/dev/null || skip "no io_uring here to deny"
	"$PROG" probe --format json >"$T/host.json"
	"$deny" EPERM "$PROG" probe --format json >"$T/container.json" || true
	up compare "$T/host.json" "$T/container.json"
	expect 1
	has "$out" "first gate: uring.gates[name=seccomp].state: open in A, closed in B"
	has "$out" "first fact: uring.available: yes in A, no in B"
	[ "$(sed -n '/^DIFFERS/,/^Not/p' "$T/out" | wc -l)" -eq 6 ] || fail "more than that"
}

@test "a gate that differs comes before all else" {
	report a.json
	report b.json limits.nofile_soft=64 uring.setup_null=-1
	up compare "$T/a.json" "$T/b.json"
	expect 1
	has "$out" "first gate: uring.setup_null: -14 in A, -1 in B"
	has "$out" "first fact: limits.nofile_soft: 65536 in A, 64 in B"
	up compare "$T/a.json" "$T/b.json" --format json
	expect 1
	[ "$(sum 'map { "$_->{key}=$_->{a}/$_->{b}" } @{$r->{differences}}')" = \
		"uring.setup_null=-14/-1 limits.nofile_soft=65536/64" ]
	[ "$(sum '$r->{first_gate}{key}')" = uring.setup_null ]
}

@test "gates as probe lists them stand in their order" {
	for state in open closed; do
		printf '{"schema": "uringprep.probe/1", "tool": "1", "uring": {"available": true,
			"gates": [{"name": "kernel", "state": "open", "evidence": "%s"},
			{"name": "sysctl", "state": "%s", "evidence": "x", "opens": "%s"},
			{"name": "seccomp", "state": "%s"}]}}' $state $state $state $state \
			>"$T/$state.json"
	done
	up compare "$T/open.json" "$T/closed.json"
	expect 1
	has "$out" "first gate: uring.gates[name=sysctl].state: open in A, closed in B"
	case $out in *evidence* | *opens*) fail "explanations are compared" ;; esac
	up compare "$T/open.json" "$T/closed.json" --all
	has "$out" "uring.gates[name=kernel].evidence"
}

@test "what is alike exits 0; evidence and counters do not count, with --all they do" {
	report a.json
	report b.json use.aio_nr=77
	up compare "$T/a.json" "$T/b.json"
	expect 0
	has "$out" "Alike in all that was compared."
	up compare "$T/a.json" "$T/b.json" --all
	expect 1
	has "$out" "use.aio_nr"
}

@test "two runs of check on one host are alike" {
	up check --format json
	cp "$T/out" "$T/a.json"
	up check --format json
	cp "$T/out" "$T/b.json"
	up compare "$T/a.json" "$T/b.json"
	expect 0
}

@test "what io_uring may offer is not listed where one could not ask" {
	up compare "$SRC/tests/roots/debian12.facts.json" "$SRC/tests/roots/el7.facts.json"
	expect 1
	has "$out" "first gate: uring.setup_null: -14 in A, -38 in B"
	has "$out" "Not listed (--all does):"
	case $out in *opcodes*) fail "operations are listed" ;; esac
	up compare "$SRC/tests/roots/debian12.facts.json" "$SRC/tests/roots/el7.facts.json" --all
	has "$out" "uring.opcodes[name=accept].supported"
}

@test "500 recordings: the norm, and what tells the others from it" {
	report norm.json
	report off.json sysctl.kernel.io_uring_disabled=2
	report low.json limits.memlock_soft=65536
	mkdir "$T/fleet"
	for i in $(seq 1000 1499); do
		case $i in
		10?7 | 14?9) cp "$T/off.json" "$T/fleet/$i.json" ;;
		1250) cp "$T/low.json" "$T/fleet/$i.json" ;;
		*) cp "$T/norm.json" "$T/fleet/$i.json" ;;
		esac
	done
	up compare "$T"/fleet/*.json
	expect 1
	has "$out" "  479  alike: the norm"
	has "$out" "   20  sysctl.kernel.io_uring_disabled=2 (norm: -2)"
	has "$out" "    1  limits.memlock_soft=65536 (norm: 8388608)"
	has "$out" "files: $T/fleet/1250.json"
	has "$out" " and 15 more"
	up compare "$T"/fleet/*.json --files 1 --format json
	expect 1
	[ "$(sum 'map { $_->{count} } @{$r->{groups}}')" = "479 20 1" ]
	[ "$(sum 'scalar @{$r->{groups}[1]{files}}')" = 20 ]
	[ "$(sum '$r->{groups}[1]{named}')" = "$T/fleet/1007.json and 19 more" ]
	[ "$(sum 'map { "$_->{key}=$_->{value}" } @{$r->{groups}[2]{facts}}')" = \
		limits.memlock_soft=65536 ]
}

@test "500 that all differ: some are described, the rest is counted" {
	report base.json
	mkdir "$T/fleet"
	for i in $(seq 1000 1499); do
		sed "s/\"memlock_soft\" : [0-9]*/\"memlock_soft\" : $i/" "$T/base.json" \
			>"$T/fleet/$i.json"
	done
	up compare "$T"/fleet/*.json
	expect 1
	has "$out" "no two are alike"
	has "$out" "468 more files, of 468 other kinds, are not described."
}

@test "hundreds alike exit 0" {
	report a.json
	for i in $(seq 100); do cp "$T/a.json" "$T/$i.json"; done
	up compare "$T"/*.json
	expect 0
	has "$out" "  101  alike: the norm"
}

@test "kinds that differ are compared in what they share, and said to be so" {
	up check --format json
	cp "$T/out" "$T/check.json"
	printf '{"schema": "uringprep.probe/1", "kernel": "none such", "x": 1}' >"$T/probe.json"
	up compare "$T/check.json" "$T/probe.json"
	expect 1
	has "$out" "note: not all of one kind and version (check/1, probe/1;"
	has "$out" "none such"
	case $out in *findings*) fail "what one alone has is compared" ;; esac
	printf '{"schema": "uringprep.probe/1", "y": 1}' >"$T/probe.json"
	up compare "$T/check.json" "$T/probe.json"
	expect 3
	has "$err" "no key in common"
}

@test "a recording and a report of probe meet in what the kernel offers" {
	# shellcheck disable=SC2046 # two words
	up $(facts debian12) probe --format json
	expect 0
	cp "$T/out" "$T/probe.json"
	up compare "$T/probe.json" "$SRC/tests/roots/debian12.facts.json" --format json
	[ "$(sum 'grep { $_->{key} =~ /supported$/ } @{$r->{differences}}')" = "" ] ||
		fail "its own recording differs"
	report newer.json
	sed -i 's/"have" : "1ffffffffffff"/"have" : "3ffffffffffff"/' "$T/newer.json"
	up compare "$T/probe.json" "$T/newer.json"
	expect 1
	has "$out" "uring.opcodes[name=read_multishot].supported  no  yes"
}

@test "one file that is no report stops all, and is named" {
	report a.json
	cp "$T/a.json" "$T/b.json"
	head -c 300 "$T/a.json" >"$T/cut.json"
	up compare "$T/a.json" "$T/cut.json" "$T/b.json"
	expect 3
	has "$err" "cut.json:"
	[ -z "$out" ]
	up compare "$T/a.json" "$T"
	expect 3
	has "$err" "$T: cannot read: Is a directory"
	printf '{"schema": "uringprep.facts/1"}\0' >"$T/nul.json"
	up compare "$T/a.json" "$T/nul.json"
	expect 3
	has "$err" "NUL"
}

@test "nothing in a file moves the cursor, and deep or long ones are refused" {
	report a.json
	printf '{"schema": "uringprep.facts/1", "x\\u001b[31m": "\\u001b[2J"}' >"$T/esc.json"
	up compare "$T/a.json" "$T/esc.json"
	expect 1
	case $out in *$'\033'*) fail "an escape" ;; esac
	{ printf '{"schema": "uringprep.facts/1", "x": '; head -c 100000 /dev/zero | tr '\0' '['; } \
		>"$T/deep.json"
	up compare "$T/a.json" "$T/deep.json"
	expect 3
	has "$err" "too deep"
	perl -e 'print q({"schema": "uringprep.facts/1"), (map { qq(, "k$_": 1) } 1..70000), "}"' \
		>"$T/long.json"
	up compare "$T/a.json" "$T/long.json"
	expect 3
	has "$err" "too much in it"
}

@test "a failure that was saved is a report, too" {
	report a.json
	"$PROG" check --only no.such --format json >"$T/error.json" 2>/dev/null || true
	cp "$T/error.json" "$T/error2.json"
	up compare "$T/error.json" "$T/error2.json"
	expect 0
	up check --format json
	cp "$T/out" "$T/good.json"
	up compare "$T/good.json" "$T/error.json" --format json
	expect 1
	sum 'grep { $_->{key} eq "error.code" && $_->{only_in} eq "b" } @{$r->{differences}} or die'
}

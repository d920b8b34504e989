#!/usr/bin/env bats
# check --record and --facts: what was asked here is judged elsewhere the same.
load ../lib/common

# same ARGS...: check, live and by its recording: equal but for where it comes from.
same()
{
	up check "$@" --record "$T/facts.json" --format json
	grep -v '"evidence"\|"scope"' "$T/out" >"$T/live"
	local live=$status
	up --root / check --facts "$T/facts.json" --format json
	# The subject is named, the rest of it is not recorded.
	grep -v '"evidence"\|"scope"' "$T/out" >"$T/recorded"
	[ "$status" -eq "$live" ] || fail "exit $live live"
	perl -MJSON::PP -e 'my @r = map { local (@ARGV, $/) = $_; my $r = decode_json(<>);
		$r->{findings} = [ map { my %f = %$_; delete $f{evidence};
			$f{found} =~ s/^(the recorded|this running|this) // if $f{id} eq "container.scope";
			\%f } @{ $r->{findings} } ];
		delete $r->{scope}; $r->{subject} = $r->{subject} && $r->{subject}{name};
		JSON::PP->new->canonical->pretty->encode($r) } @ARGV;
		if ($r[0] ne $r[1]) { print "$r[0]\n$r[1]"; exit 1 }' "$T/live.json" "$T/out"
}

@test "live, and judged by its recording: the same" {
	up check --record "$T/facts.json" --format json
	cp "$T/out" "$T/live.json"
	same
	grep -q '"schema": "uringprep.facts/1"' "$T/facts.json"
}

@test "so is another process" {
	[ "$(id -u)" -eq 0 ] || skip "only root can become another user"
	prlimit --memlock=65536:65536 setpriv --reuid 65534 --regid 65534 --clear-groups \
		sleep 60 3>&- &
	pid=$!
	sleep 0.2
	up check --pid $pid --record "$T/facts.json" --format json
	cp "$T/out" "$T/live.json"
	same --pid $pid
	kill $pid
	has "$(cat "$T/facts.json")" "pid $pid (sleep)"
}

@test "a recording alone is not judged by the files of this host" {
	copy_root el7
	up --root "$ROOT" --facts "$SRC/tests/roots/el9.facts.json" check
	has "$out" "CentOS Linux 7"
	up --facts "$SRC/tests/roots/el9.facts.json" check
	expect 1
	has "$out" "no files (--root gives those)"
	has "$out" "distribution: unknown"
	[ "$(grep -c "judges files, and a recording holds none" "$T/out")" -gt 10 ] ||
		fail "few are skipped"
	up --facts "$SRC/tests/roots/el9.facts.json" apply server --dry-run
	expect 0
	has "$out" "/etc/sysctl.d/99-uringprep.conf  -  "
}

@test "probe judges a recording as it judged the kernel" {
	up probe --record "$T/facts.json"
	expect 0
	grep -v "^ *\(subject\|scope\)" "$T/out" >"$T/live"
	up probe --facts "$T/facts.json"
	expect 0
	diff "$T/live" "$T/out"
}

@test "a recording is written over, and not left behind half-made" {
	echo old >"$T/facts.json"
	up check --record "$T/facts.json" --only uring.disabled
	grep -q uringprep.facts "$T/facts.json"
	up check --record "$T/new.json" --profile nosuch
	expect 2
	[ ! -e "$T/new.json" ]
	up check --record "$T/no/folder.json"
	expect 3
	has "$err" "--record $T/no/folder.json: cannot write"
}

@test "there is nothing to record of files" {
	copy_root el7
	up --root "$ROOT" check --record "$T/facts.json"
	expect 2
	has "$err" "--record: is of a running system"
	up check --facts "$SRC/tests/roots/debian12.facts.json" --record "$T/facts.json"
	expect 2
	[ ! -e "$T/facts.json" ]
}

@test "what is no recording is refused, with the key" {
	copy_root el7
	while IFS='|' read -r json word; do
		echo "$json" >"$T/facts.json"
		up --root "$ROOT" check --facts "$T/facts.json"
		expect 3
		has "$err" "$word"
		[ -z "$out" ] || fail "a report all the same"
	done <<-'END'
		{}|not a recording
		{"schema": "uringprep.facts/2"}|not a recording
		{"schema": "uringprep.facts/1"} x|not a recording
		{"schema": "uringprep.facts/1", "uring": 1}|uring: expected an object
		{"schema": "uringprep.facts/1", "uring": {"setup_null": "x"}}|uring.setup_null: expected a whole number
		{"schema": "uringprep.facts/1", "uring": {"setup_null": 1}}|uring.setup_null: expected a number from -4095 to 0
		{"schema": "uringprep.facts/1", "uring": {"opcodes": {"have": "xyz"}}}|uring.opcodes.have: expected 1 to 64 digits
		{"schema": "uringprep.facts/1", "uring": {"opcodes": {"source": 9}}}|source: expected a number
		{"schema": "uringprep.facts/1", "limits": {"nofile_soft": 1.5}}|limits.nofile_soft: expected a whole number
		{"schema": "uringprep.facts/1", "limits": {"lock_exempt": "no"}}|limits.lock_exempt: expected true or false
		{"schema": "uringprep.facts/1", "kernel": {"release": 6}}|kernel.release: expected a text
		{"schema": "uringprep.facts/1", "sysctl": {"vm.swappiness": 60}}|sysctl.vm.swappiness: expected a number
	END
}

@test "what was not recorded is unknown" {
	copy_root el7
	echo '{"schema": "uringprep.facts/1", "kernel": {"release": "6.18.0"}}' >"$T/facts.json"
	up --root "$ROOT" check --facts "$T/facts.json" --only uring.available,limits.memlock,limits.nofile
	expect 3
	[ "$(grep -c ^UNKNOWN "$T/out")" = 3 ] || fail "not three unknown"
}

@test "every key of a recording is in the manual" {
	up check --record "$T/facts.json"
	unknown=$(perl -MJSON::PP -e '
		local $/;
		my ($facts, $man) = map { open my $f, "<", $_ or die "$_: $!\n"; <$f> } @ARGV;
		$man =~ s/.*^\.SS Recordings//ms or die "no such section\n";
		my $j = decode_json($facts);
		# Those of sysctls are keys of the kernel.
		for my $s (grep { ref $j->{$_} } keys %$j) {
			print "$_\n" for grep { $man !~ /\b\Q$_\E\b/ } $s,
				grep { $s !~ /^sysctl/ && ref $j->{$s}{$_} ne "HASH" } keys %{$j->{$s}};
		}' "$T/facts.json" "$SRC/man/uringprep-json.5")
	[ -z "$unknown" ] || fail "not in uringprep-json(5): $unknown"
}

@test "what was not recorded is unknown, not absent" {
	echo '{"schema": "uringprep.facts/1"}' >"$T/nothing.json"
	up --facts "$T/nothing.json" check --only uring,security,limits
	expect 0
	has "$out" "UNKNOWN  uring.disabled           cannot be read: it was not recorded"
	has "$out" "UNKNOWN  limits.nofile            the recording does not say"
	case $out in *PASS*) fail 'something passed' ;; esac
	echo '{"schema": "uringprep.facts/1", "sysctl": {"kernel.io_uring_disabled": -2}}' \
		>"$T/old.json"
	up --facts "$T/old.json" check --only uring.disabled
	expect 0
	has "$out" "this kernel has no such switch"
}

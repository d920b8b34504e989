#!/usr/bin/env bats
# probe: what it lists, requires and adds. What real kernels answer is compared with their
# release's table in tests/vm/probe.t, and with liburing's own probe where that is installed.
load ../lib/common

# A recorded Debian 12: what depends on the kernel at hand would prove nothing.
debian()
{
	# shellcheck disable=SC2046 # two words
	up $(facts debian12) probe "$@"
}

@test "every kind is listed, with release and use" {
	debian
	expect 0
	for title in Operations "Setup flags" Features "Register operations" "Enter flags" \
		"Request flags" "Flags of single operations"; do
		has "$out" "$title: "
	done
	has "$out" "accept a connection"
	has "$out" "Operations: 49 here"
}

@test "the running kernel is asked in a child and leaves nothing behind" {
	up probe --format json
	has "$out" '"uringprep.probe/1"'
	[ "$status" -le 1 ] || fail "neither yes nor no"
}

@test "--require: here, missing, unknown" {
	debian --require op:accept,feat:fast_poll,multishot_recv,defer_taskrun,level:full
	expect 0
	debian --require multishot_recv,feat:min_timeout
	expect 1
	has "$out" "FAIL    feat:min_timeout  not here"
	debian --require setup:21
	expect 3
	has "$out" "cannot tell"
	debian --require setup:21,feat:min_timeout
	expect 1
}

@test "--require: what the kernel has is of no use where no ring can be made" {
	sed 's/"setup_null": -14/"setup_null": -1/' "$SRC/tests/roots/debian12.facts.json" >"$T/f"
	up --facts "$T/f" probe --require op:accept
	expect 1
	has "$out" "FAIL    op:accept  no ring can be made"
	up --facts "$T/f" probe --require op:200
	expect 1
}

@test "--since lists what a release would add" {
	debian --since 6.1
	expect 0
	has "$out" "Nothing: all of it is here."
	debian --since 6.12
	expect 0
	has "$out" "min_timeout"
	case $out in *nop128*) fail "nop128 is of 6.19" ;; esac
}

@test "a number that has no name is shown by its number" {
	sed 's/"have": "1fff"/"have": "10001fff"/' "$SRC/tests/roots/debian12.facts.json" >"$T/f"
	up --facts "$T/f" probe
	expect 0
	has "$out" "newer than this program"
	has "$out" "yes  28  -"
}

@test "what could not be asked is said, with the reason" {
	# shellcheck disable=SC2046
	up $(facts el7) probe
	expect 0
	case $out in *Operations*) fail "nothing is known of operations" ;; esac
	has "$out" "it takes a ring to ask, and none can be made"
}

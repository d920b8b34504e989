#!/usr/bin/env bats
# is-ready: the exit code, and not a word.
load ../lib/common

setup_more()
{
	copy_root el7
}

# ready CODE ARGS...
ready()
{
	local code=$1
	shift
	up --root "$ROOT" is-ready "$@"
	expect "$code"
	[ -z "$out$err" ] || fail 'a word'
}

@test "0 ready, 1 not, 3 cannot tell; and not a word" {
	ready 1
	ready 0 --ignore uring.available
	ready 0 --skip uring
	ready 0 --only 'boot.*,state'
	rm "$ROOT"/boot/config-*
	ready 3
	ready 0 --skip uring.available # kernel.config cannot tell, but is only wanted
	ready 3 --only kernel.config   # but for who asks for it by name
	ready 0 --only kernel
	: >"$ROOT/boot/vmlinuz-3.10.0-1160.119.1.el7.x86_64"
	ready 1 # a no is sure, whatever else cannot be told
}

@test "the profile decides" {
	ready 0 --profile lockdown
	ready 1 --profile server
}

@test "it judges as check does" {
	for root in el7 el8 el7-efi debian12 broken; do
		# shellcheck disable=SC2046 # an option and its file
		set -- --root "$SRC/tests/roots/$root" $(facts "$root")
		up "$@" check --format nagios # which has a word for "a required one cannot tell"
		case $status in
		0 | 1) want=0 ;;
		2) want=1 ;;
		*) want=3 ;;
		esac
		up "$@" is-ready
		expect $want
	done
}

@test "wrong calls say so" {
	up is-ready --format json
	expect 2
	has "$err" 'prints nothing'
	up is-ready --output "$T/x"
	expect 2
	[ ! -e "$T/x" ] || fail 'a file'
	up is-ready --only no.such
	expect 2
	[ -z "$out" ] || fail 'stdout'
}

@test "this running system" {
	up is-ready --only uring.available
	is=$status
	up check --only uring.available
	[ "$is" -eq "$status" ] || fail "is-ready said $is"
}

#!/usr/bin/env bats
# --unit: a service is judged by its settings, and by its process where it runs. A real
# systemd, process 1 of namespaces of its own (tests/lib/systemd), does the answering; only
# what no systemd of ours says (old words, no answer) comes from a systemctl of the test's.
load ../lib/common

setup_file()
{
	export SYSTEMD_DIR
	SYSTEMD_DIR=$(mktemp -d /tmp/uringprep-systemd.XXXXXX)
	"$BATS_TEST_DIRNAME/../lib/systemd" start "$SYSTEMD_DIR" >"$SYSTEMD_DIR.why" || true
}

teardown_file()
{
	"$BATS_TEST_DIRNAME/../lib/systemd" stop "$SYSTEMD_DIR" || true
	rm -rf "$SYSTEMD_DIR" "$SYSTEMD_DIR.why"
}

# needs_systemd: or this test is skipped, with the reason.
needs_systemd()
{
	[ ! -s "$SYSTEMD_DIR.why" ] || skip "$(cat "$SYSTEMD_DIR.why")"
}

inside()
{
	"$SRC/tests/lib/systemd" in "$SYSTEMD_DIR" "$@"
}

# unit NAME START SETTING...: a service of these settings; START: yes or no.
unit()
{
	local name=$1 start=$2
	shift 2
	printf '[Service]\nExecStart=/bin/sleep 1000\n' >"$T/unit"
	printf '%s\n' "$@" >>"$T/unit"
	inside sh -c 'cat >/run/systemd/system/"$1".service; systemctl daemon-reload;
		[ "$2" = no ] || systemctl restart "$1"' x "$name" "$start" <"$T/unit"
}

# judged ARGS...: uringprep, inside.
judged()
{
	status=0
	inside "$PROG" "$@" >"$T/out" 2>"$T/err" </dev/null || status=$?
	out=$(cat "$T/out") err=$(cat "$T/err")
}

# asked SETTING...: uringprep itself as a service of these settings: what the kernel says
# from inside their filter.
asked()
{
	status=0
	unit asks yes Type=oneshot ExecStart= \
		"ExecStart=$PROG check --only uring.available" StandardOutput=file:/run/asked \
		SystemCallErrorNumber=EPERM "$@" || true
	status=$(inside systemctl show -p ExecMainStatus --value asks)
	out=$(inside cat /run/asked) err=
	has "$out" uring.available
}

@test "settings of a unit that does not run" {
	needs_systemd
	unit idle no User=nobody LimitMEMLOCK=64K LimitNOFILE=1000:2000
	judged check --unit idle --only 'uring.available,limits.*'
	expect 0
	has "$out" "idle.service"
	has "$out" "PASS    uring.available"
	has "$out" "1000 soft, 2000 hard"
	case $out in *"does not count rings"*) ;; *)
		has "$out" "WARN    limits.memlock   65536 bytes soft, 65536 hard"
		has "$out" "in the unit: systemctl edit idle.service" ;;
	esac
	judged check --unit idle --only uring.available --format json
	has "$out" '"uid": 65534'
	has "$out" '"pid": null'
}

@test "a filter that denies is named; its advice lifts it" {
	needs_systemd
	for filter in '~@aio' '@system-service' '~io_uring_setup:ENOSYS'; do
		unit denied yes User=nobody "SystemCallFilter=$filter"
		judged check --unit denied --only uring.available
		case $filter in @system-service)
			# @aio is a part of that group since systemd 239, io_uring of @aio later.
			if inside systemd-analyze syscall-filter @aio | grep -q io_uring; then
				expect 0
				continue
			fi ;;
		esac
		expect 1
		has "$out" "io_uring is denied by seccomp"
		has "$out" "SystemCallFilter= of denied.service denies io_uring_setup"
		advice=$(sed -n 's/.*\[Service\] \(SystemCallFilter=[a-z_ ]*\), then restart it.*/\1/p' "$T/out")
		[ -n "$advice" ] || fail "no advice"
		# The kernel says the same from inside that filter, before and after.
		asked "SystemCallFilter=$filter"
		expect 1
		asked "SystemCallFilter=$filter" "$advice"
		expect 0
		unit denied yes User=nobody "SystemCallFilter=$filter" "$advice"
		judged check --unit denied --only uring.available
		expect 0
	done
}

@test "a list of what is allowed, without io_uring" {
	needs_systemd
	unit listed yes SystemCallFilter=@basic-io SystemCallFilter=@signal SystemCallFilter=@process \
		"SystemCallFilter=@file-system clock_nanosleep"
	judged check --unit listed --only uring.available
	expect 1
	has "$out" "denies io_uring_setup, io_uring_enter, io_uring_register"
}

@test "filters of other settings are not about io_uring" {
	needs_systemd
	unit hardened yes SystemCallArchitectures=native LockPersonality=yes
	judged check --unit hardened --only uring.available --format json
	expect 0
	has "$out" "what SystemCallArchitectures= filters is not io_uring"
}

@test "a filter set since the start is said to come" {
	needs_systemd
	unit later yes
	unit later no 'SystemCallFilter=~@aio'
	inside systemctl daemon-reload
	# It runs on as it was started.
	inside sh -c 'grep -q "^Seccomp:.*0" /proc/$(systemctl show -p MainPID --value later)/status'
	judged check --unit later --only uring.available
	expect 1
	has "$out" "from its next start on"
}

@test "a running unit's own user and limits" {
	needs_systemd
	unit runs yes User=nobody LimitMEMLOCK=1M
	judged check --unit runs --only limits.memlock --format json
	has "$out" '"uid": 65534'
	has "$out" 1048576
	unit dynamic yes DynamicUser=yes
	judged check --unit dynamic --only limits.memlock,uring.available
	expect 0
	case $out in *CAP_IPC_LOCK*) fail "a dynamic user has no capabilities" ;; esac
}

@test "a user that /etc/passwd does not know cannot be asked as" {
	needs_systemd
	unit ghost no User=nosuchuser
	judged check --unit ghost --only uring.available
	expect 3
	has "$out" "user nosuchuser"
}

@test "no such unit, none that runs a program, no name" {
	needs_systemd
	judged check --unit nosuch
	expect 2
	has "$err" "--unit nosuch: systemd knows no such unit"
	judged check --unit uringprep-test.target
	expect 2
	has "$err" "runs no program"
	judged check --unit 'a*'
	expect 2
	judged check --unit ''
	expect 2
}

# A systemctl of the test's own, for answers that no systemd here gives.
fake()
{
	mkdir -p "$T/bin"
	cat >"$T/bin/systemctl"
	chmod +x "$T/bin/systemctl"
	PATH=$T/bin:$PATH
}

@test "groups that nobody explains leave it unknown (a systemctl of the test's)" {
	fake <<-'END'
		#!/bin/sh
		printf '%s\n' Id=old.service LoadState=loaded MainPID=0 User= LimitMEMLOCK=65536 \
			LimitNOFILE=4096 'SystemCallFilter=~@of-tomorrow'
	END
	printf '#!/bin/sh\nexit 1\n' >"$T/bin/systemd-analyze"
	chmod +x "$T/bin/systemd-analyze"
	up check --unit old --only uring.available
	expect 3
	has "$out" "systemd-analyze did not explain its groups"
}

@test "a systemctl that hangs or fails is no answer (of the test's)" {
	fake <<<$'#!/bin/sh\nsleep 60'
	before=$SECONDS
	up check --unit x
	expect 3
	has "$err" "no answer within"
	[ $((SECONDS - before)) -lt 10 ] || fail "it was waited for"
	fake <<<$'#!/bin/sh\necho "Failed to connect to bus" >&2; exit 1'
	up check --unit x
	expect 3
	has "$err" "--unit x: systemctl show: Failed to connect to bus"
	status=0
	env PATH="$T/none" "$PROG" check --unit x >"$T/out" 2>"$T/err" </dev/null || status=$?
	err=$(cat "$T/err")
	expect 3
	has "$err" "no systemctl in PATH"
}

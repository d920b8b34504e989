#!/usr/bin/env bats
# The units behind sockets and limits, and the commands that apply prints for them: a real
# systemd, process 1 of namespaces of its own (tests/lib/systemd), its network one, too.
load ../lib/common

setup_file()
{
	export SYSTEMD_DIR
	SYSTEMD_DIR=$(mktemp -d /tmp/uringprep-systemd.XXXXXX)
	unshare --net "$BATS_TEST_DIRNAME/../lib/systemd" start "$SYSTEMD_DIR" \
		>"$SYSTEMD_DIR.why" 2>&1 || true
}

teardown_file()
{
	"$BATS_TEST_DIRNAME/../lib/systemd" stop "$SYSTEMD_DIR" || true
	rm -rf "$SYSTEMD_DIR" "$SYSTEMD_DIR.why"
}

setup_more()
{
	[ ! -s "$SYSTEMD_DIR.why" ] || skip "$(cat "$SYSTEMD_DIR.why")"
	# Not the network of this host, whose values stay as they are.
	[ "$(inside readlink /proc/1/ns/net)" != "$(readlink /proc/self/ns/net)" ] ||
		fail "systemd runs in this network namespace"
	inside sh -c 'ip link set lo up; echo 128 >/proc/sys/net/core/somaxconn
		mkdir -p /etc/uringprep/profiles
		printf "[sysctl]\nnet.core.somaxconn=9000\n" >/etc/uringprep/profiles/raise.conf'
	# Listens on the port in its first argument, unless it was given a socket.
	inside sh -c 'cat >/run/server && chmod +x /run/server' <<-'END'
		#!/usr/bin/perl
		use Socket;
		if (!$ENV{LISTEN_FDS}) {
			socket(my $s, AF_INET, SOCK_STREAM, 0) or die $!;
			setsockopt($s, SOL_SOCKET, SO_REUSEADDR, 1) or die $!;
			bind($s, pack_sockaddr_in($ARGV[0], inet_aton('127.0.0.1'))) or die $!;
			listen($s, 511) or die $!;
			sleep 1000;
		}
		sleep 1000;
	END
}

teardown_more()
{
	[ ! -s "$SYSTEMD_DIR.why" ] || return 0
	inside sh -c 'systemctl stop "web*.service" "act*.service" "act*.socket" 2>/dev/null || true
		rm -rf /run/systemd/system/web* /run/systemd/system/act* /etc/systemd/system/web*
		systemctl daemon-reload'
}

inside()
{
	"$SRC/tests/lib/systemd" in "$SYSTEMD_DIR" "$@"
}

# put NAME: a unit file of stdin's.
put()
{
	inside sh -c 'cat >/run/systemd/system/"$1" && systemctl daemon-reload' x "$1"
}

up_inside()
{
	status=0
	inside "$PROG" "$@" >"$T/out" 2>"$T/err" </dev/null || status=$?
	out=$(cat "$T/out") err=$(cat "$T/err")
}

# backlog PORT: what listens there has it; nothing: none does.
backlog()
{
	inside ss -H -ltn "sport = :$1" | tr -s ' ' | cut -d ' ' -f 3
}

# wait_for PORT: until something listens.
wait_for()
{
	for _ in $(seq 100); do
		[ -z "$(backlog "$1")" ] || return 0
		sleep 0.05
	done
	fail "nothing listens on $1"
}

# restart_of TEXT: the command that the row with TEXT gives, of the last report.
restart_of()
{
	inside true
	perl -MJSON::PP -e 'local $/; for (@{ decode_json(<STDIN>)->{services}{backlogs} }) {
		print $_->{restart} // "", "\n" if $_->{socket} eq $ARGV[0] }' "$1" <"$T/out"
}

@test "a service is named, and its command gives the new backlog" {
	put 'web-a.service' <<<$'[Service]\nExecStart=/run/server 8001'
	inside systemctl start web-a
	wait_for 8001
	up_inside apply raise --yes --format json
	expect 0
	command=$(restart_of 'tcp 127.0.0.1:8001')
	[ "$command" = 'systemctl restart web-a.service' ] || fail "restart: $command"
	[ "$(backlog 8001)" = 128 ] || fail "it was restarted"
	inside sh -ec "$command"
	wait_for 8001
	[ "$(backlog 8001)" = 511 ] || fail "backlog $(backlog 8001)"
	up_inside revert
	expect 0
}

@test "a socket unit is named, alone and with its service running" {
	put act.socket <<<$'[Socket]\nListenStream=127.0.0.1:8002\nListenStream=/run/act me.sock'
	put act.service <<<$'[Service]\nExecStart=/run/server'
	for runs in no yes; do
		inside sh -c 'systemctl stop act.service act.socket
			echo 128 >/proc/sys/net/core/somaxconn; systemctl start act.socket'
		[ $runs = no ] || inside systemctl start act.service
		up_inside apply raise --yes --format json
		expect 0
		command=$(restart_of 'tcp 127.0.0.1:8002')
		has "$command" 'act.socket'
		[ "$command" = "$(restart_of 'unix /run/act me.sock')" ] || fail "two commands"
		[ "$(backlog 8002)" = 128 ] || fail "it was restarted"
		inside sh -ec "$command" || fail "failed: $command"
		[ "$(backlog 8002)" = 9000 ] || fail "backlog $(backlog 8002) after $command"
		[ "$(inside systemctl is-active act.socket)" = active ]
		case $runs in
		no) ! inside systemctl -q is-active act.service ;;
		yes) inside systemctl -q is-active act.service ;;
		esac
		up_inside revert
		expect 0
	done
}

@test "a socket unit that asks for as much itself gains nothing by a restart" {
	put act.socket <<<$'[Socket]\nListenStream=127.0.0.1:8003\nBacklog=128'
	put act.service <<<$'[Service]\nExecStart=/run/server'
	inside systemctl start act.socket
	up_inside apply raise --dry-run
	expect 0
	has "$(grep :8003 "$T/out")" "it asks for 128 itself: raise its Backlog= first"
	has "$(grep :8003 "$T/out")" act.socket
}

@test "sockets of systemd's own have no command" {
	# It listens there before a test sets a cap of its own.
	inside sh -c 'echo 4096 >/proc/sys/net/core/somaxconn'
	up_inside apply raise --dry-run
	expect 0
	row=$(grep '^unix /run/systemd/userdb/io.systemd.DynamicUser ' "$T/out") || fail "not listed"
	has "$row" "systemd's own: the next boot"
}

@test "LimitNOFILE of a drop-in: the command gives it, and then it has it" {
	put web-b.service <<<$'[Service]\nExecStart=/bin/sleep 1000\nLimitNOFILE=1000:2000'
	show=$(cd "$SRC" && cd "$BUILD" && pwd)/tests/unit/test_services
	# Less than now: where systemd itself may not raise hard limits, it gives what it can.
	text=$'[Service]\nLimitNOFILE=5000\nLimitMEMLOCK=4M\n'
	shown()
	{
		inside "$show" show web-b.service "$text" >"$T/out"
		out=$(cat "$T/out")
	}
	shown
	has "$(grep NOFILE "$T/out")" "it does not run: its next start has the limit"
	inside systemctl start web-b
	inside sh -c 'mkdir -p /etc/systemd/system/web-b.service.d
		printf "%s" "$1" >/etc/systemd/system/web-b.service.d/99-uringprep.conf' x "$text"
	shown
	row=$(grep NOFILE "$T/out")
	has "$row" "1000:2000"
	has "$row" sleep
	command='systemctl daemon-reload && systemctl restart web-b.service'
	has "$row" "$command"
	has "$(grep MEMLOCK "$T/out")" "$command"
	inside sh -ec "$command"
	inside sh -c 'cat /proc/$(systemctl show -p MainPID --value web-b)/limits' >"$T/limits"
	grep -q '^Max open files  *5000  *5000 ' "$T/limits" || fail "$(cat "$T/limits")"
	grep -q '^Max locked memory  *4194304  *4194304 ' "$T/limits" || fail "$(cat "$T/limits")"
	shown
	has "$(grep NOFILE "$T/out")" "it runs with that already"
	has "$(grep MEMLOCK "$T/out")" "it runs with that already"
}

@test "a unit that is not there, and no systemctl" {
	show=$(cd "$SRC" && cd "$BUILD" && pwd)/tests/unit/test_services
	inside "$show" show nosuch.service $'LimitNOFILE=5000\n' >"$T/out"
	has "$(cat "$T/out")" "systemd says that it is not-found"
	inside env PATH=/nonexistent "$show" show web.service $'LimitNOFILE=5000\n' >"$T/out"
	has "$(cat "$T/out")" "systemctl does not say"
	has "$(cat "$T/out")" "systemctl daemon-reload && systemctl restart web.service"
}

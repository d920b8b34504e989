#!/usr/bin/env bats
# What runs on with its old backlog or limit after apply: real sockets in a network namespace
# of their own, ss as the oracle; real units of a systemd of our own.
load ../lib/common

setup_more()
{
	[ "$(id -u)" -eq 0 ] || skip "only root can make namespaces"
	"$PROG" check --only state.usable | grep -q 'this running system' ||
		skip "a chroot is not the running system: no live value is set in it"
	mkdir -p "$T/etc/uringprep/profiles" "$T/etc/sysctl.d" "$T/varlib"
	printf '[sysctl]\nnet.core.somaxconn=9000\n' >"$T/etc/uringprep/profiles/raise.conf"
	printf '[sysctl]\nnet.core.somaxconn=64\n' >"$T/etc/uringprep/profiles/lower.conf"
	cat >"$T/listen" <<-'END'
		#!/usr/bin/perl
		# listen READY SPEC...: listens as told, makes the file READY, waits.
		# SPEC: somaxconn=N, or FAMILY,ADDRESS,BACKLOG (unix: '@' for a NUL in front)
		use strict;
		use warnings;
		use Socket qw(:all);
		my ($ready, @specs) = @ARGV;
		my @keep;
		for (@specs) {
			if (/^somaxconn=(\d+)/) {
				open my $f, '>', '/proc/sys/net/core/somaxconn' or die $!;
				print $f "$1\n";
				close $f or die $!;
				next;
			}
			my ($family, $at, $backlog) = split /,/;
			my ($host, $port) = $at =~ /^(.*):(\d+)$/;
			my ($domain, $type) = $family =~ /unix/ ? AF_UNIX : $host =~ /:/ ? AF_INET6 : AF_INET;
			$type = $family eq 'unix-seqpacket' ? SOCK_SEQPACKET : SOCK_STREAM;
			socket(my $s, $domain, $type, $family eq 'mptcp' ? 262 : 0) or die "$_: $!";
			my $addr;
			if ($domain == AF_UNIX) {
				$addr = sockaddr_un($at =~ s/^@/\0/r);
			} else {
				setsockopt($s, SOL_SOCKET, SO_REUSEPORT, 1) or die $!;
				setsockopt($s, IPPROTO_IPV6, IPV6_V6ONLY, 1) if $domain == AF_INET6;
				$addr = $domain == AF_INET6
					? pack_sockaddr_in6($port, inet_pton(AF_INET6, $host))
					: pack_sockaddr_in($port, inet_aton($host));
			}
			bind($s, $addr) or die "$_: $!";
			listen($s, $backlog) or die "$_: $!";
			push @keep, $s;
		}
		open my $f, '>', $ready or die $!;
		close $f;
		sleep 1000;
	END
	# What JSON says: a listener a line, "PROTOCOL ADDRESS BACKLOG PID", each socket once.
	cat >"$T/ours" <<-'END'
		use JSON::PP;
		local $/;
		for (@{ decode_json(<STDIN>)->{services}{backlogs} }) {
			print "$_->{socket} $_->{backlog} ", $_->{pid} // '-', "\n" for ($_) x $_->{sockets};
		}
	END
	# The same of `ss -H -ltnp; ss -H -xlp`.
	cat >"$T/theirs" <<-'END'
		while (<STDIN>) {
			my ($pid) = /pid=(\d+)/;
			my @w = split;
			if ($w[0] eq 'LISTEN') { print "tcp $w[3] $w[2] $pid\n"; }
			elsif ($w[0] =~ /^u_(str|seq)/ && $w[1] eq 'LISTEN') {
				print $1 eq 'str' ? 'unix' : 'unix-seqpacket', " $w[4] $w[3] $pid\n";
			}
		}
	END
	# For scripts: start SPEC... listens in the background.
	cat >"$T/words" <<-'END'
		start()
		{
			rm -f "$T/ready"
			perl "$T/listen" "$T/ready" "$@" &
			listener=$!
			for _ in $(seq 100); do [ ! -e "$T/ready" ] || return 0; sleep 0.05; done
			return 1
		}
		stop() { kill "$listener"; wait "$listener" 2>/dev/null || true; }
		ours() { perl "$T/ours" | LC_ALL=C sort; }
		theirs() { { ss -H -ltnp; ss -H -xlp; } | perl "$T/theirs" | LC_ALL=C sort; }
		# Those whose backlog is as told: with '> 64'.
		with() { perl -lane "print if \$F[-2] $1"; }
		# strace, under which the sanitizer of leaks does not work.
		traced() { ASAN_OPTIONS=${ASAN_OPTIONS-}:detect_leaks=0 strace -qq -o "$T/trace" "$@"; }
		trap 'kill $(jobs -p) 2>/dev/null || true' EXIT
	END
}

with_services()
{
	cat >"$T/script"
	unshare --mount --net --pid --fork --kill-child --mount-proc bash -euc '
		mount --bind "$1/etc" /etc
		mount --bind "$1/varlib" /var/lib
		ip link set lo up
		T=$1 up=$2
		. "$1/words"
		. "$1/script"' bash "$T" "$PROG"
}

@test "random listeners: backlog and process as ss says them, for every cap" {
	caps=(16 128 500 4096)
	backlogs=(5 16 64 128 500 511 4096 9999)
	families=(tcp mptcp tcp6 unix unix-seqpacket)
	specs=()
	for ((i = 0; i < 120; i++)); do
		((i % 10)) || specs+=("somaxconn=${caps[RANDOM % 4]}")
		family=${families[RANDOM % 5]}
		case $family in
		tcp) at=127.0.0.$((RANDOM % 250 + 1)):$((2000 + i)) ;;
		mptcp) at=0.0.0.0:$((2000 + i)) ;;
		tcp6) family=tcp at=::1:$((2000 + i)) ;;
		unix) at=@some-$i ;;
		*) at=$T/sock-$i ;;
		esac
		[ "$family" != mptcp ] || [ -e /proc/sys/net/mptcp/enabled ] || family=tcp
		specs+=("$family,$at,${backlogs[RANDOM % 8]}")
	done
	printf '%s\n' "${specs[@]}" >"$T/specs"
	echo "# $(grep -c , "$T/specs") listeners" >&3
	with_services <<'END'
mapfile -t specs <"$T/specs"
start "${specs[@]}"
theirs >"$T/ss"
[ "$(wc -l <"$T/ss")" = "$(grep -c , "$T/specs")" ]
for cap in 16 128 500 4096; do
	echo $cap >/proc/sys/net/core/somaxconn
	"$up" apply raise --dry-run --format json >"$T/json"
	ours <"$T/json" >"$T/ours.$cap"
	with "== $cap" <"$T/ss" | diff - "$T/ours.$cap"
	less=$(with "< $cap" <"$T/ss" | wc -l)
	[ "$less" = 0 ] || grep -q "$less other listening socket" "$T/json"
done
cat "$T"/ours.* | sort >"$T/all"
echo 64 >/proc/sys/net/core/somaxconn
[ -s "$T/all" ]
# Lowered: what has more keeps it.
echo 9000 >/proc/sys/net/core/somaxconn
"$up" apply lower --dry-run --format json | ours >"$T/larger"
with '> 64' <"$T/ss" | diff - "$T/larger"
END
}

@test "apply names those that the cap cut; when they listen anew none is left" {
	with_services <<'END'
echo 128 >/proc/sys/net/core/somaxconn
start tcp,127.0.0.1:8001,511 tcp,127.0.0.1:8002,5 unix,@cut,9999
"$up" apply raise --yes >"$T/said"
[ "$(cat /proc/sys/net/core/somaxconn)" = 9000 ]
grep -q "^tcp 127.0.0.1:8001 *128 *perl *$listener *- *by hand" "$T/said"
grep -q '^unix @cut  *128 ' "$T/said"
! grep -q ':8002' "$T/said"
grep -q '1 other listening socket asked for less than 128 itself' "$T/said"
grep -q 'they asked for that or more' "$T/said"
# A dry run of the same step says the same while they run, and nothing once they listened
# anew.
echo 128 >/proc/sys/net/core/somaxconn
"$up" apply raise --dry-run --format json | ours >"$T/one"
[ "$(wc -l <"$T/one")" = 2 ]
stop
echo 9000 >/proc/sys/net/core/somaxconn
start tcp,127.0.0.1:8001,511 unix,@cut,9999
theirs | grep -q '@cut 9000'
echo 128 >/proc/sys/net/core/somaxconn
"$up" apply raise --dry-run --format json | ours >"$T/two"
[ ! -s "$T/two" ]
END
}

@test "a second raise still names what the first one's cap, or the one before it, cut" {
	with_services <<'END'
mkdir -p /etc/uringprep/profiles
printf '[sysctl]\nnet.core.somaxconn=>500\n' >/etc/uringprep/profiles/some.conf
echo 128 >/proc/sys/net/core/somaxconn
start tcp,127.0.0.1:8001,511 tcp,127.0.0.1:8002,5
"$up" apply some --yes >/dev/null
"$up" apply raise --yes >"$T/said"
grep -q '^tcp 127.0.0.1:8001 *128 ' "$T/said"
grep -q '1 other listening socket asked for less than 128 itself' "$T/said"
END
}

@test "sockets that are alike are one row, and a row for each process" {
	with_services <<'END'
start tcp,0.0.0.0:80,9999 tcp,0.0.0.0:80,9999 tcp,0.0.0.0:80,9999
"$up" apply raise --dry-run --format json >"$T/json"
[ "$(grep -c '"socket"' "$T/json")" = 1 ]
grep -q '"sockets": 3' "$T/json"
[ "$(ours <"$T/json" | wc -l)" = 3 ]
END
}

@test "two thousand listeners: soon, and text stops at twenty" {
	with_services <<'END'
ulimit -n 4096
specs=()
for i in $(seq 2000); do specs+=("tcp,127.0.0.1:$((10000 + i)),9999"); done
start "${specs[@]}"
begin=$(date +%s%N)
"$up" apply raise --dry-run >"$T/said"
took=$((($(date +%s%N) - begin) / 1000000))
echo "# 2000 listeners: $took ms" >&3
[ $took -lt 5000 ]
[ "$(grep -c '^tcp ' "$T/said")" = 20 ]
grep -q '^... and 1980 more' "$T/said"
"$up" apply raise --dry-run --format json | ours >"$T/all"
[ "$(wc -l <"$T/all")" = 2000 ]
END
}

@test "another user is told the sockets, and that root sees whose they are" {
	with_services <<'END'
start tcp,127.0.0.1:8001,9999
chmod 755 "$T"
setpriv --reuid 65534 --regid 65534 --clear-groups "$up" apply raise --dry-run >"$T/said"
grep -q '^tcp 127.0.0.1:8001 *4096 *- *- *- *run as root' "$T/said"
END
}

@test "processes that come and go while we look" {
	with_services <<'END'
churn()
{
	while :; do
		rm -f "$T/r"
		perl "$T/listen" "$T/r" tcp,127.0.0.1:8001,9999 tcp,127.0.0.1:8002,9999 &
		sleep 0.04
		kill $! 2>/dev/null || true
		wait $! 2>/dev/null || true
	done
}
churn &
for i in $(seq 100); do
	"$up" apply raise --dry-run --format json >"$T/json"
	ours <"$T/json" >>"$T/seen"
done
grep -q 8001 "$T/seen"
END
}

@test "a kernel that cannot be asked leaves it unknown, and the rest is done" {
	with_services <<'END'
start tcp,127.0.0.1:8001,9999
traced -e trace=socket -e inject=socket:error=EPROTONOSUPPORT \
	"$up" apply raise --yes >"$T/said"
grep -q 'who keeps an old backlog is unknown: this kernel cannot be asked for listening tcp' "$T/said"
[ "$(cat /proc/sys/net/core/somaxconn)" = 9000 ]
END
}

@test "of a tree and offline nothing is said, and nothing is asked" {
	with_services <<'END'
start tcp,127.0.0.1:8001,9999
traced -f -e trace=socket,execve "$up" --offline apply raise --dry-run \
	--format json >"$T/json"
! grep -q services "$T/json"
! grep -q 'socket(\|systemctl' "$T/trace"
END
}

@test "a holder that is not seen here is not guessed" {
	with_services <<'END'
start tcp,127.0.0.1:8003,9999
unshare --pid --fork --mount-proc "$up" apply raise --dry-run >"$T/said"
grep -q '^tcp 127.0.0.1:8003 *4096 *- *- *- *no process seen here has it' "$T/said"
END
}

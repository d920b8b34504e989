#!/usr/bin/env bats
# The echo server alone.
load ../lib/common

setup_more()
{
	server=
}

# Only what this test has started.
teardown_more()
{
	if [ -n "$server" ]; then kill -KILL "$server" 2>/dev/null || true; fi
}

# start ARGS: in the background; $server, $port.
start()
{
	"$@" >"$T/serve.out" 2>"$T/serve.err" 3>&- &
	server=$!
	local i line=
	for ((i = 0; i < 100; i++)); do
		line=$(head -n 1 "$T/serve.out" 2>/dev/null || true)
		if [ -n "$line" ]; then break; fi
		sleep 0.05
	done
	first=$line
	port=${line#listening on 127.0.0.1:}
	port=${port%% *}
}

# ended SIGNAL: the server ends with 0 soon after SIGNAL.
ended()
{
	local code=0
	kill -"$1" "$server"
	wait "$server" || code=$?
	server=
	[ "$code" -eq 0 ] || { cat "$T/serve.err"; false; }
}

# What is sent comes back.
echoes()
{
	exec 7<>"/dev/tcp/127.0.0.1/$port"
	echo "one line" >&7
	read -r -t 5 answer <&7
	exec 7<&-
	[ "$answer" = "one line" ]
}

denied()
{
	"$PROG" check --only uring.available >/dev/null 2>&1 && return 1
	return 0
}

@test "epoll: says its port first, echoes, ends on SIGTERM with 0" {
	start "$PROG" serve --engine epoll --port 0
	[ "$first" = "listening on 127.0.0.1:$port engine epoll" ]
	[ "$port" -gt 0 ]
	echoes
	echoes
	ended TERM
	[ "$(wc -l <"$T/serve.out")" -eq 1 ]
	[ ! -s "$T/serve.err" ]
}

@test "uring and uring-basic: the same, on SIGINT" {
	denied && skip "io_uring is denied here"
	for engine in uring uring-basic; do
		# An interactive shell's children ignore SIGINT when in the background.
		start env --default-signal=INT "$PROG" serve --engine "$engine"
		[ "$first" = "listening on 127.0.0.1:$port engine $engine" ]
		echoes
		ended INT
	done
}

@test "a taken port: exit 3, one line that names it" {
	start "$PROG" serve --engine epoll
	up serve --engine epoll --port "$port"
	expect 3
	[ -z "$out" ]
	[ "$(wc -l <"$T/err")" -eq 1 ]
	has "$err" "127.0.0.1:$port: cannot listen"
	ended TERM
}

# LeakSanitizer cannot work in a process that is traced.
@test "strace: io_uring does all, no recv, send or epoll_wait" {
	denied && skip "io_uring is denied here"
	start env ASAN_OPTIONS="${ASAN_OPTIONS-}:detect_leaks=0" strace -f -o "$T/trace" "$PROG" serve --engine uring
	for _ in 1 2 3; do echoes; done
	# strace passes the signal on to what it traces.
	kill -TERM "$(pgrep -P "$server")"
	wait "$server"
	server=
	grep -q 'io_uring_enter(' "$T/trace"
	run grep -E '(recv|recvfrom|recvmsg|read|send|sendto|sendmsg|write|accept4?|epoll_[a-z]+|poll|select)\(' \
		<(sed '1,/listening on/d' "$T/trace")
	[ "$status" -eq 1 ] || { echo "$output"; false; }
}

@test "strace: the epoll engine makes them, so the test above can see them" {
	start env ASAN_OPTIONS="${ASAN_OPTIONS-}:detect_leaks=0" strace -f -o "$T/trace" "$PROG" serve --engine epoll
	echoes
	kill -TERM "$(pgrep -P "$server")"
	wait "$server"
	server=
	grep -q 'recvfrom(' "$T/trace"
	grep -q 'sendto(' "$T/trace"
	grep -q 'epoll_wait(' "$T/trace"
	run grep 'io_uring_enter(' "$T/trace"
	[ "$status" -eq 1 ]
}

@test "io_uring denied: exit 1, says why; epoll serves" {
	run "${PROG%/*}/tests/bin/deny" EPERM "$PROG" serve --engine uring
	[ "$status" -eq 1 ]
	[[ $output == *"io_uring is denied here (seccomp)"* ]]
	start "${PROG%/*}/tests/bin/deny" EPERM "$PROG" serve --engine epoll
	echoes
	ended TERM
}

@test "whether io_uring is denied cannot be asked: exit 3" {
	run env ASAN_OPTIONS="${ASAN_OPTIONS-}:detect_leaks=0" strace -o "$T/trace" \
		-e inject=pipe2:error=EMFILE:when=1 "$PROG" serve --engine uring
	[ "$status" -eq 3 ]
	[[ $output == *"cannot ask: pipe"* ]]
}

@test "stdout that cannot be written: exit 3, not a server nobody knows of" {
	status=0
	timeout 10 "$PROG" serve --engine epoll >/dev/full 2>"$T/err" || status=$?
	[ "$status" -eq 3 ]
	grep -q 'stdout: cannot write' "$T/err"
}

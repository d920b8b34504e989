#!/usr/bin/env bats
# packaging/deps with package managers that only record how they were called.
load ../lib/common

setup_more()
{
	mkdir "$T/bin"
	ln -s /usr/bin/* /bin/* /usr/sbin/* "$T/bin" 2>/dev/null || true
	rm -f "$T/bin/apt-get" "$T/bin/dnf" "$T/bin/yum"
	user 0
}

# user UID: who `id` says we are.
user()
{
	rm -f "$T/bin/id"
	printf '#!/bin/sh\necho %d\n' "$1" >"$T/bin/id"
	chmod +x "$T/bin/id"
}

# manager NAME CODE [FILE]: a package manager that exits with CODE; before, an install
# that names a package makes FILE in $T/bin.
manager()
{
	cat >"$T/bin/$1" <<END
#!/bin/sh
echo "$1 \$*" >>"$T/calls"
[ "\$1" != install ] || [ -z "${3-}" ] || ln -s /bin/true "$T/bin/${3-}"
exit $2
END
	chmod +x "$T/bin/$1"
}

deps()
{
	status=0
	PATH=$T/bin "$SRC/packaging/deps" "$@" >"$T/out" 2>"$T/err" || status=$?
	out=$(cat "$T/out")
	err=$(cat "$T/err")
}

@test "all there: silent, nothing called" {
	manager apt-get 0
	deps build test
	expect 0
	[ -z "$out$err" ]
	[ ! -e "$T/calls" ]
}

@test "missing: says what and why, then installs" {
	rm "$T/bin/strace"
	manager apt-get 0 strace
	deps build test
	expect 0
	has "$err" 'strace: strace, which sees what is written (test)'
	[ "$(cat "$T/calls")" = 'apt-get install -y --no-install-recommends strace' ]
}

@test "a stage that was not asked for is not looked at" {
	rm "$T/bin/strace"
	manager apt-get 0
	deps build
	expect 0
	[ ! -e "$T/calls" ]
}

@test "no repository answers: exit 3 and the exact names" {
	rm "$T/bin/strace" "$T/bin/shellcheck"
	manager apt-get 100
	deps test
	expect 3
	has "$err" 'apt-get could not install: strace shellcheck'
	has "$(cat "$T/calls")" 'apt-get update'
}

@test "dnf and yum: their own names" {
	rm "$T/bin/sysctl" "$T/bin/shellcheck"
	manager yum 1
	deps test
	expect 3
	has "$err" 'yum could not install: ShellCheck procps-ng'
	manager dnf 1
	deps test
	has "$err" 'dnf could not install: ShellCheck procps-ng'
}

@test "no package manager: exit 3 and the names" {
	rm "$T/bin/strace"
	deps test
	expect 3
	has "$err" 'no apt-get, dnf or yum here; install by hand: strace'
}

@test "not root: exit 3, nothing called" {
	rm "$T/bin/strace"
	user 1000
	manager apt-get 0
	deps test
	expect 3
	has "$err" 'not root; run: apt-get install strace'
	[ ! -e "$T/calls" ]
}

@test "installed and still missing: exit 3" {
	rm "$T/bin/strace"
	manager apt-get 0
	deps test
	expect 3
	has "$err" 'still not found: strace'
}

@test "an unknown stage: exit 2" {
	deps bulid
	expect 2
	has "$err" 'bulid'
}

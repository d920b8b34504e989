#!/usr/bin/env bats
# profile list, show, diff, check.
load ../lib/common

PROFILES=etc/uringprep/profiles

setup_more()
{
	copy_root el7
	mkdir -p "$ROOT/$PROFILES"
}

# mine NAME: stdin becomes a profile of the tree.
mine()
{
	cat >"$ROOT/$PROFILES/$1.conf"
}

@test "list: built in, over the built-in one, broken, and which is active" {
	printf '[main]\nsummary=ours\n[sysctl]\nvm.swappiness=5\n' | mine server
	printf '[sysctl]\nvm.swappiness=x\n' | mine bad
	up --root "$ROOT" apply server storage --yes
	expect 0
	up --root "$ROOT" profile list
	expect 0
	grep -qx 'article  *built in  *the three values.*' <<<"$out" || fail "article"
	grep -qx 'server  *\*  */etc/uringprep/profiles/server.conf, over the built-in one  *ours' \
		<<<"$out" || fail "server"
	grep -qx 'storage  *\*  *built in  *databases.*' <<<"$out" || fail "storage"
	has "$out" "not usable: /etc/uringprep/profiles/bad.conf:2:15: vm.swappiness: \"x\" is not"
	up --root "$ROOT" profile list --format json
	expect 0
	has "$out" '"uringprep.profile_list'
	has "$out" '"active_unknown": null'
}

@test "list: a journal that cannot be read leaves open which is active" {
	mkdir -p "$ROOT/var/lib/uringprep/txn/0001"
	echo 'applied' >"$ROOT/var/lib/uringprep/txn/0001/state"
	echo '{' >"$ROOT/var/lib/uringprep/txn/0001/plan.json"
	up --root "$ROOT" profile list
	expect 0
	has "$out" "which is active is not known: "
	up --root "$ROOT" profile list --format json
	has "$out" '"active": null'
}

@test "list: a file that may not be read says why" {
	[ "$(id -u)" -eq 0 ] || skip "only root can become somebody else"
	echo '[sysctl]' | mine secret
	chmod 600 "$ROOT/$PROFILES/secret.conf"
	chmod 755 "$T"
	cp "$PROG" "$T/prog"
	out=$(setpriv --reuid 65534 --regid 65534 --clear-groups \
		"$T/prog" --root "$ROOT" profile list)
	has "$out" "/etc/uringprep/profiles/secret.conf: cannot read: Permission denied"
}

@test "show: what an include and its includer come to, with places" {
	mine mine <<-'END'
		[main]
		summary=mine
		include=server
		[sysctl]
		vm.swappiness=1
		[limits]
		memlock=64M
		nofile=65536
		units=nginx web@1
		[require]
		needs=op:send_zc
	END
	up --root "$ROOT" profile show mine
	expect 0
	grep -Eq '^vm.swappiness +1 +- +/etc/uringprep/profiles/mine.conf:5 ' <<<"$out" ||
		fail "swappiness"
	grep -Eq '^net.core.somaxconn +at least 4096 +connections +server.conf:[0-9]+ ' \
		<<<"$out" || fail "somaxconn"
	grep -Eq '^memlock +67108864 +bytes +/etc/uringprep/profiles/mine.conf:7$' <<<"$out" ||
		fail "memlock"
	has "$out" "for logins, and for web@1.service"
	grep -Eq '^level:network +server.conf:' <<<"$out" || fail "level"
	grep -Eq '^op:send_zc +/etc/uringprep/profiles/mine.conf:11$' <<<"$out" || fail "need"
	has "$out" "built in, included by /etc/uringprep/profiles/mine.conf:3"
	up --root "$ROOT" profile show mine --format json
	expect 0
	has "$out" '"rule": "raise"'
	has "$out" '"web@1.service"'
}

@test "show --text of what is built in, put into /etc, is the same profile" {
	for name in server storage lockdown article; do
		up profile show "$name" --text
		expect 0
		mv "$T/out" "$T/$name.conf"
		diff "$T/$name.conf" "$SRC/profiles/$name.conf"
		up profile diff "$name" "$T/$name.conf"
		expect 0
		has "$out" "No difference."
	done
}

@test "show --text of tabs and CRLF loads as the same profile" {
	printf '[sysctl]\r\nvm.swappiness\t=\t5\t# why\r\n' | mine dos
	up --root "$ROOT" profile show dos --text
	expect 0
	mv "$T/out" "$T/dos.conf"
	up --root "$ROOT" profile diff dos "$T/dos.conf"
	expect 0
}

@test "diff: 0 the same, 1 different" {
	up profile diff server server
	expect 0
	up profile diff server storage
	expect 1
	[ -z "$err" ] || fail "stderr is not empty"
	grep -Eq '^vm.swappiness +at most 10 +at most 1$' <<<"$out" || fail "swappiness"
	grep -Eq '^net.core.somaxconn +at least 4096 +-$' <<<"$out" || fail "somaxconn"
	grep -Eq '^require needs +- +op:fsync op:readv op:writev$' <<<"$out" || fail "needs"
	printf '[limits]\nunits=b a\nnofile=2048\n' | mine a
	printf '[limits]\nunits=b a c\nnofile=2048\n' | mine b
	up --root "$ROOT" profile diff a b --format json
	expect 1
	has "$out" '"limits units"'
	[[ $out != *nofile* ]] || fail "nofile does not differ"
}

@test "check: every mistake of a file, with its place" {
	cat >"$T/x.conf" <<-'END'
		nonsense
		[main]
		include=nosuch
		[sysctl]
		vm.swapiness=1
		net.core.somaxconn = x
		vm.swappiness=1
		vm.swappiness=2
		[limits]
		memlock=>1
		[disk]
		a=b
	END
	up profile check "$T/x.conf"
	expect 1
	[ -z "$err" ] || fail "stderr is not empty"
	for said in ":1:1: expected key=value" ":3:9: include=nosuch: there is none" \
		":5:1: vm.swapiness: not a key this tool knows; near it: vm.swappiness" \
		':6:22: net.core.somaxconn: "x" is not a number' \
		":8:1: vm.swappiness: line 7 sets it, too: this one counts" \
		':10:9: memlock: ">1" raises or lowers' ":12:1: [disk]: unknown section"; do
		has "$out" "$T/x.conf$said"
	done
	[ "$(grep -c ^FAIL <<<"$out")" = 6 ] || fail "six errors"
	has "$out" "Not usable: 6 errors, 1 warning"
}

@test "check: warnings alone are 0, and formats of machines name file and line" {
	printf '[sysctl]\nvm.swappiness=1\nvm.swappiness=2\n' >"$T/x.conf"
	up profile check "$T/x.conf" --format github
	expect 0
	has "$out" "::warning file=$T/x.conf,line=3,col=1,title=uringprep profile.twice::WARN: "
	mkdir "$T/y,z"
	printf '[sysctl]\nvm.swappiness=x\n' >"$T/y,z/y.conf"
	up profile check "$T/x.conf" "$T/y,z/y.conf" server --format github
	expect 1
	has "$out" "::error file=$T/y%2Cz/y.conf,line=2,col=15,title=uringprep profile.value::FAIL: "
	has "$out" "PASS profile.valid: server: no mistake"
	up profile check "$T/x.conf" "$T/y,z/y.conf" --format tap
	expect 1
	has "$out" "not ok 2"
	up profile check "$T/x.conf" --format junit
	expect 0
	up profile check "$T/x.conf" --format json
	has "$out" '"line": 3'
}

@test "check: what this kernel lacks, or takes less of, is a warning" {
	copy_root debian12
	sed 's/"release": "[^"]*"/"release": "4.18.0"/' "$SRC/tests/roots/debian12.facts.json" \
		>"$T/facts.json"
	printf '[sysctl]\nvm.swappiness=150\nkernel.io_uring_disabled=2\n' >"$T/x.conf"
	up --root "$ROOT" --facts "$T/facts.json" profile check "$T/x.conf"
	expect 0
	has "$out" "x.conf:2:15: vm.swappiness: mainline before 5.8 takes at most 100, and this is 4.18.0"
	has "$out" "x.conf:3:26: kernel.io_uring_disabled: this kernel has no such key"
	up --root "$ROOT" --facts "$SRC/tests/roots/debian12.facts.json" profile check "$T/x.conf"
	[[ $out != *mainline* ]] || fail "6.1 takes 150"
}

@test "check: a switch that is loosened is named" {
	copy_root debian12
	sed 's/"vm.swappiness": "/"kernel.io_uring_disabled": "2", &/' \
		"$SRC/tests/roots/debian12.facts.json" >"$T/facts.json"
	printf '[sysctl]\nkernel.io_uring_disabled=<1\n' >"$T/x.conf"
	up --root "$ROOT" --facts "$T/facts.json" profile check "$T/x.conf"
	expect 0
	has "$out" "WARN"
	has "$out" "opens io_uring to CAP_SYS_ADMIN and to members of kernel.io_uring_group"
	has "$out" "--accept kernel.io_uring_disabled"
	# A kernel without the key, and a host that is not known.
	up --root "$ROOT" --facts "$SRC/tests/roots/debian12.facts.json" profile check "$T/x.conf"
	has "$out" "no mistake"
	up --root "$ROOT" profile check "$T/x.conf"
	grep -Eq '^PASS +profile.security +.*where it is stricter, opens' <<<"$out" || fail "note"
}

@test "check: limits that do nothing, or lock out" {
	printf '[limits]\nunits=nginx\n' >"$T/x.conf"
	up profile check "$T/x.conf"
	has "$out" "neither memlock nor nofile"
	printf '[limits]\nnofile=2000000\n' >"$T/x.conf"
	up profile check "$T/x.conf"
	has "$out" "logins are refused"
	: >"$T/x.conf"
	up profile check "$T/x.conf"
	expect 0
	has "$out" "sets nothing and asks for nothing"
}

@test "check: a draft is judged as if it were in /etc" {
	printf '[main]\ninclude=web\n' | mine other
	printf '[main]\ninclude=other\n' >"$T/web.conf"
	up --root "$ROOT" profile check "$T/web.conf"
	expect 1
	has "$out" "includes go round in a circle: web -> other -> web"
	printf '[main]\ninclude=server\n[sysctl]\nvm.swappiness=<5\n' >"$T/server.conf"
	printf '[sysctl]\nnonsense\n' | mine server
	up --root "$ROOT" profile check "$T/server.conf"
	expect 0
	has "$out" "no mistake"
}

@test "check finds no mistake in the profiles that are built in" {
	up profile check "$SRC"/profiles/*.conf
	expect 0
	[ "$(grep -c '^PASS *profile.valid' <<<"$out")" = 4 ] || fail "four of them"
}

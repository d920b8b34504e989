#!/usr/bin/env bats
# revert: which transaction, how far, and what is left alone.
load ../lib/common

OWN=etc/sysctl.d/99-uringprep.conf

@test "nothing to revert is a success" {
	copy_root el7
	up --root "$ROOT" revert
	expect 0
	has "$out" "Nothing to revert"
}

@test "an older transaction waits for the newer one" {
	copy_root el7
	up --root "$ROOT" apply article --yes
	up --root "$ROOT" apply storage --yes
	up --root "$ROOT" revert 1
	expect 1
	has "$err" "revert 2 first"
	up --root "$ROOT" revert --all
	expect 0
	has "$out" "2, 1"
	[ ! -e "$ROOT/etc/sysctl.d/99-uringprep.conf" ] || fail "left behind"
}

@test "an edited file is left, named, and taken with --force" {
	copy_root el7
	up --root "$ROOT" apply server --yes
	echo '# mine' >>"$ROOT/etc/sysctl.d/99-uringprep.conf"
	up --root "$ROOT" revert --dry-run
	expect 0
	has "$out" "leave: changed by another"
	up --root "$ROOT" revert
	expect 1
	has "$out" "edited since"
	has "$err" "revert 1 --force"
	[ -e "$ROOT/etc/sysctl.d/99-uringprep.conf" ] || fail "somebody's edit was thrown away"
	up --root "$ROOT" revert 1 --force
	expect 0
	[ ! -e "$ROOT/etc/sysctl.d/99-uringprep.conf" ] || fail "still there"
}

@test "two kinds open: a bare revert asks which" {
	copy_root el7
	up --root "$ROOT" apply server --yes
	up --root "$ROOT" boot fallback 1
	expect 0
	up --root "$ROOT" revert
	expect 1
	has "$err" "several are open"
	up --root "$ROOT" revert --all
	expect 0
}

@test "--dry-run changes nothing" {
	copy_root el7
	up --root "$ROOT" apply server --yes
	tree "$ROOT" >"$T/before"
	up --root "$ROOT" revert --dry-run
	expect 0
	tree "$ROOT" | diff "$T/before" -
}

@test "--all --dry-run shows every one, newest first" {
	copy_root el7
	up --root "$ROOT" apply article --yes
	up --root "$ROOT" boot fallback 1
	up --root "$ROOT" revert --all --dry-run --format json
	expect 0
	[ "$(grep -c '"transaction"' "$T/out")" = 2 ]
}

@test "ten thousand transactions are in order" {
	copy_root el7
	up --root "$ROOT" apply article --yes
	mv "$ROOT/var/lib/uringprep/txn/0001" "$ROOT/var/lib/uringprep/txn/9999"
	up --root "$ROOT" apply storage --yes
	has "$out" "revert 10000"
	up --root "$ROOT" apply lockdown --yes
	has "$out" "revert 10001"
	up --root "$ROOT" revert --all
	expect 0
	[ ! -e "$ROOT/etc/sysctl.d/99-uringprep.conf" ] || fail "left behind"
}

@test "--all --dry-run tells each from what the ones before it leave" {
	copy_root el7
	up --root "$ROOT" apply article --yes
	up --root "$ROOT" apply storage --yes
	up --root "$ROOT" revert --all --dry-run
	expect 0
	has "$out" " 2  /etc/sysctl.d/99-uringprep.conf  put back"
	has "$out" " 1  /etc/sysctl.d/99-uringprep.conf  remove"
	echo '# mine' >>"$ROOT/etc/sysctl.d/99-uringprep.conf"
	up --root "$ROOT" revert --all --dry-run
	has "$out" " 2  /etc/sysctl.d/99-uringprep.conf  leave: changed by another"
	has "$out" " 1  /etc/sysctl.d/99-uringprep.conf  not yet"
	up --root "$ROOT" revert --all --dry-run --force
	has "$out" " 2  /etc/sysctl.d/99-uringprep.conf  put back over another's change"
	has "$out" " 1  /etc/sysctl.d/99-uringprep.conf  remove"
	up --root "$ROOT" revert --all --dry-run --keep
	has "$out" " 1  /etc/sysctl.d/99-uringprep.conf  leave: changed by another"
	up --root "$ROOT" revert --all --force
	expect 0
	has "$out" "2, 1"
}

# Applies, runs the printed lines, and lets the tool close what it finds back.
printed()
{
	tree "$ROOT" >"$T/start"
	for call in "$@"; do
		# shellcheck disable=SC2086 # words
		up --root "$ROOT" $call
		expect 0
	done
	tree "$ROOT" >"$T/applied"
	! diff -q "$T/start" "$T/applied" >/dev/null || fail "nothing was changed"
	up --root "$ROOT" revert --all --print
	expect 0
	[ -z "$err" ] || fail "words on stderr"
	tree "$ROOT" | diff "$T/applied" - || fail "--print changed something"
	sh -e "$T/out"
	tree "$ROOT" | diff "$T/start" -
}

@test "--print: sh brings back what two profiles and grubenv were" {
	copy_root el7
	printed "apply article --yes" "apply storage --yes" "boot default 0" "boot fallback 1"
	up --root "$ROOT" revert --all --keep
	expect 0
	tree "$ROOT" | diff "$T/start" -
	up --root "$ROOT" status
	expect 0
	has "$out" "No transaction is open"
}

@test "--print: one transaction, whose own revert then finds all back" {
	copy_root el7
	printed "apply server --yes"
	up --root "$ROOT" revert --dry-run
	has "$out" "is back already"
	up --root "$ROOT" revert
	expect 0
	tree "$ROOT" | diff "$T/start" -
}

@test "--print: lines of ours in somebody's custom.cfg, however that ended" {
	copy_root debian12
	for text in 'set x=1\n' 'set x=1' '' '\n\n'; do
		# shellcheck disable=SC2059 # the newlines are in it
		printf "$text" >"$ROOT/boot/grub/custom.cfg"
		printed "boot default 3" "boot default 0"
		up --root "$ROOT" revert --all --keep
		expect 0
	done
	rm "$ROOT/boot/grub/custom.cfg"
	printed "boot default 3"
}

@test "--print: the tree's own links, a name with blanks and quotes" {
	ROOT="$T/it's a \"root\""
	copy_root el7
	mkdir -p "$ROOT/srv"
	up --root "$ROOT" apply article --yes
	expect 0
	mv "$ROOT/etc/sysctl.d/99-uringprep.conf" "$ROOT/srv/real.conf"
	printf 'END\n\ttab, no end' >>"$ROOT/srv/real.conf"
	ln -s /srv/real.conf "$ROOT/etc/sysctl.d/99-uringprep.conf"
	chmod 640 "$ROOT/srv/real.conf"
	tree "$ROOT" >"$T/start"
	up --root "$ROOT" apply storage --yes
	expect 0
	up --root "$ROOT" revert 2 --print
	expect 0
	sh -e "$T/out"
	tree "$ROOT" | diff "$T/start" -
}

@test "--print: what another changed is a comment, and exits 1; --force prints it" {
	copy_root el7
	up --root "$ROOT" apply server --yes
	echo '# mine' >>"$ROOT/etc/sysctl.d/99-uringprep.conf"
	up --root "$ROOT" revert --print
	expect 1
	has "$err" "--force"
	! grep -v '^#' "$T/out" || fail "a line that does something"
	up --root "$ROOT" revert --print --force
	expect 0
	has "$out" "rm -f -- $ROOT/etc/sysctl.d/99-uringprep.conf"
	up --root "$ROOT" revert --print --force --format json
	has "$out" '"commands": ['
	up --root "$ROOT" revert --force
	up --root "$ROOT" revert --print
	expect 0
	[ "$out" = "# Nothing to revert." ] || fail "words to paste"
}

@test "live: a value is printed for /proc/sys; an offline one says what the next boot brings" {
	[ "$(id -u)" -eq 0 ] || skip "only root can make namespaces"
	"$PROG" check --only state.usable | grep -q 'this running system' ||
		skip "a chroot is not the running system: no live value is set in it"
	mkdir -p "$T/etc/uringprep/profiles" "$T/etc/sysctl.d" "$T/varlib"
	printf '[sysctl]\nnet.core.somaxconn=>9000\n' >"$T/etc/uringprep/profiles/backlog.conf"
	unshare --mount --net sh -euc '
		mount --bind "$1/etc" /etc
		mount --bind "$1/varlib" /var/lib
		up=$2
		cat /proc/sys/net/core/somaxconn >/etc/old
		"$up" apply backlog --yes
		"$up" revert --print >/etc/undo
		sh -e /etc/undo
		cmp /etc/old /proc/sys/net/core/somaxconn
		[ ! -e /etc/sysctl.d/99-uringprep.conf ]
		"$up" revert >/etc/out
		"$up" status | grep -q "No transaction is open"
		# Files alone, and a boot that read them.
		"$up" --offline apply backlog --yes
		echo 9000 >/proc/sys/net/core/somaxconn
		"$up" revert >/etc/out
		grep -q "somaxconn: still 9000, as our file said; from the next boot on what the kernel starts with" /etc/out
		"$up" --offline apply backlog --yes
		echo "net.core.somaxconn = 512" >/etc/sysctl.d/10-theirs.conf
		"$up" revert >/etc/out
		grep -q "still 9000.*next boot on 512 (/etc/sysctl.d/10-theirs.conf:1)" /etc/out
		echo 512 >/proc/sys/net/core/somaxconn
		"$up" --offline apply backlog --yes
		"$up" revert >/etc/out
		! grep -q still /etc/out' sh "$T" "$PROG"
}

@test "--keep of a file of ours: status says whose it is, and apply takes it over" {
	copy_root el7
	up --root "$ROOT" apply article --yes
	echo 'vm.swappiness = 33' >>"$ROOT/$OWN"
	cp "$ROOT/$OWN" "$T/kept"
	up --root "$ROOT" revert --keep
	expect 0
	up --root "$ROOT" status
	expect 0
	has "$out" "99-uringprep.conf was written by transaction 1, which is undone"
	has "$out" "remove it, or apply a profile"
	up --root "$ROOT" apply article --yes
	expect 0
	has "$out" "transaction: 2"
	up --root "$ROOT" status
	expect 0
	has "$out" "Profile article is active"
	up --root "$ROOT" revert
	expect 0
	cmp "$ROOT/$OWN" "$T/kept"
}

@test "a file that is gone is not called edited" {
	copy_root el7
	up --root "$ROOT" apply article --yes
	up --root "$ROOT" apply storage --yes
	rm "$ROOT/$OWN"
	up --root "$ROOT" revert
	expect 1
	has "$out" "left: /$OWN: removed since: left as it is"
	up --root "$ROOT" status
	expect 1
	has "$out" "mend: transaction 2 comes first"
	! grep -q "to have it again" "$T/out" || fail "apply is named, which is refused"
}

@test "--print: the folders that limits of a unit made go, too" {
	copy_root el7
	mkdir -p "$ROOT/etc/uringprep/profiles"
	printf '[limits]\nmemlock=64M\nunits=nginx web@1\n' >"$ROOT/etc/uringprep/profiles/mine.conf"
	(cd "$ROOT" && find etc -type d | sort) >"$T/folders"
	printed "apply mine --yes"
	(cd "$ROOT" && find etc -type d | sort) | diff "$T/folders" -
	up --root "$ROOT" revert
	expect 0
	# What somebody has put into one stays.
	up --root "$ROOT" apply mine --yes
	echo '[Service]' >"$ROOT/etc/systemd/system/nginx.service.d/mine.conf"
	up --root "$ROOT" revert --print
	sh -e "$T/out"
	[ -e "$ROOT/etc/systemd/system/nginx.service.d/mine.conf" ] || fail "somebody's file is gone"
	[ ! -e "$ROOT/etc/systemd/system/web@1.service.d" ] || fail "a folder of ours stayed"
}

@test "not root: said so" {
	[ "$(id -u)" -eq 0 ] || skip "root makes the journal that others may not write"
	copy_root el7
	up --root "$ROOT" apply article --yes
	cp "$PROG" "$T/up" && chmod 755 "$T" "$T/up"
	run -3 setpriv --reuid 65534 --regid 65534 --clear-groups "$T/up" --root "$ROOT" revert
	has "$output" "lock: cannot open: Permission denied: run it as root"
}

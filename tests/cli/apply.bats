#!/usr/bin/env bats
# apply: files in a tree; live values in namespaces of our own.
load ../lib/common

OWN=etc/sysctl.d/99-uringprep.conf

# Runs a script with /etc and /var/lib of its own and a network namespace of its own
# (net.core.somaxconn is per namespace), so that the host keeps what it has.
in_namespace()
{
	[ "$(id -u)" -eq 0 ] || skip "only root can make namespaces"
	"$PROG" check --only state.usable | grep -q 'this running system' ||
		skip "a chroot is not the running system: no live value is set in it"
	mkdir -p "$T/etc/uringprep/profiles" "$T/etc/sysctl.d" "$T/varlib"
	printf '[sysctl]\nnet.core.somaxconn=>9000\n' >"$T/etc/uringprep/profiles/backlog.conf"
	cat >"$T/script"
	unshare --mount --net sh -euc '
		mount --bind "$1/etc" /etc
		mount --bind "$1/varlib" /var/lib
		up=$2
		. "$1/script"' sh "$T" "$PROG"
}

@test "--dry-run shows the plan and writes nothing" {
	copy_root el7
	tree "$ROOT" >"$T/before"
	up --root "$ROOT" apply server --dry-run
	expect 0
	has "$out" "net.core.somaxconn = 4096"
	has "$out" "Nothing was changed"
	tree "$ROOT" | diff "$T/before" -
	[ ! -e "$ROOT/var/lib/uringprep" ] || fail "a folder was made"
}

@test "without a terminal and without --yes nothing is done" {
	copy_root el7
	up --root "$ROOT" apply server
	expect 2
	has "$err" "--yes"
	[ ! -e "$ROOT/$OWN" ] || fail "applied"
}

@test "the file names its transaction; a second apply has nothing to change" {
	copy_root el7
	up --root "$ROOT" apply server --yes
	expect 0
	has "$out" "revert 1"
	has "$(head -n 1 "$ROOT/$OWN")" "transaction 1, profile server"
	up --root "$ROOT" apply server --yes
	expect 0
	has "$out" "Nothing to change"
	up --root "$ROOT" apply server --yes --format json
	has "$out" '"nothing_to_do"'
}

@test "who overrides us is named" {
	copy_root debian12
	printf 'vm.swappiness = 77\n' >"$ROOT/etc/sysctl.d/99-zz.conf"
	up --root "$ROOT" apply server --dry-run
	has "$out" "99-zz.conf:1 sets 77 and is read after our file"
}

@test "a profile over another replaces its file; each revert goes one back" {
	copy_root el7
	tree "$ROOT" >"$T/start"
	up --root "$ROOT" apply article --yes
	tree "$ROOT" >"$T/article"
	up --root "$ROOT" apply storage --yes
	has "$(cat "$ROOT/$OWN")" "profile storage"
	up --root "$ROOT" revert
	tree "$ROOT" | diff "$T/article" -
	up --root "$ROOT" revert
	tree "$ROOT" | diff "$T/start" -
}

@test "mode and owner of what is replaced are kept, links are written through" {
	copy_root el7
	mkdir -p "$ROOT/srv"
	up --root "$ROOT" apply article --yes
	mv "$ROOT/$OWN" "$ROOT/srv/real.conf"
	chmod 640 "$ROOT/srv/real.conf"
	ln -s /srv/real.conf "$ROOT/$OWN"
	up --root "$ROOT" apply storage --yes
	expect 0
	[ -L "$ROOT/$OWN" ] || fail "the link was replaced"
	[ "$(stat -c %a "$ROOT/srv/real.conf")" = 640 ] || fail "the mode was lost"
	has "$(cat "$ROOT/srv/real.conf")" "profile storage"
}

@test "a file of ours without its journal is refused" {
	copy_root el7
	up --root "$ROOT" apply server --yes
	rm -r "$ROOT/var/lib/uringprep"
	up --root "$ROOT" apply server --yes
	expect 1
	has "$err" "is /var mounted?"
	up --root "$ROOT" status
	expect 1
}

@test "an administrator's profile takes the place of ours; its mistakes are located" {
	copy_root el7
	mkdir -p "$ROOT/etc/uringprep/profiles"
	printf '[main]\ninclude=server\n[sysctl]\nvm.swappiness=5\n' \
		>"$ROOT/etc/uringprep/profiles/mine.conf"
	up --root "$ROOT" apply mine --yes
	expect 0
	has "$(cat "$ROOT/$OWN")" "vm.swappiness = 5"
	has "$(cat "$ROOT/$OWN")" "net.core.somaxconn = 4096"
	printf '[sysctl]\n\nvm.swapiness=5\n' >"$ROOT/etc/uringprep/profiles/typo.conf"
	up --root "$ROOT" apply typo --yes
	expect 3
	has "$err" "typo.conf:3: vm.swapiness"
	printf '[main]\ninclude=loop\n' >"$ROOT/etc/uringprep/profiles/loop.conf"
	up --root "$ROOT" apply loop --yes
	expect 3
	has "$err" "circle"
}

@test "live: set, kept, drift seen, undone three-way" {
	in_namespace <<'END'
"$up" apply backlog --yes
[ "$(cat /proc/sys/net/core/somaxconn)" = 9000 ]
"$up" status
echo 77 >/proc/sys/net/core/somaxconn
! "$up" status
! "$up" revert
[ "$(cat /proc/sys/net/core/somaxconn)" = 77 ]
"$up" revert 1 --force
[ "$(cat /proc/sys/net/core/somaxconn)" = 4096 ]
[ ! -e /etc/sysctl.d/99-uringprep.conf ]
END
}

@test "live: a value that cannot be set rolls everything back, and is named" {
	in_namespace <<'END'
echo 4096 >/etc/value
mount --bind /etc/value /proc/sys/net/core/somaxconn
mount -o remount,bind,ro /proc/sys/net/core/somaxconn
code=0
"$up" apply backlog --yes 2>/etc/err || code=$?
[ "$code" = 3 ]
umount /proc/sys/net/core/somaxconn
grep -q 'rolled back.*somaxconn: cannot' /etc/err
[ ! -e /etc/sysctl.d/99-uringprep.conf ]
"$up" status
END
}

@test "live: only-raise keeps a larger value" {
	in_namespace <<'END'
echo 30000 >/proc/sys/net/core/somaxconn
"$up" apply backlog --yes | grep -q 'left at 30000'
[ "$(cat /proc/sys/net/core/somaxconn)" = 30000 ]
END
}

@test "live: --offline writes the file and leaves the value" {
	in_namespace <<'END'
"$up" --offline apply backlog --yes
[ "$(cat /proc/sys/net/core/somaxconn)" = 4096 ]
grep -q 9000 /etc/sysctl.d/99-uringprep.conf
"$up" revert
END
}

@test "live: a profile applied offline (a kickstart's) stays when it is applied again" {
	in_namespace <<'END'
"$up" --offline apply backlog --yes
echo 9000 >/proc/sys/net/core/somaxconn # as the boot would
"$up" apply backlog --yes | grep -q 'Nothing to change'
grep -q 9000 /etc/sysctl.d/99-uringprep.conf
"$up" revert
END
}

@test "offline: what our own file says is not what the host had" {
	copy_root debian12
	echo 'net.core.somaxconn = 8192' >"$ROOT/etc/sysctl.d/10-mine.conf"
	up --root "$ROOT" apply article --yes
	up --root "$ROOT" apply server --yes
	expect 0
	has "$out" "left at 8192"
	case $(cat "$ROOT/$OWN") in *somaxconn*) fail "lowered" ;; esac
}

@test "a report that cannot be written: before the change it is refused, after it is 4" {
	copy_root el7
	up --root "$ROOT" apply server --yes --output /nonexistent/x
	expect 3
	[ ! -e "$ROOT/$OWN" ] || fail "changed"
	up --root "$ROOT" apply server --yes --output "$ROOT/x"
	expect 2
	[ ! -e "$ROOT/$OWN" ] || fail "changed"
	status=0
	"$PROG" --root "$ROOT" apply server --yes >/dev/full 2>"$T/err" || status=$?
	err=$(cat "$T/err")
	expect 4
	has "$err" "transaction 1 is done"
}

@test "live: a /var that fstab names and that is not mounted is refused" {
	in_namespace <<'END'
[ "$(stat -c %d /)" = "$(stat -c %d /var)" ] || exit 0
echo '/dev/sdz1 /var ext4 defaults 0 2' >/etc/fstab
code=0
"$up" apply backlog --yes 2>/etc/err || code=$?
[ "$code" = 1 ]
grep -q 'not mounted' /etc/err
END
}

@test "live: revert looks for no journal while /var, or /var/lib, is not mounted" {
	in_namespace <<'END'
mountpoint -q /var && exit 0
"$up" apply backlog --yes
for dir in /var/ /var/lib/uringprep; do
	echo "/dev/sdz1 $dir ext4 defaults 0 2" >/etc/fstab
	for call in revert "revert --all" "revert 1" "revert --dry-run"; do
		code=0
		"$up" $call 2>/etc/err || code=$?
		[ "$code" = 1 ]
		grep -q 'not mounted' /etc/err
	done
done
rm /etc/fstab
"$up" revert
END
}

@test "live: a /var bound from the same file system is mounted" {
	in_namespace <<'END'
echo '/srv/var /var none bind 0 0' >/etc/fstab
mount --rbind /var /var
"$up" apply backlog --yes
"$up" revert
END
}

@test "live: a journal that others may write to is not trusted" {
	in_namespace <<'END'
"$up" apply backlog --yes
for bad in "chmod o+w" "chmod g+w" "chown 65534"; do
	$bad /var/lib/uringprep
	for call in revert "apply server --yes"; do
		code=0
		"$up" $call 2>/etc/err || code=$?
		[ "$code" = 3 ]
		grep -q '/var/lib/uringprep: others than root may write there' /etc/err
	done
	chown 0 /var/lib/uringprep
	chmod 755 /var/lib/uringprep
done
"$up" revert
END
}

@test "nobody reads stdout: the transaction is whole, and the exit code says so" {
	copy_root el7
	{
		code=0
		"$PROG" --root "$ROOT" apply server --yes 2>"$T/err" || code=$?
		echo $code >"$T/code"
	} | true
	case $(cat "$T/code") in
	0) ;; # it was written before the reader had gone
	4) grep -q 'transaction 1 is done' "$T/err" ;;
	*) fail "exit $(cat "$T/code")" ;;
	esac
	up --root "$ROOT" status
	expect 0
	up --root "$ROOT" revert >&-
	up --root "$ROOT" status
	expect 0
	[ ! -e "$ROOT/etc/sysctl.d/99-uringprep.conf" ]
}

@test "live: a value that the kernel changes is put back, and is named" {
	in_namespace <<'END'
# A file that reads otherwise than it was written: the write goes in front of old bytes.
printf '40960000000' >/etc/value
mount --bind /etc/value /proc/sys/net/core/somaxconn
printf '[sysctl]\nnet.core.somaxconn=5\n' >/etc/uringprep/profiles/backlog.conf
code=0
"$up" apply backlog --yes 2>/etc/err || code=$?
umount /proc/sys/net/core/somaxconn
cat /etc/err
[ "$code" = 3 ]
grep -q 'rolled back.*did not take: wrote 5' /etc/err
[ "$(cat /etc/value)" = 40960000000 ]
[ ! -e /etc/sysctl.d/99-uringprep.conf ]
"$up" status
END
}

@test "after a conflict, apply and status tell the same and the way out" {
	copy_root el7
	up --root "$ROOT" apply server --yes
	echo '# mine' >>"$ROOT/$OWN"
	up --root "$ROOT" revert
	expect 1
	up --root "$ROOT" status
	expect 1
	has "$err" "revert 1 --force"
	up --root "$ROOT" apply server --yes
	expect 1
	has "$err" "revert 1 --force"
}

@test "what nohup ignores does not roll back" {
	copy_root el7
	(
		trap '' HUP
		"$PROG" --root "$ROOT" apply server --yes >"$T/out" 2>"$T/err" &
		pid=$!
		for ((i = 0; i < 200; i++)); do kill -HUP $pid 2>/dev/null || break; done
		wait $pid
	)
	has "$(cat "$T/out")" "transaction: 1"
}

#!/usr/bin/env bats
# apply: files in a tree; live values in namespaces of our own.
load ../lib/common

OWN=etc/sysctl.d/99-uringprep.conf

@test "--dry-run shows the plan and writes nothing" {
	copy_root el7
	tree "$ROOT" >"$T/before"
	up --root "$ROOT" apply server --dry-run
	expect 0
	has "$out" "line  net.core.somaxconn"
	has "$out" "Nothing was changed"
	has "$out" "To apply: uringprep --root $ROOT apply server"
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
	has "$err" "typo.conf:3:1: vm.swapiness"
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

@test "live: revert --print says what units need behind its lines" {
	in_namespace <<'END'
printf '[limits]\nmemlock=64M\nunits=nginx\n' >/etc/uringprep/profiles/lim.conf
"$up" apply lim --yes >/dev/null
"$up" revert --print >/etc/lines
grep -q '^# nginx.service keeps .* until: systemctl daemon-reload && ' /etc/lines
sh -e /etc/lines
[ ! -e /etc/systemd ]
"$up" revert
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

# A profile of the administrator's in $ROOT: mine LINE...
mine()
{
	mkdir -p "$ROOT/etc/uringprep/profiles"
	printf '%s\n' '[sysctl]' "$@" >"$ROOT/etc/uringprep/profiles/mine.conf"
}

# The row of TARGET in the JSON plan of the last `up`, as "before after need opens".
row()
{
	perl -MJSON::PP -e 'local $/; my $j = decode_json(<STDIN>);
		for (@{ $j->{plan} }) {
			next if $_->{target} ne $ARGV[0];
			print join(" ", map { $_ // "null" } @$_{qw(step before after need opens)}), "\n";
		}' "$1" <"$T/out"
}

@test "a security switch is left as it is, and what would loosen it is said" {
	copy_root el9
	mine kernel.io_uring_disabled=0
	up --root "$ROOT" --facts "$SRC/tests/roots/el9.facts.json" apply mine --dry-run
	expect 0
	has "$out" "Nothing to change"
	has "$out" "mine.conf:2 asks for 0, and it is 2"
	has "$out" "would open io_uring to every process"
	has "$out" "--accept kernel.io_uring_disabled (sets 1) or --accept kernel.io_uring_disabled=0"
}

@test "--accept KEY loosens to the narrowest value, KEY=N down to N" {
	copy_root el9
	mine kernel.io_uring_disabled=0
	up --root "$ROOT" --facts "$SRC/tests/roots/el9.facts.json" apply mine --dry-run --accept kernel.io_uring_disabled
	has "$out" "0 asked by /etc/uringprep/profiles/mine.conf:2; 1 is set"
	has "$out" "opens: io_uring to CAP_SYS_ADMIN"
	has "$out" "(none is set)"
	up --root "$ROOT" --facts "$SRC/tests/roots/el9.facts.json" apply mine --yes --accept kernel.io_uring_disabled=0 --format json
	expect 0
	has "$(row kernel.io_uring_disabled)" "line 2 0 null io_uring to every process"
	has "$(cat "$ROOT/$OWN")" "kernel.io_uring_disabled = 0"
	# The word holds for one call: without it the switch goes back.
	up --root "$ROOT" --facts "$SRC/tests/roots/el9.facts.json" apply mine --yes
	has "$out" "left out"
	[ ! -e "$ROOT/$OWN" ] || fail "still loosened"
}

@test "a vendor's file counts also where nothing live is known; its members are named" {
	copy_root debian12
	echo 'kernel.io_uring_disabled = 2' >"$ROOT/usr/lib/sysctl.d/50-vendor.conf"
	echo 'kernel.io_uring_group = 4711' >"$ROOT/etc/sysctl.d/20-group.conf"
	echo 'rings:x:4711:anna,bert' >>"$ROOT/etc/group"
	mine kernel.io_uring_disabled='<1'
	up --root "$ROOT" apply mine --dry-run
	has "$out" "asks for at most 1, and it is 2 (/usr/lib/sysctl.d/50-vendor.conf:1, the vendor's file)"
	has "$out" "(rings: anna,bert)"
	up --root "$ROOT" apply mine --yes --accept kernel.io_uring_disabled
	expect 0
	has "$(cat "$ROOT/$OWN")" "kernel.io_uring_disabled = 1"
}

@test "a switch that somebody closed in our own file is closed by them" {
	copy_root debian12
	echo 'kernel.io_uring_disabled = 0' >"$ROOT/etc/sysctl.d/10-admin.conf"
	mine kernel.io_uring_disabled=1
	up --root "$ROOT" apply mine --yes
	expect 0
	sed -i 's/^kernel.io_uring_disabled = 1/kernel.io_uring_disabled = 2/' "$ROOT/$OWN"
	mine kernel.io_uring_disabled=0
	up --root "$ROOT" apply mine --dry-run
	expect 0
	has "$out" "asks for 0, and it is 2 (/$OWN:4)"
	# As we wrote it, it is not in the way.
	sed -i 's/^kernel.io_uring_disabled = 2/kernel.io_uring_disabled = 1/' "$ROOT/$OWN"
	up --root "$ROOT" apply mine --dry-run
	case $out in *"left out"*) fail "our own value counted" ;; esac
}

@test "tightening needs no word; a rule that only lowers is silent where it is met" {
	copy_root el9
	up --root "$ROOT" --facts "$SRC/tests/roots/el9.facts.json" apply lockdown --dry-run
	expect 0
	case $out in *accept*) fail "asked for a word" ;; esac
	mine 'kernel.io_uring_disabled=<1'
	sed 's/"kernel.io_uring_disabled": "2"/"kernel.io_uring_disabled": "0"/' \
		"$SRC/tests/roots/el9.facts.json" >"$T/open.json"
	up --root "$ROOT" --facts "$T/open.json" apply mine --dry-run
	[ "$out" = "Nothing to change." ] || fail "not silent"
	rm -rf "$ROOT"
	copy_root el7
	mine 'kernel.io_uring_disabled=<1'
	up --root "$ROOT" --facts "$SRC/tests/roots/el7.facts.json" apply mine --dry-run
	[ "$out" = "Nothing to change." ] || fail "not silent"
}

@test "live: a switch is loosened by --accept alone, and revert closes it" {
	in_namespace <<'END'
[ -e /proc/sys/kernel/io_uring_disabled ] || exit 0
echo 2 >/etc/value
mount --bind /etc/value /proc/sys/kernel/io_uring_disabled
printf '[sysctl]\nkernel.io_uring_disabled=<1\n' >/etc/uringprep/profiles/backlog.conf
"$up" apply backlog --yes | grep 'if that is wanted: --accept kernel.io_uring_disabled$'
[ "$(cat /etc/value)" = 2 ]
"$up" apply backlog --yes --accept kernel.io_uring_disabled
[ "$(cat /etc/value)" = 1 ]
"$up" apply backlog --yes --accept kernel.io_uring_disabled | grep 'Nothing to change'
"$up" apply backlog --yes # and without the word it is closed again
[ "$(cat /etc/value)" = 2 ]
"$up" revert
[ "$(cat /etc/value)" = 1 ]
"$up" revert
[ "$(cat /etc/value)" = 2 ]
END
}

@test "who set a value: a file, the kernel, somebody since" {
	in_namespace <<'END'
echo 'vm.swappiness = 201' >/etc/sysctl.d/10-a.conf # no such value can be live
printf '[sysctl]\nvm.swappiness=7\nnet.core.somaxconn=9000\n' >/etc/uringprep/profiles/backlog.conf
echo 5000 >/proc/sys/net/core/somaxconn
echo 'net.core.somaxconn = 5000' >/etc/sysctl.d/20-b.conf
"$up" apply backlog --dry-run >/etc/plan
grep -A1 'sysctl  vm.swappiness' /etc/plan | grep 'at run time: /etc/sysctl.d/10-a.conf:1 says 201'
grep -A1 'sysctl  net.core.somaxconn' /etc/plan | grep 'set by: /etc/sysctl.d/20-b.conf:1'
END
}

@test "--only-useful leaves out what the host shows no need of, and says so" {
	copy_root el7
	mine vm.swappiness=10 net.core.somaxconn=4096 kernel.panic=10
	sed 's/"listen_overflows": 0/"listen_overflows": 12/; s/"swap_devices": 1/"swap_devices": 0/' \
		"$SRC/tests/roots/el7.facts.json" >"$T/facts.json"
	up --root "$ROOT" --facts "$T/facts.json" apply mine --yes --format json
	expect 0
	has "$(row vm.swappiness)" "line 60 10 no_effect"
	has "$(row net.core.somaxconn)" "line 128 4096 needed"
	has "$(row kernel.panic)" "line 0 10 null"
	up --root "$ROOT" --facts "$T/facts.json" apply mine --yes --only-useful
	expect 0
	has "$out" "vm.swappiness: left out (--only-useful; /etc/uringprep/profiles/mine.conf:2): no swap device"
	has "$(cat "$ROOT/$OWN")" "net.core.somaxconn = 4096"
	has "$(cat "$ROOT/$OWN")" "kernel.panic = 10" # what is not known stays
	case $(cat "$ROOT/$OWN") in *swappiness*) fail "not left out" ;; esac
}

@test "live: what --only-useful leaves out goes back to what it was before us" {
	in_namespace <<'END'
printf '[sysctl]\nnet.core.somaxconn=9000\n' >/etc/uringprep/profiles/backlog.conf
"$up" apply backlog --yes
[ "$(cat /proc/sys/net/core/somaxconn)" = 9000 ]
"$up" apply backlog --yes --only-useful # a new network namespace has dropped nothing
[ "$(cat /proc/sys/net/core/somaxconn)" = 4096 ]
[ ! -e /etc/sysctl.d/99-uringprep.conf ]
"$up" revert --all
END
}

@test "live: a rule that only raises writes no line that would lower another file's" {
	in_namespace <<'END'
echo 'net.core.somaxconn = 20000' >/etc/sysctl.d/10-mine.conf
"$up" apply backlog --yes
[ "$(cat /proc/sys/net/core/somaxconn)" = 9000 ] # raised now, and 20000 at the next boot
[ ! -e /etc/sysctl.d/99-uringprep.conf ]
echo 'net.core.somaxconn = 100' >/etc/sysctl.d/10-mine.conf
"$up" revert
echo 20000 >/proc/sys/net/core/somaxconn
"$up" apply backlog --yes
[ "$(cat /proc/sys/net/core/somaxconn)" = 20000 ] # not lowered now, and raised at boot
grep 'somaxconn = 9000' /etc/sysctl.d/99-uringprep.conf
END
}

@test "several profiles: in order, named in title and file, each line with its place" {
	copy_root el7
	mine vm.swappiness=5
	up --root "$ROOT" apply server mine --yes
	expect 0
	has "$(cat "$ROOT/$OWN")" "transaction 1, profile server mine;"
	has "$(cat "$ROOT/$OWN")" "# /etc/uringprep/profiles/mine.conf:2
vm.swappiness = 5"
	has "$(cat "$ROOT/$OWN")" "net.core.somaxconn = 4096"
	up --root "$ROOT" status
	has "$out" "apply server mine"
	up --root "$ROOT" --facts "$SRC/tests/roots/el7.facts.json" check --profile server,mine --only sysctl.swappiness
	has "$out" "mine.conf:2"
	up --root "$ROOT" apply mine server --dry-run
	has "$out" "vm.swappiness"
}

@test "--plan applies a plan that is still so, and it is the same as without" {
	copy_root el7
	mine vm.swappiness=5
	up --root "$ROOT" apply server mine --dry-run --format json --output "$T/plan.json"
	expect 0
	cp -a "$ROOT" "$T/other"
	up --root "$ROOT" apply --plan "$T/plan.json" --yes
	expect 0
	up --root "$T/other" apply server mine --yes
	diff "$ROOT/$OWN" "$T/other/$OWN"
}

@test "--plan: another profile in its place is no transaction that came between" {
	copy_root el7
	up --root "$ROOT" apply storage --dry-run --format json --output "$T/plan.json"
	sed 's/^\( *"storage"\)/"server"/' "$T/plan.json" >"$T/other.json"
	! cmp -s "$T/plan.json" "$T/other.json" || fail "the plan is as it was"
	up --root "$ROOT" apply --plan "$T/other.json" --yes
	expect 1
	has "$err" "line 1: the plan has \"# transaction 1, profile storage; "
}

@test "a file that cannot be read may set what no other does" {
	copy_root el7
	mkdir "$ROOT/etc/sysctl.d/10-x.conf"
	up --root "$ROOT" apply server --dry-run
	expect 0
	has "$out" "set by: not known: /etc/sysctl.d/10-x.conf: Is a directory"
}

@test "--plan is refused when something is otherwise now, and the first thing is named" {
	copy_root el7
	up --root "$ROOT" --facts "$SRC/tests/roots/el7.facts.json" apply server --dry-run --format json --output "$T/plan.json"
	tree "$ROOT" >"$T/before"
	sed 's/"vm.swappiness": "60"/"vm.swappiness": "30"/' "$SRC/tests/roots/el7.facts.json" >"$T/facts.json"
	up --root "$ROOT" --facts "$T/facts.json" apply --plan "$T/plan.json" --yes
	expect 1
	has "$err" "vm.swappiness: the plan has 60 -> 10, now it would be 30 -> 10"
	tree "$ROOT" | diff "$T/before" -
	# Counters and who set it may differ.
	sed 's/"pages_swapped": 0/"pages_swapped": 99/' "$SRC/tests/roots/el7.facts.json" >"$T/facts.json"
	up --root "$ROOT" --facts "$T/facts.json" apply --plan "$T/plan.json" --dry-run
	expect 0
	# The profile has changed.
	mkdir -p "$ROOT/etc/uringprep/profiles"
	printf '[sysctl]\nvm.swappiness=1\n' >"$ROOT/etc/uringprep/profiles/server.conf"
	up --root "$ROOT" --facts "$SRC/tests/roots/el7.facts.json" apply --plan "$T/plan.json" --yes
	expect 1
	at=$(grep -n "^vm.swappiness" "$SRC/profiles/server.conf" | cut -d: -f1)
	has "$err" "line 3: the plan has \"# server.conf:$at\", now it would be \"# /etc/uringprep/profiles/server.conf:2\""
	rm -r "$ROOT/etc/uringprep"
	# A transaction between: another number in our file.
	up --root "$ROOT" apply storage --yes
	up --root "$ROOT" revert
	up --root "$ROOT" --facts "$SRC/tests/roots/el7.facts.json" apply --plan "$T/plan.json" --yes
	expect 1
	has "$err" "for transaction 1, and now it would be 2"
}

@test "--plan holds --accept and --only-useful" {
	copy_root el9
	mine kernel.io_uring_disabled=1 vm.swappiness=10
	up --root "$ROOT" --facts "$SRC/tests/roots/el9.facts.json" apply mine --accept kernel.io_uring_disabled --only-useful \
		--dry-run --format json --output "$T/plan.json"
	expect 0
	up --root "$ROOT" --facts "$SRC/tests/roots/el9.facts.json" apply --plan "$T/plan.json" --yes
	expect 0
	[ "$(grep -c = "$ROOT/$OWN")" = 1 ] || fail "not what was planned"
	# Taken out of the file by hand, the plan differs.
	up --root "$ROOT" revert
	rm -r "$ROOT/var/lib/uringprep"
	perl -0pi -e 's/"accept": \[.*?\]/"accept": []/s' "$T/plan.json"
	up --root "$ROOT" --facts "$SRC/tests/roots/el9.facts.json" apply --plan "$T/plan.json" --yes
	expect 1
	has "$err" "plan.json: not applied"
}

@test "reboot_required: in a tree, not live; null for a recording" {
	copy_root el7
	up --root "$ROOT" apply server --dry-run --format json
	has "$out" '"reboot_required": true'
	up --facts "$SRC/tests/roots/el7.facts.json" apply server --dry-run --format json
	has "$out" '"reboot_required": null'
	in_namespace <<'END'
"$up" apply backlog --dry-run --format json | grep '"reboot_required": false'
"$up" --offline apply backlog --dry-run | grep 'reboot required: yes'
END
}

# A profile NAME that sets limits: limits NAME LINE...
limits()
{
	local name=$1
	shift
	mkdir -p "$ROOT/etc/uringprep/profiles"
	printf '%s\n' '[limits]' "$@" >"$ROOT/etc/uringprep/profiles/$name.conf"
}

@test "limits: for logins in limits.d, for a unit in a drop-in; revert takes both away" {
	copy_root el7
	limits web memlock=64M nofile=65536 units=nginx.service
	up --root "$ROOT" apply web --dry-run
	expect 0
	has "$out" "line  memlock of logins"
	has "$out" "nginx.service: no such unit is here"
	case $out in *"reboot required"*) fail "limits wait for no boot" ;; esac
	up --root "$ROOT" apply web --yes
	expect 0
	grep '^\* - memlock 65536$' "$ROOT/etc/security/limits.d/99-uringprep.conf"
	grep '^root - nofile 65536$' "$ROOT/etc/security/limits.d/99-uringprep.conf"
	grep '^LimitMEMLOCK=67108864$' "$ROOT/etc/systemd/system/nginx.service.d/99-uringprep.conf"
	up --root "$ROOT" apply web --yes
	has "$out" "Nothing to change"
	up --root "$ROOT" revert
	expect 0
	[ -z "$(find "$ROOT/etc" -name 99-uringprep.conf)" ] || fail "a file is left"
}

@test "limits: a profile over another takes back what only the other had set" {
	copy_root el7
	limits web memlock=64M nofile=65536 units=nginx.service
	limits db memlock=1G units=db.service
	up --root "$ROOT" apply web --yes
	find "$ROOT/etc" -name 99-uringprep.conf -exec cat {} + >"$T/web"
	up --root "$ROOT" apply db --yes
	expect 0
	[ ! -e "$ROOT/etc/systemd/system/nginx.service.d/99-uringprep.conf" ] || fail "left"
	[ -e "$ROOT/etc/systemd/system/db.service.d/99-uringprep.conf" ] || fail "not made"
	case $(cat "$ROOT/etc/security/limits.d/99-uringprep.conf") in *nofile*) fail "left" ;; esac
	up --root "$ROOT" revert
	expect 0
	find "$ROOT/etc" -name 99-uringprep.conf -exec cat {} + | diff "$T/web" -
	up --root "$ROOT" apply server --yes
	[ ! -e "$ROOT/etc/security/limits.d/99-uringprep.conf" ] || fail "left"
	up --root "$ROOT" revert --all
	expect 0
	[ -z "$(find "$ROOT/etc" -name 99-uringprep.conf)" ] || fail "a file is left"
}

@test "limits: a limits file of ours without its journal is refused" {
	copy_root el7
	limits web nofile=65536
	up --root "$ROOT" apply web --yes
	rm -r "$ROOT/var/lib/uringprep"
	up --root "$ROOT" apply web --yes
	expect 1
	has "$err" "limits.d/99-uringprep.conf: is ours"
}

@test "limits: systemd takes the drop-in as it stands" {
	command -v systemd-analyze >/dev/null || skip "no systemd-analyze"
	mkdir -p "$ROOT/etc/systemd/system"
	printf '[Service]\nExecStart=/bin/true\n' >"$ROOT/etc/systemd/system/web.service"
	limits web memlock=unlimited nofile=65536 units=web.service
	up --root "$ROOT" apply web --yes
	expect 0
	case $out in *"no such unit"*) fail "it is there" ;; esac
	SYSTEMD_UNIT_PATH=$ROOT/etc/systemd/system: systemd-analyze verify \
		"$ROOT/etc/systemd/system/web.service" 2>"$T/said" || true
	if grep 'uringprep' "$T/said"; then fail "systemd complains"; fi
	sed -i 's/LimitNOFILE=/LimitNOFILE=x/' "$ROOT/etc/systemd/system/web.service.d/99-uringprep.conf"
	SYSTEMD_UNIT_PATH=$ROOT/etc/systemd/system: systemd-analyze verify \
		"$ROOT/etc/systemd/system/web.service" 2>"$T/said" || true
	grep 'uringprep' "$T/said" # or it has not looked
}

@test "fs.nr_open and nofile: no profile locks logins out" {
	copy_root debian12
	facts="$SRC/tests/roots/debian12.facts.json"
	conf="$ROOT/etc/uringprep/profiles/mine.conf"
	mkdir -p "$ROOT/etc/uringprep/profiles"
	# Its own fs.nr_open counts, not the one that is live.
	printf '[sysctl]\nfs.nr_open=4096\n[limits]\nnofile=65536\n' >"$conf"
	up --root "$ROOT" apply mine --yes
	expect 1
	has "$err" "mine.conf:4: nofile: 65536 is more than fs.nr_open, 4096"
	[ ! -e "$ROOT/$OWN" ] || fail "applied"
	up --root "$ROOT" profile check mine
	expect 1
	has "$out" "mine.conf:4:8: nofile: more than fs.nr_open, which"
	printf '[sysctl]\nfs.nr_open=<4096\n[limits]\nnofile=65536\n' >"$conf"
	up --root "$ROOT" apply mine --yes
	expect 1
	# Raised with it: neither refused nor warned of.
	printf '[sysctl]\nfs.nr_open=>6000000\n[limits]\nnofile=5000000\n' >"$conf"
	up --root "$ROOT" apply mine --dry-run
	expect 0
	case $out in *"logins can fail"*) fail "warned of" ;; esac
	up --root "$ROOT" profile check mine
	expect 0
	case $out in *WARN*limits*) fail "check warns" ;; esac
	# Lowered alone.
	printf '[sysctl]\nfs.nr_open=4096\n' >"$conf"
	sed 's/"nofile_hard": [0-9]*/"nofile_hard": 65536/' "$facts" >"$T/facts.json"
	up --root "$ROOT" --facts "$T/facts.json" apply mine --yes
	expect 1
	has "$err" "fs.nr_open: 4096 is less than the 65536 open files that this login may have"
	printf '[sysctl]\nfs.nr_open=100000\n' >"$conf"
	up --root "$ROOT" --facts "$T/facts.json" apply mine --dry-run
	expect 0
	has "$out" "fs.nr_open: 100000 is less than the 1048576 it is now: logins"
}

#!/usr/bin/env bats
# check: what it says, of what, and with which exit code. Each check both ways is in
# tests/mutations.tsv; the whole output for each fixture in tests/expected.
load ../lib/common

@test "a tree is judged by its files alone, and says so" {
	copy_root el7
	up --root "$ROOT" check
	has "$out" "files only: --root $ROOT"
	has "$out" "inferred"
	has "$out" "limits.memlock"
}

@test "the live system is asked, not guessed from its release" {
	up check --only uring.available --format json
	has "$out" '"uringprep.check/1"'
	has "$out" '"uring.available"'
	[ "$status" -le 1 ] || fail "neither yes nor no"
}

@test "two runs are equal but for evidence" {
	up check --format json
	grep -v '"evidence"' "$T/out" >"$T/first"
	up check --format json
	grep -v '"evidence"' "$T/out" | diff "$T/first" -
}

@test "--ignore turns a failure into a warning" {
	copy_root el7
	up --root "$ROOT" check --only uring.available
	expect 1
	up --root "$ROOT" check --only uring.available --ignore uring.available
	expect 0
	has "$out" WARN
}

@test "--fail-on warn counts warnings" {
	copy_root el7
	up --root "$ROOT" check --only sysctl.files
	expect 0
	echo 'not an assignment' >>"$ROOT/etc/sysctl.conf"
	up --root "$ROOT" check --only sysctl.files
	expect 0
	up --root "$ROOT" check --only sysctl.files --fail-on warn
	expect 1
}

@test "a check that cannot tell exits 3 only when it was asked for by name" {
	copy_root el7
	rm "$ROOT"/boot/config-*
	up --root "$ROOT" check --only kernel.config
	expect 3
	has "$out" UNKNOWN
	up --root "$ROOT" check --only kernel.config --ignore uring.available --format json
	expect 3
}

@test "lockdown wants io_uring denied" {
	copy_root el7
	up --root "$ROOT" check --profile lockdown --only uring.available
	expect 0
	has "$out" "does not know it"
}

@test "without root it works and says what it could not see" {
	[ "$(id -u)" -eq 0 ] || skip "only root can become nobody"
	cp "$PROG" "$T/uringprep"
	chmod 755 "$T"
	PROG=$T/uringprep
	copy_root el7
	mkdir -p "$ROOT/var/lib/uringprep"
	chmod 700 "$ROOT/var/lib/uringprep"
	status=0
	setpriv --reuid 65534 --regid 65534 --clear-groups "$PROG" --root "$ROOT" check \
		>"$T/out" 2>"$T/err" || status=$?
	out=$(cat "$T/out") err=$(cat "$T/err")
	[ "$status" -le 1 ] || fail "no answer"
	has "$out" "cannot tell without root"
}

@test "what cannot be read is unknown, never passed or skipped" {
	[ "$(id -u)" -eq 0 ] || skip "only root can become nobody"
	cp "$PROG" "$T/uringprep"
	chmod 755 "$T"
	copy_root el7
	echo vm.swappiness=99 >"$ROOT/etc/sysctl.d/50-x.conf"
	chmod 600 "$ROOT/etc/sysctl.d/50-x.conf" "$ROOT/boot/grub2/grub.cfg"
	status=0
	setpriv --reuid 65534 --regid 65534 --clear-groups "$T/uringprep" --root "$ROOT" \
		check --only sysctl.files,sysctl.swappiness,boot.default_bootable \
		>"$T/out" 2>"$T/err" || status=$?
	out=$(cat "$T/out")
	expect 3
	[ "$(grep -c ^UNKNOWN "$T/out")" = 3 ] || fail "not three unknown"
}

# Facts of debian12 with an edit of sed's.
edited_facts()
{
	sed "$1" "$SRC/tests/roots/debian12.facts.json" >"$T/facts.json"
}

@test "who disabled io_uring: the distribution, this host, the kernel's arguments, nobody" {
	copy_root debian12
	edited_facts 's/"vm.swappiness": "/"kernel.io_uring_disabled": "2", &/'
	set -- --root "$ROOT" --facts "$T/facts.json" check --only security.vendor_policy
	up "$@"
	has "$out" "WARN    security.vendor_policy  2, by no file"
	mkdir -p "$ROOT/usr/lib/sysctl.d"
	echo kernel.io_uring_disabled=2 >"$ROOT/usr/lib/sysctl.d/50-vendor.conf"
	up "$@"
	has "$out" "2, by the distribution: /usr/lib/sysctl.d/50-vendor.conf:1"
	has "$out" "don't flip it lightly"
	up "$@" --profile lockdown
	has "$out" "PASS    security.vendor_policy  2, as the profile"
	echo kernel.io_uring_disabled=2 >"$ROOT/etc/sysctl.d/60-ours.conf"
	up "$@"
	has "$out" "PASS    security.vendor_policy  2, decided on this host: /etc/sysctl.d/60-ours.conf:1"
	rm "$ROOT/etc/sysctl.d/60-ours.conf" "$ROOT/usr/lib/sysctl.d/50-vendor.conf"
	sed -i 's/ ro quiet"/ ro sysctl.kernel.io_uring_disabled=2"/' "$T/facts.json"
	up "$@"
	has "$out" "2, decided on this host: /proc/cmdline:1"
}

@test "whom kernel.io_uring_group leaves in" {
	copy_root debian12
	edited_facts 's/"vm.swappiness": "/"kernel.io_uring_disabled": "1", "kernel.io_uring_group": "990", &/'
	set -- --root "$ROOT" --facts "$T/facts.json" check --only security.io_uring_group
	up "$@"
	expect 3
	has "$out" "UNKNOWN"
	echo 'rings:x:990:db,web' >"$ROOT/etc/group"
	echo 'db:x:990:990::/:/bin/false' >"$ROOT/etc/passwd"
	up "$@"
	expect 0
	has "$out" "rings (990): members db,web; own group of 1 account"
	sed -i 's/"kernel.io_uring_group": "990"/"kernel.io_uring_group": "-1"/' "$T/facts.json"
	up "$@"
	has "$out" "PASS    security.io_uring_group  no group: CAP_SYS_ADMIN alone"
}

@test "tuned: its re-apply gives the files of /etc back, a condition is not guessed at" {
	copy_root debian12
	facts=$(facts debian12)
	mkdir -p "$ROOT"/etc/tuned "$ROOT"/usr/lib/tuned/web \
		"$ROOT/etc/systemd/system/multi-user.target.wants"
	ln -s /x "$ROOT/etc/systemd/system/multi-user.target.wants/tuned.service"
	echo web >"$ROOT/etc/tuned/active_profile"
	printf '[sysctl]\nvm.swappiness=1\n' >"$ROOT/usr/lib/tuned/web/tuned.conf"
	# shellcheck disable=SC2086 # an option and its value
	set -- --root "$ROOT" $facts check --only sysctl.managers -v
	up "$@"
	expect 0
	has "$out" "PASS    sysctl.managers  tuned (web) sets vm.swappiness=1"
	has "$out" "/usr/lib/tuned/web/tuned.conf:2; reapply_sysctl is on"
	# What is now and tuned will set again is no surprise of the next boot.
	sed -i 's/=1/=60/' "$ROOT/usr/lib/tuned/web/tuned.conf"
	# shellcheck disable=SC2086
	up --root "$ROOT" $facts check --only sysctl.precedence
	has "$out" "PASS    sysctl.precedence"
	sed -i 's/=60/=${mine}/' "$ROOT/usr/lib/tuned/web/tuned.conf"
	up "$@"
	expect 3
	has "$out" "tuned.conf:2: holds a variable"
	sed -i 's/=.*/=1/' "$ROOT/usr/lib/tuned/web/tuned.conf"
	echo 'reapply_sysctl = 0' >"$ROOT/etc/tuned/tuned-main.conf"
	up "$@"
	has "$out" "vm.swappiness=1 over 10 of /etc/sysctl.d/60-host.conf:1"
	# Another name of a section is no condition by itself.
	printf '[sysctl.arm]\ntype=sysctl\nvm.swappiness=1\n' >"$ROOT/usr/lib/tuned/web/tuned.conf"
	up "$@"
	has "$out" "vm.swappiness=1 over 10 of /etc/sysctl.d/60-host.conf:1"
	echo 'uname_regex=aarch64' >>"$ROOT/usr/lib/tuned/web/tuned.conf"
	up "$@"
	expect 3
	has "$out" "tuned.conf:3: stands under a condition"
}

@test "what else a profile sets is judged, with what shows a need of it" {
	copy_root debian12
	facts=$(facts debian12)
	mkdir -p "$ROOT/etc/uringprep/profiles"
	rm "$ROOT/etc/sysctl.d/60-host.conf"
	cat >"$ROOT/etc/uringprep/profiles/mine.conf" <<-'END'
		[sysctl]
		vm.swappiness=<60
		net.ipv4.ip_local_port_range=32768 60999
		net/core/netdev_max_backlog=>5000
		kernel.numa_balancing=1
	END
	# shellcheck disable=SC2086 # an option and its value
	set -- --root "$ROOT" $facts check --profile mine --only sysctl.profile,sysctl.precedence -v
	up "$@"
	expect 0
	has "$out" "WARN    sysctl.profile     net.core.netdev_max_backlog is 1000; kernel.numa_balancing is 0"
	has "$out" "wanted: net.core.netdev_max_backlog at least 5000; kernel.numa_balancing 1"
	has "$out" "mine.conf:4, /etc/uringprep/profiles/mine.conf:5"
	has "$out" "dropped in /proc/net/softnet_stat is 0: no gain expected"
	has "$out" "one NUMA node: nothing to balance"
	sed -i '4,$d' "$ROOT/etc/uringprep/profiles/mine.conf"
	# The kernel parts them by tabs, a person by blanks.
	printf 'net.ipv4.ip_local_port_range = 32768\t 60999\n' >"$ROOT/etc/sysctl.d/50-ports.conf"
	up "$@"
	has "$out" "PASS    sysctl.profile     1 more as profile mine wants"
	has "$out" "PASS    sysctl.precedence  "
	echo 'net.ipv4.ip_local_port_range = 32768 60998' >"$ROOT/etc/sysctl.d/50-ports.conf"
	up "$@"
	has "$out" "WARN    sysctl.precedence  net.ipv4.ip_local_port_range: 32768 60998 at boot"
	echo 'fs.epoll.max_user_watches=>1000' >>"$ROOT/etc/uringprep/profiles/mine.conf"
	up "$@"
	expect 3
	has "$out" "UNKNOWN  sysctl.profile"
	has "$out" "fs.epoll.max_user_watches: it was not recorded"
	# Without facts nothing but files is known: what no file sets is not judged.
	up --root "$ROOT" check --profile server --only sysctl.profile
	expect 0
}

# ids ARGS...: what check with ARGS judges, on one line.
ids()
{
	up --root "$ROOT" check "$@" --format json
	perl -MJSON::PP -0777 -e 'print join " ", map { $_->{id} } @{ decode_json(<STDIN>)->{findings} }' \
		<"$T/out"
}

@test "--only and --skip take ids, areas and globs, and may be given again" {
	copy_root el7
	[ "$(ids --only limits)" = 'limits.memlock limits.nofile' ]
	[ "$(ids --only 'limits.*')" = 'limits.memlock limits.nofile' ]
	[ "$(ids --only '*.memlock,state')" = 'limits.memlock state.usable' ]
	[ "$(ids --only state --only '*.memlock')" = 'limits.memlock state.usable' ]
	[ "$(ids --only limits,state --skip '*.memlock' --skip state)" = limits.nofile ]
	all=$(ids)
	[ "$(ids --skip uring,kernel)" = "deps.${all#* deps.}" ]
}

@test "a check that is named by its id must not stay unknown; an area does not name" {
	copy_root el7
	rm "$ROOT"/boot/config-*
	up --root "$ROOT" check --only 'kernel.conf*'
	expect 0
	up --root "$ROOT" check --only kernel,kernel.config
	expect 3
	up --root "$ROOT" check --only 'kernel.conf*' --fail-on unknown
	expect 3
	up --root "$ROOT" check --fail-on warn,unknown --only 'kernel.conf*'
	expect 3
	up --root "$ROOT" check --fail-on warn --fail-on unknown --only 'kernel.conf*'
	expect 3
}

@test "who cannot ask is told so, and is not ready" {
	[ "$(id -u)" -eq 0 ] || skip "only root can become another user"
	# That user has processes enough already; a user of its own, so that none are counted.
	# (Leaks are looked for by a thread, which is one too many.)
	few() { ASAN_OPTIONS="${ASAN_OPTIONS-}:detect_leaks=0" setpriv --reuid 61234 --regid 61234 --clear-groups prlimit --nproc=1 "$@"; }
	few "$PROG" check --only uring >"$T/out" || fail "exit code $?"
	has "$(cat "$T/out")" "UNKNOWN  uring.available  io_uring: cannot ask: fork"
	has "$(cat "$T/out")" "Cannot tell: "
	few "$PROG" check --only uring --format json >"$T/out"
	has "$(cat "$T/out")" '"ready": null'
	status=0
	few "$PROG" probe >"$T/out" || status=$?
	[ "$status" -eq 3 ] || fail "probe: exit code $status"
}

@test "--ignore takes areas, too" {
	copy_root el7
	up --root "$ROOT" check --ignore uring
	expect 0
}

@test "a word that means no check names close ones" {
	for pair in urng=uring memlock=limits.memlock sysctl.swapiness=sysctl.swappiness \
		kernel.confg=kernel.config bot=boot; do
		up check --only "${pair%=*}"
		expect 2
		has "$err" "close: ${pair#*=}"
	done
	up check --skip 'nothing.*'
	expect 2
	has "$err" 'check --list'
}

@test "--list: each check once, live ones are those that a tree skips" {
	copy_root el7
	up check --list --format json
	cp "$T/out" "$T/list"
	for root in el7 debian12; do
		up --root "$SRC/tests/roots/$root" check --format json
		perl -MJSON::PP -e '
			sub read_json { local (@ARGV, $/) = @_; decode_json(<>) }
			my %live = map { $_->{id} => $_->{live} } @{ read_json($ARGV[0])->{checks} };
			for my $f (@{ read_json($ARGV[1])->{findings} }) {
				my $skipped = $f->{status} eq "SKIP"
					&& $f->{found} =~ /belongs to a running system/;
				die "$f->{id}: live $live{$f->{id}}" if $skipped != $live{$f->{id}};
			}
		' "$T/list" "$T/out"
	done
	up check --list --only limits
	expect 0
	[ "$(wc -l <"$T/out")" -eq 3 ] || fail 'not two checks'
}

@test "--explain reads nothing of the host" {
	command -v strace >/dev/null || skip 'strace is not here'
	copy_root el7
	# (Under ASan, which reads /proc itself and cannot look for leaks under strace.)
	ASAN_OPTIONS=detect_leaks=0 strace -f -qq -o "$T/trace" -e trace=openat,open,io_uring_setup \
		"$PROG" --root "$ROOT" check --explain uring.available >"$T/out"
	has "$(cat "$T/out")" 'uring.available: io_uring'
	has "$(cat "$T/out")" 'To mend: '
	! grep -E 'io_uring_setup|sysctl|boot|/proc/sys|config|uringprep/' "$T/trace" ||
		fail 'it looked'
	up --root "$ROOT" check --explain '*.memlock,state' --format json
	expect 0
	[ "$(grep -c '"id"' "$T/out")" -eq 2 ] || fail 'not two checks'
}

@test "a security switch that is too strict: the mend has the word without which nothing is done" {
	up --root "$SRC/tests/roots/el9" --facts "$SRC/tests/roots/el9.facts.json" check --profile server --only sysctl.profile
	has "$out" "mend: uringprep apply server --accept kernel.io_uring_disabled"
}

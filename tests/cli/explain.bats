#!/usr/bin/env bats
# explain: who sets a sysctl, who wins, what it will be. What it says of files is compared
# with the programs themselves in sysctl_oracle.t.
load ../lib/common

setup_more()
{
	copy_root debian12
	rm "$ROOT"/etc/sysctl.d/* "$ROOT"/usr/lib/sysctl.d/* "$ROOT/etc/sysctl.conf"
	D=$ROOT/etc/sysctl.d
	L=$ROOT/usr/lib/sysctl.d
}

explain() { up --root "$ROOT" explain "$@"; }

# A recording of a boot: facts_of BOOT_ID SWAPPINESS [CMDLINE].
facts_of()
{
	printf '{"schema": "uringprep.facts/1", "scope": {"kind": "host"}, "kernel": {
	"release": "6.1.0", "boot_id": "%s", "cmdline": "%s"},
	"sysctl": {"vm.swappiness": "%s", "kernel.pid_max": -2}}' \
		"$1" "${3-}" "$2" >"$T/facts.json"
}

@test "lines stand in load order, and say who reads them and who wins" {
	echo 'vm.swappiness = 1' >"$L/50-a.conf"
	printf '# c\n\nvm/swappiness=2\n' >"$D/60-b.conf"
	echo 'vm.swap* = 3' >"$D/70-c.conf"
	echo 'vm.swappiness = 4' >"$ROOT/etc/sysctl.conf"
	explain vm.swappiness
	expect 0
	has "$out" "/usr/lib/sysctl.d/50-a.conf:1  1     read      read"
	has "$out" "/etc/sysctl.d/60-b.conf:3      2     wins      read"
	has "$out" "/etc/sysctl.d/70-c.conf:1      3     read      read"
	has "$out" "by: vm/swap*"
	has "$out" "/etc/sysctl.conf:1             4     not read  wins"
	has "$out" "after the next boot:   2 (/etc/sysctl.d/60-b.conf:3)"
	has "$out" "after sysctl --system: 4 (/etc/sysctl.conf:1)"
	has "$out" "files only: no value is read"
}

@test "dots, slashes and the path under /proc/sys are one key" {
	echo 'net.ipv4.conf.eth0/1.rp_filter = 2' >"$D/a.conf"
	for key in net.ipv4.conf.eth0/1.rp_filter net/ipv4/conf/eth0.1/rp_filter \
		/proc/sys/net/ipv4/conf/eth0.1/rp_filter; do
		explain "$key" --format json
		expect 0
		has "$out" '"key": "net.ipv4.conf.eth0/1.rp_filter"'
		has "$out" '"value": "2"'
	done
}

@test "hidden and masked files are shown, with what hides them" {
	echo 'vm.swappiness = 1' >"$L/50-a.conf"
	echo '# mine' >"$D/50-a.conf"
	echo 'vm.swappiness = 2' >"$L/60-b.conf"
	ln -s /dev/null "$D/60-b.conf"
	explain vm.swappiness
	expect 0
	has "$out" "/usr/lib/sysctl.d/50-a.conf:1  1     hidden  hidden"
	has "$out" "hidden by: /etc/sysctl.d/50-a.conf"
	has "$out" "hidden by: /etc/sysctl.d/60-b.conf, a link to /dev/null"
	has "$out" "after the next boot:   the kernel's own"
	has "$out" "after sysctl --system: as it is: no line sets it"
	# /lib is a link to usr/lib there: no file is seen twice.
	[ "$(grep -c 50-a.conf:1 "$T/out")" -eq 1 ] || fail "a folder was read twice"
}

@test "a line that takes an earlier one back, for systemd-sysctl alone" {
	printf 'vm.swappiness=1\n-vm.swappiness\n' >"$D/a.conf"
	explain vm.swappiness
	has "$out" "the kernel's own (/etc/sysctl.d/a.conf:2 takes back what stands before it)"
	has "$out" "after sysctl --system: 1 (/etc/sysctl.d/a.conf:1)"
}

@test "the kernel's arguments hold where no file speaks" {
	facts_of a 9 'quiet sysctl.vm.swappiness=9'
	explain vm.swappiness --facts "$T/facts.json"
	has "$out" "/proc/cmdline:1  9     wins  not read"
	has "$out" "after the next boot:   9 (/proc/cmdline:1: the kernel's command line)"
	has "$out" "live:                  9"
	echo 'vm.swappiness=2' >"$D/a.conf"
	explain vm.swappiness --facts "$T/facts.json"
	has "$out" "/proc/cmdline:1         9     read  not read"
	has "$out" "after the next boot:   2 "
	sed -i 's/6.1.0/5.4.278/' "$T/facts.json"
	rm "$D/a.conf"
	explain vm.swappiness --facts "$T/facts.json"
	has "$out" "after the next boot:   the kernel's own" # before 5.8 none knew them
}

@test "a file that cannot be read may say anything that is not said behind it" {
	[ "$(id -u)" -eq 0 ] || skip "needs a user that is not root: only root can be one"
	echo 'vm.swappiness=2' >"$D/50-a.conf"
	echo 'vm.swappiness=3' >"$D/60-b.conf"
	chmod 600 "$D/60-b.conf"
	chmod 755 "$T"
	as_user() { setpriv --reuid 65534 --regid 65534 --clear-groups "$PROG" --root "$ROOT" explain vm.swappiness; }
	as_user >"$T/out"
	out=$(cat "$T/out")
	has "$out" "could not be read: /etc/sysctl.d/60-b.conf: Permission denied"
	has "$out" "after the next boot:   cannot be told: /etc/sysctl.d/60-b.conf: Permission denied"
	echo 'vm.swappiness=4' >"$D/70-c.conf"
	out=$(as_user)
	has "$out" "after the next boot:   4 (/etc/sysctl.d/70-c.conf:1)"
	# A pattern would give way to a line of that file.
	echo 'vm.swap*=4' >"$D/70-c.conf"
	out=$(as_user)
	has "$out" "after the next boot:   cannot be told"
}

@test "who loads files at boot: nobody known, a masked unit, lines behind all files" {
	echo 'vm.swappiness=2' >"$D/a.conf"
	mkdir -p "$ROOT/etc/systemd/system" "$ROOT/etc/credstore"
	ln -s /dev/null "$ROOT/etc/systemd/system/systemd-sysctl.service"
	explain vm.swappiness
	has "$out" "cannot be told: /etc/systemd/system/systemd-sysctl.service is masked"
	has "$out" "after sysctl --system: 2 "
	rm "$ROOT/etc/systemd/system/systemd-sysctl.service"
	echo 'vm.swappiness=9' >"$ROOT/etc/credstore/sysctl.extra"
	explain vm.swappiness
	has "$out" "cannot be told: /etc/credstore/sysctl.extra"
	rm "$ROOT/etc/credstore/sysctl.extra" "$ROOT/usr/lib/systemd/systemd-sysctl"
	explain vm.swappiness
	has "$out" "systemd-sysctl is not here: who loads sysctl.d at boot is not known"
	up --root "$ROOT" apply server --dry-run
	[ "$(grep -c 'cannot be told' "$T/out")" -eq 1 ] || fail "said for each key"
}

# tuned 2.20 (plugin_sysctl.py): its own lines, then files of /run and /etc again.
tuned_of()
{
	mkdir -p "$ROOT/etc/tuned/web" "$ROOT/etc/systemd/system/multi-user.target.wants"
	: >"$ROOT/etc/systemd/system/multi-user.target.wants/tuned.service"
	echo web >"$ROOT/etc/tuned/active_profile"
	printf '[sysctl]\n%s\n' "$1" >"$ROOT/etc/tuned/web/tuned.conf"
	echo "reapply_sysctl = $2" >"$ROOT/etc/tuned/tuned-main.conf"
}

@test "tuned comes after systemd-sysctl, and files of /etc again after it" {
	echo 'vm.swappiness=2' >"$L/a.conf"
	tuned_of 'vm.swappiness=30' 1
	explain vm.swappiness
	has "$out" "after the next boot:   30 (/etc/tuned/web/tuned.conf:2: tuned's profile)"
	has "$out" "note: tuned (web) sets 30"
	echo 'vm.swappiness=4' >"$ROOT/etc/sysctl.conf"
	explain vm.swappiness
	has "$out" "4 (/etc/sysctl.conf:1: tuned applies it behind its own)"
	tuned_of 'vm.swappiness=30' 0
	explain vm.swappiness
	has "$out" "after the next boot:   30 "
	# Not a tunable of ours.
	tuned_of 'kernel.pid_max=30' 0
	explain kernel.pid_max
	has "$out" "after the next boot:   30 "
	tuned_of 'vm.swappiness=>30' 0
	explain vm.swappiness
	has "$out" "after the next boot:   30 "
	tuned_of 'vm.swappiness=<30' 0
	explain vm.swappiness
	has "$out" "after the next boot:   2 "
	rm "$L/a.conf"
	explain vm.swappiness
	has "$out" "makes it at most 30; what it is without that is not known"
}

@test "apply: who will win at the next boot is named before, and kept as a prediction" {
	printf 'vm.swap*=7\nnet.core.somaxconn=65535\n' >"$D/99-zz.conf"
	up --root "$ROOT" apply article --dry-run --format json
	has "$out" '"key": "vm.swappiness"'
	has "$out" '"by": "/etc/sysctl.d/99-uringprep.conf"'
	case $out in *"will win"*) fail "a pattern gives way, and the same value is none" ;; esac
	echo '-vm.swappiness' >>"$D/99-zz.conf"
	up --root "$ROOT" apply article --dry-run
	has "$out" "99-zz.conf:3 takes our line back"
	tuned_of 'vm.swappiness=30' 0
	up --root "$ROOT" apply article --dry-run
	has "$out" "tuned sets 30 (/etc/tuned/web/tuned.conf:2) after systemd-sysctl"
}

@test "apply: our file switched off by a link to /dev/null is left so" {
	ln -s /dev/null "$D/99-uringprep.conf"
	mkdir -p "$ROOT/dev"
	tree "$ROOT" >"$T/before"
	up --root "$ROOT" apply server --yes
	expect 1
	has "$err" "is a link to /dev/null"
	tree "$ROOT" | diff "$T/before" -
}

@test "status: as predicted, or not, after the boot" {
	up --root "$ROOT" apply server --yes
	expect 0
	facts_of "$(cat /proc/sys/kernel/random/boot_id)" 60
	up --root "$ROOT" --facts "$T/facts.json" status --format json
	expect 0
	has "$out" '"booted_since": false'
	facts_of 11111111-2222-3333-4444-555555555555 10
	up --root "$ROOT" --facts "$T/facts.json" status
	expect 0
	has "$out" "After the boot since transaction 1: as predicted"
	facts_of 11111111-2222-3333-4444-555555555555 0xb
	up --root "$ROOT" --facts "$T/facts.json" status
	expect 1
	has "$out" "vm.swappiness       10         0xb     at run time, or by a program"
	has "$err" "uringprep explain vm.swappiness"
	# A later file, which was not there when it was predicted.
	echo 'vm.swappiness=77' >"$D/99-zz.conf"
	facts_of 11111111-2222-3333-4444-555555555555 77
	up --root "$ROOT" --facts "$T/facts.json" status
	expect 1
	has "$out" "/etc/sysctl.d/99-zz.conf:1"
	# One that was.
	up --root "$ROOT" revert
	up --root "$ROOT" apply server --yes
	has "$out" "99-zz.conf:1 sets 77 and is read after our file"
	up --root "$ROOT" --facts "$T/facts.json" status
	expect 0
	has "$out" "as predicted"
	up --root "$ROOT" status --format json
	has "$out" '"booted_since": null'
}

@test "status: a profile over another takes its predictions back" {
	up --root "$ROOT" apply server --yes
	expect 0
	mkdir -p "$ROOT/etc/uringprep/profiles"
	printf '[main]\nsummary=limits\n[limits]\nnofile=4096\n' >"$ROOT/etc/uringprep/profiles/limits.conf"
	up --root "$ROOT" apply limits --yes
	expect 0
	[ ! -e "$D/99-uringprep.conf" ] || fail "the first profile's file is still there"
	facts_of 11111111-2222-3333-4444-555555555555 60
	up --root "$ROOT" --facts "$T/facts.json" status
	expect 0
	case $out in *PREDICTED*) fail "judged by what was taken back" ;; esac
}

@test "a key that this kernel lacks, and keys that none has" {
	facts_of a 9
	explain kernel.pid_max --facts "$T/facts.json"
	expect 1
	has "$err" "no such key on this kernel, and no file sets it"
	echo 'kernel.pid_max=1' >"$D/a.conf"
	explain kernel.pid_max --facts "$T/facts.json"
	expect 0
	has "$out" "this kernel has no such key"
	explain kernel.unshare_flags
	expect 1
	has "$err" "no kernel has such a key"
	echo 'kernel.unshare_flags=1' >>"$D/a.conf"
	explain kernel.unshare_flags
	expect 0
	has "$out" "note: no kernel has such a key"
}

@test "live: the value of any key; a wrong letter" {
	up explain kernel.ostype
	expect 0
	has "$out" "live:                  Linux"
	up explain vm.swapiness
	expect 1
	has "$err" "did you mean vm.swappiness?"
}

@test "in a container: who has to set it" {
	printf '{"schema": "uringprep.facts/1", "scope": {"kind": "container", "engine": "podman",
	"evidence": "/run/.containerenv"}, "sysctl": {"vm.swappiness": "60"}}' >"$T/facts.json"
	explain vm.swappiness --facts "$T/facts.json"
	expect 0
	has "$out" "after the next boot:   cannot be told: only the host can set it"
}

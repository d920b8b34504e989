#!/usr/bin/env bats
# What single checks of areas kernel, deps, boot and initramfs make of odd hosts. That each
# of them turns is mutations.tsv's.
load ../lib/common

# judge ID: the check on $ROOT; $out is "PASS found", $evidence what shows it.
judge()
{
	# shellcheck disable=SC2086 # none, or two words
	up --root "$ROOT" ${FACTS-} check --only "$1" --format json
	{
		read -r out
		read -r evidence
	} < <(perl -MJSON::PP -0777 -ne '
		my $f = decode_json($_)->{findings}[0];
		print "$f->{status} $f->{found}\n", $f->{evidence} // "", "\n"' "$T/out")
}

# recorded NAME EDIT: use NAME's facts, changed by sed.
recorded()
{
	sed "$2" "$SRC/tests/roots/$1.facts.json" >"$T/facts.json"
	FACTS="--facts $T/facts.json"
}

@test "check: the distribution is os-release's, or unknown" {
	copy_root el8
	up --root "$ROOT" check
	has "$out" "distribution: Red Hat Enterprise Linux 8.10 (Ootpa)"
	rm "$ROOT/etc/os-release"
	up --root "$ROOT" check
	has "$out" "distribution: Red Hat Enterprise Linux 8.10 (Ootpa)"
	printf 'NAME=Plain\nPRETTY_NAME=$(id)\n' >"$ROOT/usr/lib/os-release"
	up --root "$ROOT" check
	has "$out" "distribution: Plain"
	rm "$ROOT/usr/lib/os-release"
	up --root "$ROOT" check --format json
	has "$out" '"distribution": null'
}

@test "kernel.known_bugs: a vendor's number alone is unknown, Debian's version is known" {
	copy_root debian12
	recorded debian12 's/ Debian 6.1.119-1/ x/'
	judge kernel.known_bugs
	expect 3
	has "$out" "UNKNOWN in range by its number, may be fixed by backport: processes hang"
	recorded debian12 's/Debian 6.1.119-1/Debian 6.1.115-1/'
	judge kernel.known_bugs
	expect 0
	has "$out" "WARN 6.1.115: processes hang"
}

@test "kernel.known_bugs: a kernel that outdoes its number is a vendor's" {
	copy_root debian12
	recorded debian12 's/"6.1.0-28-amd64"/"5.4.100"/; s/ Debian 6.1.119-1/ x/'
	judge kernel.known_bugs
	has "$out" "UNKNOWN in range by its number"
	sed -i 's/"1ffffffffffff"/"fff"/; s/"1fff"/"1"/' "$T/facts.json"
	judge kernel.known_bugs
	has "$out" "WARN 5.4.100: a SQPOLL thread"
}

@test "kernel.known_bugs: EL9's is said not to have 5.14's lost writes" {
	copy_root el9
	FACTS=$(facts el9)
	judge kernel.known_bugs
	has "$out" "PASS none of 5.14.0"
	recorded el9 's/5.14.0-427.13.1.el9_4.x86_64/5.14.21/'
	judge kernel.known_bugs
	has "$out" "WARN 5.14.21: writes to files get lost"
}

@test "kernel.support: UEK on EL7 is not EL7's own" {
	copy_root debian12
	recorded debian12 's/"6.1.0-28-amd64"/"5.4.17-2136.330.7.el7uek.x86_64"/'
	judge kernel.support
	has "$out" "PASS not among"
}

@test "kernel.panic_reboots: files say it, sysctl.d before the kernel's argument" {
	copy_root debian12
	judge kernel.panic_reboots
	has "$out" "SKIP no file sets kernel.panic"
	sed -i "s,ro quiet,ro quiet panic=5," "$ROOT/boot/grub/grub.cfg"
	judge kernel.panic_reboots
	has "$out" "PASS yes, after 5 s: the default entry's panic="
	echo 'kernel.panic = 20' >"$ROOT/etc/sysctl.d/60-host.conf"
	judge kernel.panic_reboots
	has "$out" "PASS yes, after 20 s: /etc/sysctl.d/60-host.conf:1"
	echo 'kernel.panic = -1' >"$ROOT/etc/sysctl.d/60-host.conf"
	judge kernel.panic_reboots
	has "$out" "PASS yes, at once"
	echo 'kernel.panic = 0' >"$ROOT/etc/sysctl.d/60-host.conf"
	judge kernel.panic_reboots
	has "$out" "UNKNOWN /etc/sysctl.d/60-host.conf:1 sets kernel.panic to 0"
}

@test "kernel.panic_reboots: a watchdog counts, and systemd's setting is shown" {
	copy_root debian12
	recorded debian12 's/"kdump_loaded": 0/&, "watchdog": "iTCO_wdt"/'
	mkdir -p "$ROOT/etc/systemd/system.conf.d"
	printf '[Manager]\n#RuntimeWatchdogSec=1\nRuntimeWatchdogSec=10\n' \
		>"$ROOT/etc/systemd/system.conf"
	printf '[Manager]\nRuntimeWatchdogSec = 30s\n' >"$ROOT/etc/systemd/system.conf.d/w.conf"
	judge kernel.panic_reboots
	has "$out" "PASS yes: the watchdog iTCO_wdt runs"
	has "$evidence" "RuntimeWatchdogSec=30s in /etc/systemd/system.conf.d/w.conf"
}

@test "deps.glibc: by its name, by its banner, musl, none" {
	copy_root el7
	judge deps.glibc
	has "$out" "PASS 2.17:"
	rm -rf "$ROOT"
	copy_root debian12
	judge deps.glibc
	has "$out" "PASS 2.36:"
	rm "$ROOT/usr/lib/x86_64-linux-gnu/libc.so.6"
	echo >"$ROOT/usr/lib/ld-musl-x86_64.so.1"
	judge deps.glibc
	has "$out" "SKIP /usr/lib/ld-musl-x86_64.so.1: programs built for glibc do not run here"
	rm "$ROOT/usr/lib/ld-musl-x86_64.so.1"
	judge deps.glibc
	expect 0
	has "$out" "SKIP no C library was found"
}

@test "deps.glibc: this system's own is the one the program runs with" {
	up check --only deps.glibc
	has "$out" "deps.glibc  $(getconf GNU_LIBC_VERSION | cut -d' ' -f2):"
}

@test "deps.liburing: an old one is enough for a kernel of its time" {
	copy_root debian12
	cd "$ROOT/usr/lib/x86_64-linux-gnu"
	rm liburing.so.2
	mv liburing.so.2.3 liburing.so.1.0.7
	ln -s liburing.so.1.0.7 liburing.so.1
	judge deps.liburing
	has "$out" "PASS 1.0.7"
	FACTS=$(facts debian12)
	judge deps.liburing
	has "$out" "WARN 1.0.7, and the kernel's level is full"
}

@test "boot.default_has_uring: lockdown does not ask; lib/modules has it, too" {
	copy_root debian12
	mkdir -p "$ROOT/lib/modules/6.1.0-28-amd64"
	mv "$ROOT/boot/config-6.1.0-28-amd64" "$ROOT/lib/modules/6.1.0-28-amd64/config"
	judge boot.default_has_uring
	has "$out" "PASS 6.1.0-28-amd64 has CONFIG_IO_URING"
	up --root "$ROOT" check --only boot.default_has_uring --profile lockdown
	has "$out" "SKIP    boot.default_has_uring  the profile wants no io_uring"
}

@test "boot.default_moves: ELRepo's default under UPDATEDEFAULT=yes" {
	copy_root el7
	up --root "$ROOT" boot default 5.4.278
	expect 0
	judge boot.default_moves
	has "$out" "WARN 5.4.278-1.el7.elrepo.x86_64 is the default, and the next kernel package"
	sed -i 's/^UPDATEDEFAULT=yes/UPDATEDEFAULT=no/' "$ROOT/etc/sysconfig/kernel"
	judge boot.default_moves
	has "$out" "PASS it stays until it is changed"
}

@test "boot.space: a recording that does not say is not guessed" {
	copy_root debian12
	recorded debian12 's/"free_bytes": 400000000/"x": 1/'
	judge boot.space
	has "$out" "SKIP the recording does not say"
}

@test "initramfs.present: compressed ones pass, a folder is unknown, none is skipped" {
	copy_root debian12
	printf '\x1f\x8b\x08\x00rest' >"$ROOT/boot/initrd.img-6.1.0-28-amd64"
	judge initramfs.present
	has "$out" "bytes, gzip"
	printf '\x28\xb5\x2f\xfdrest' >"$ROOT/boot/initrd.img-6.1.0-28-amd64"
	judge initramfs.present
	has "$out" "bytes, zstd"
	rm "$ROOT/boot/initrd.img-6.1.0-28-amd64"
	mkdir "$ROOT/boot/initrd.img-6.1.0-28-amd64"
	judge initramfs.present
	has "$out" "UNKNOWN"
	sed -i '/^\s*initrd\s/d' "$ROOT/boot/grub/grub.cfg"
	judge initramfs.present
	has "$out" "SKIP the default entry has none"
}

@test "check: a long list of lines is shown to its end" {
	copy_root debian12
	FACTS="--facts $SRC/tests/roots/debian12.facts.json"
	mkdir -p "$ROOT/etc/sysctl.d"
	for n in {10..60}; do
		echo "vm.swappiness = $n" >"$ROOT/etc/sysctl.d/$n-the-name-of-a-file.conf"
	done
	echo "vm.swappiness = 3" >>"$ROOT/etc/sysctl.conf"
	judge sysctl.precedence
	has "$evidence" "/etc/sysctl.d/60-the-name-of-a-file.conf:1: vm.swappiness = 60"
	[ "${evidence%vm.swappiness = 3}" != "$evidence" ]
}

@test "uring: a switch that could not be read is not one that is not there" {
	recorded debian12 's/"setup_null": -14/"setup_null": -1/; s/"vm.swappiness": "/"kernel.io_uring_disabled": -13, &/'
	ROOT=$SRC/tests/roots/debian12
	judge uring.available
	has "$out" "denied, perhaps by a sysctl"
	has "$evidence" "kernel.io_uring_disabled cannot be read"
}

@test "a configuration that stands in /lib/modules alone is found by every check" {
	copy_root debian12
	mkdir -p "$ROOT/lib/modules/6.1.0-28-amd64"
	mv "$ROOT/boot/config-6.1.0-28-amd64" "$ROOT/lib/modules/6.1.0-28-amd64/config"
	for id in uring.available kernel.config boot.default_has_uring; do
		judge "$id"
		has "$out" PASS
		[ "$evidence" != "${evidence%/lib/modules/6.1.0-28-amd64/config*}" ]
	done
}

@test "a menu that cannot be read leaves each check of the default entry open" {
	copy_root el7
	rm "$ROOT/boot/grub2/grub.cfg"
	mkdir "$ROOT/boot/grub2/grub.cfg"
	for id in boot.default_bootable boot.default_has_uring boot.space initramfs.present; do
		judge "$id"
		has "$out" "UNKNOWN no GRUB is to be seen here"
	done
}

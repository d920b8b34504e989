# Real kernels of Debian's, unpacked and not installed, and a guest to ask them in: QEMU
# without KVM, a kernel, busybox and the static program; no disk, no network.
#
#   my $guest = run('6.12', <<'END', {'/etc/some' => 'host/path'});
#   say uname uname -r
#   say check uringprep check --format json
#   nobody check_nobody uringprep check --format json
#   END
#   $guest->{missing}          no repository serves that kernel: why
#   $guest->{release}          what it calls itself
#   $guest->{out}{check}       what the command wrote, stdout and stderr
#   $guest->{code}{check}      its exit code
#   $guest->{log}              the console
#
# The script is busybox sh's. The guest has /bin/uringprep, all programs of tests/guest,
# proc, sysfs, devtmpfs and a user nobody. What is not between `say` and its command does
# not come out.
package Kernel;
use strict;
use warnings;
use Cwd qw(abs_path);
use Exporter 'import';
use File::Copy qw(copy);
use File::Path qw(make_path);
use File::Temp qw(tempdir);
use POSIX ':sys_wait_h';

our @EXPORT = qw(kernel modules run unpacked);

my $build = abs_path($ENV{BUILD} // 'build');
my $cache = "$build/vm";
my $seconds = 180; # a guest takes 5 to 10 on an idle machine

# Where other kernels than this system's own are: suites of the same mirrors.
my @suites = qw(bullseye trixie trixie-backports);

sub command
{
	my $said = `@_ 2>&1`;

	die "@_: failed: $said\n" if $?;
	return $said;
}

# Options by which apt knows the other suites; made once, beside the kernels.
my $others;
sub others
{
	return $others if $others;
	my $dir = "$cache/apt";
	my (@lines, %seen);

	make_path("$dir/lists/partial", "$dir/cache/archives/partial");
	command('apt-get', '-q', 'update')
		unless `apt-get indextargets 'Created-By: Packages'`;
	for (`apt-get indextargets --format '\$(REPO_URI) \$(LABEL)' 'Created-By: Packages'`) {
		my ($uri, $label) = split;
		next if $seen{$uri}++ || $label !~ /^Debian(-Security)?$/;
		push @lines, map { "deb $uri $_ main\n" }
			$1 ? map { "$_-security" } grep { !/-/ } @suites : @suites;
	}
	open my $f, '>', "$dir/sources.list" or die "$dir/sources.list: $!";
	print $f @lines;
	close $f;
	$others = "-o Dir::Etc::sourcelist=$dir/sources.list -o Dir::Etc::sourceparts=- "
		. "-o Dir::State::lists=$dir/lists -o Dir::Cache=$dir/cache "
		. '-o APT::Sandbox::User=root';
	# A suite that is not there (any more) does not spoil the others.
	`apt-get -q $others update 2>&1`;
	return $others;
}

# The newest package of a series that apt knows with these options. From 6.19 on the kernel
# itself is in linux-binary-RELEASE, and linux-image-RELEASE asks for that.
sub newest
{
	my ($series, $options) = @_;
	my $names = "'^linux-(binary|image)-\Q$series\E[.][0-9].*-cloud-amd64\$'";
	# Every number as wide as any: then the order of text is that of releases.
	my $wide = sub { $_[0] =~ s/^linux-\w+-//r =~ s/(\d+)/sprintf '%09d', $1/ger };
	my @found = sort { $wide->($b) cmp $wide->($a) || $a cmp $b }
		map { /^(\S+)/ } `apt-cache $options search --names-only $names`;

	return $found[0];
}

my $no_apt = 'packages are taken from Debian by apt-get, which is not here';
sub has_apt
{
	return grep { -x "$_/apt-get" } split /:/, $ENV{PATH};
}

# A new folder of the cache with a package in it; gone when the test ends.
sub download
{
	my ($package, $options) = @_;
	my $dir = tempdir('fetch.XXXXXX', DIR => $cache, CLEANUP => 1);

	chmod 0755, $dir;
	# Lists may be old, and name what is served no longer.
	my $get = "cd '$dir' && apt-get -q $options download '$package'";
	command($get) unless eval { command($get) } or command("apt-get -q $options update");
	return $dir;
}

# unpacked('tuned'): the folder that this system's own package of that name is unpacked in,
# not installed, and its version; or (undef, why there is none).
sub unpacked
{
	my ($name) = @_;

	make_path($cache);
	return (undef, $no_apt) unless has_apt();
	my $show = "apt-cache show --no-all-versions '$name' 2>/dev/null";
	command('apt-get', '-q', 'update') unless `$show`;
	return (undef, "no suite of this machine's Debian mirrors serves $name")
		unless `$show` =~ /^Version: (\S+)/m;
	my ($version, $dir) = ($1, "$cache/$name-$1");
	if (!-d $dir) {
		my $new = download($name, '');
		command("cd '$new' && dpkg-deb --fsys-tarfile *.deb | tar -x && rm -f *.deb");
		rename $new, $dir or die "$dir: $!";
	}
	return ($dir, $version);
}

# The package of a series, downloaded into a folder of the cache: the folder, or (undef, why
# not).
sub package_of
{
	my ($series) = @_;
	my $options = '';

	make_path($cache);
	return (undef, $no_apt) unless has_apt();
	my $package = newest($series, '');
	$package = newest($series, $options = others()) if !$package;
	return (undef, "no suite of this machine's Debian mirrors serves a $series kernel")
		if !$package;
	return (download($package, $options), $package);
}

sub unpack_from
{
	my ($dir, @patterns) = @_;
	my $words = join ' ', map { "'$_'" } @patterns;

	command("cd '$dir' && dpkg-deb --fsys-tarfile *.deb | tar -x --wildcards $words");
}

# kernel('6.1'): (image, release), or (undef, why there is none).
sub kernel
{
	my ($series) = @_;
	my $have = sub {
		my ($image) = glob "$cache/$series/vmlinuz-*";
		return ($image, $image =~ /vmlinuz-(.*)/) if $image;
	};

	return $have->() if $have->();
	my ($dir, $package) = package_of($series);
	return (undef, $package) if !$dir;
	# In /boot, or (6.19 and later) in the folder of its modules.
	unpack_from($dir, '*/vmlinuz*');
	my ($image) = (glob("$dir/boot/vmlinuz-*"), glob("$dir/{usr/,}lib/modules/*/vmlinuz"))
		or die "$package: no kernel in it\n";
	make_path("$cache/$series");
	my $to = "$cache/$series/vmlinuz-" . $package =~ s/^linux-\w+-//r;
	rename $image, $to or die "$to: $!";
	return $have->();
}

# modules('6.1', 'unix_diag'): files for a guest of that kernel, as run takes them: each is
# /NAME.ko there. None: the kernel that is kept is not the one that is served now.
sub modules
{
	my ($series, @names) = @_;
	my ($image, $release) = kernel($series);
	return unless $image;
	my $keep = "$cache/$series/modules-$release";

	if (grep { !-e "$keep/$_.ko" } @names) {
		my ($dir, $package) = package_of($series);
		return if !$dir || $package !~ /-\Q$release\E$/;
		unpack_from($dir, map { "*/$_.ko*" } @names);
		make_path($keep);
		for my $name (@names) {
			my ($ko) = split /\n/, command("find '$dir' -name '$name.ko*'");
			command("xz -d '$ko'") if $ko =~ /\.xz$/;
			$ko =~ s/\.xz$//;
			rename $ko, "$keep/$name.ko" or die "$ko: $!";
		}
	}
	return map { ("/$_.ko" => "$keep/$_.ko") } @names;
}

my $init = <<'END';
#!/bin/busybox sh
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t sysfs sys /sys
/bin/busybox mount -t devtmpfs dev /dev
/bin/busybox --install -s /bin
export PATH=/bin HOME=/
stty -F /dev/ttyS1 raw
exec 3>/dev/ttyS1
ip link set lo up

# say NAME COMMAND...: what it writes and how it ends, to the test.
say()
{
	local name=$1 code=0
	shift
	"$@" </dev/null >/tmp/said 2>&1 || code=$?
	echo "$name $code $(stat -c %s /tmp/said)" >&3
	cat /tmp/said >&3
}

# nobody NAME COMMAND...: the same as user and group 65534, without a capability.
nobody()
{
	local name=$1
	shift
	say "$name" su -s /bin/sh nobody -c "$*"
}

. /script
echo 'end 0 0' >&3
sleep 1
poweroff -f
END

# The initramfs with this script in it.
sub pack_guest
{
	my ($dir, $script, $files) = @_;
	my $top = "$dir/top";
	my %texts = ('/init' => $init, '/script' => $script,
		'/etc/passwd' => "root:x:0:0:root:/:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n",
		'/etc/group' => "root:x:0:\nnogroup:x:65534:\n");
	my %copies = ('/bin/busybox' => '/bin/busybox',
		'/bin/uringprep' => "$build/uringprep-static", %{ $files // {} });

	make_path(map { "$top/$_" } qw(bin proc sys dev etc tmp));
	chmod 01777, "$top/tmp";
	for (grep { -x && !/\./ } glob "$build/tests/guest/*") {
		$copies{"/bin/$1"} = $_ if m{([^/]+)$};
	}
	for my $path (keys %copies) {
		make_path($top . $path =~ s{/[^/]*$}{}r);
		copy($copies{$path}, "$top$path") or die "$copies{$path}: $!";
		chmod 0755, "$top$path";
	}
	for my $path (keys %texts) {
		open my $f, '>', "$top$path" or die "$top$path: $!";
		print $f $texts{$path};
		close $f;
	}
	chmod 0755, "$top/init";
	command("cd $top && find . | cpio -o -H newc -R 0:0 --quiet >$dir/initramfs.img");
	return "$dir/initramfs.img";
}

sub slurp
{
	open my $f, '<:raw', $_[0] or return '';
	local $/;
	return <$f> // '';
}

# run(SERIES, SCRIPT, FILES, disk => IMAGE, cut => SECONDS): boot, run, switch off. IMAGE is
# /dev/vda (virtio_blk). With cut the power fails so long after the first `say`.
sub run
{
	my ($series, $script, $files, %more) = @_;
	my @disk = $more{disk} ? ('-drive', "file=$more{disk},format=raw,if=virtio") : ();
	my ($image, $release) = kernel($series);
	return { missing => $release } unless $image;
	my $dir = tempdir('uringprep-guest.XXXXXX', TMPDIR => 1, CLEANUP => 1);
	my $initramfs = pack_guest($dir, $script, $files);
	my $guest = { release => $release, out => {}, code => {} };

	my $pid = fork // die "fork: $!";
	if (!$pid) {
		open STDIN, '<', '/dev/null';
		exec 'timeout', $seconds, 'qemu-system-x86_64', qw(-accel tcg -machine pc -cpu max
			-m 512 -display none -nodefaults -monitor none -nic none -no-reboot),
			'-serial', "file:$dir/console", '-serial', "file:$dir/said",
			@disk, '-kernel', $image, '-initrd', $initramfs,
			'-append', 'console=ttyS0 panic=-1 loglevel=5'
			or die "qemu-system-x86_64: $!";
	}
	if (defined $more{cut}) {
		select undef, undef, undef, 0.05 until -s "$dir/said" || waitpid $pid, WNOHANG;
		select undef, undef, undef, $more{cut};
		kill 'TERM', $pid; # timeout passes it on, and QEMU stops where it is
	}
	waitpid $pid, 0;
	my $ended = $? >> 8;
	$guest->{log} = slurp("$dir/console");
	my $said = slurp("$dir/said");
	while ($said =~ /\G(\S+) (\d+) (\d+)\n/gc) {
		$guest->{code}{$1} = $2;
		$guest->{out}{$1} = substr $said, pos $said, $3;
		pos($said) += $3;
	}
	return $guest if defined $more{cut} && %{ $guest->{code} };
	die "$release: the guest did not come to the end of its script (timeout and QEMU: "
		. "exit $ended):\n$guest->{log}" unless exists $guest->{code}{end};
	return $guest;
}

1;

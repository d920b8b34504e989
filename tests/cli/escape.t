#!/usr/bin/perl
# `check --root` on hostile trees: at every path that it reads stands a link that leads out
# of the tree, nowhere, or round and round. strace sees that nothing outside is reached, and
# the report has nothing of it.
#
# Which paths those are is not written here: a run on the good tree shows them.
use strict;
use warnings;
use lib 'tests/lib';
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Path qw(make_path);
use Scratch;
use Test::More;

# What would tell if it was read.
my $bait = fresh('tests/lint/allowed');
unlink glob "$bait/*";
put("$bait/file", "PRETTY_NAME=\"the bait\"\nkernel.panic = 1\nCONFIG_IO_URING=y\n");

# What each link points to; the argument is the link's path inside the tree.
my %links = (
	'absolute' => sub { "$bait/file" },
	'absolute, a folder' => sub { $bait },
	'up and out' => sub { '../' x 40 . substr "$bait/file", 1 },
	'one up too many' => sub { '../' x ($_[0] =~ tr!/!!) . 'outside' },
	'loop' => sub { $_[0] =~ s!.*/!!r },
	'dangling' => sub { 'nowhere/at/all' },
	'/proc magic' => sub { "/proc/self/root$bait/file" },
	'/proc magic, a folder' => sub { '/proc/self/cwd' },
	'a device' => sub { '/dev/zero' },
);

# What the program and its C library reach of themselves, on any tree: libraries, locale,
# whether / is a chroot.
my $own = qr{^(/|/etc/ld\.so\..*|/(usr/)?lib(64|32)?/(.*\.so[.\d]*|locale/.*|.*/gconv/.*)
	|/usr/share/locale.*|/proc/1/root/?|/dev/null|\Q$up\E)$}x;

sub put
{
	my ($path, $text) = @_;
	open my $out, '>', $path or die "$path: $!";
	print $out $text;
	close $out or die "$path: $!";
}

# A run's exit code and the paths its calls name or its descriptors stand for. strace
# shows where a descriptor really leads.
sub reached
{
	my @args = @_;
	my ($file, %paths) = ("$bait/strace");
	my $pid = fork // die "fork: $!";

	if (!$pid) {
		open STDIN, '<', '/dev/null';
		open STDOUT, '>', '/dev/null';
		open STDERR, '>', '/dev/null';
		exec 'strace', '-f', '-y', '-qq', '-s', '4096', '-o', $file, '-e',
			'trace=file,fstat,fstatfs,getdents64', $up, @args
			or die "strace: $!";
	}
	waitpid $pid, 0;
	my $code = $? >> 8;
	for (split /\n/, slurp($file)) {
		my ($args, $result) = /^\d+\s+\w+\((.*?)(?:\)\s+=\s+(.*))?$/ or next;
		my ($base) = $args =~ /^(?:AT_FDCWD|\d+)<([^>]*)>/;
		my ($name) = $args =~ /^(?:(?:AT_FDCWD|\d+)<[^>]*>, )?"((?:[^"\\]|\\.)*)"/;
		$paths{$1} = 1 if defined $result && $result =~ /^\d+<([^>]*)>/;
		next if !defined $base && !defined $name;
		$paths{ !defined $name || $name eq '' ? $base
			: $name =~ m!^/! || !defined $base ? $name : "$base/$name" } = 1;
	}
	unlink $file;
	return ($code, keys %paths);
}

sub is_in
{
	my ($path, $root) = @_;
	return index("$path/", "$root/") == 0 && "$path/" !~ m!/\.\./!;
}

# Those of PATHS that are neither in ROOT nor the program's own.
sub outside
{
	my ($root, @paths) = @_;
	return join ' ', sort grep { !is_in($_, $root) && $_ !~ $own } @paths;
}

# What is asked for inside ROOT, without the folders above it; as paths in it.
sub asked
{
	my ($root, @paths) = @_;
	my %in = map { substr($_, length $root) =~ s!/(\.?/)+!/!gr =~ s!/\.?$!!r => 1 }
		grep { is_in($_, $root) } @paths;
	my %above = map { my $path = $_; map { $_ => 1 } above($path) } keys %in;

	return grep { $_ ne '' && !$above{$_} } sort keys %in;
}

sub above
{
	my ($path) = @_;
	my @all;

	push @all, $path while $path =~ s!/[^/]+$!! && $path ne '';
	return @all;
}

# A link of KIND at every one of PATHS, but below one that is there already. How many.
sub plant
{
	my ($root, $kind, @paths) = @_;
	my $made = 0;

	for my $path (@paths) {
		my $at = "$root$path";

		next if grep { -l "$root$_" } above($path);
		-l $at ? unlink $at : drop($at);
		make_path(dirname($at));
		symlink $links{$kind}->($path), $at or die "$at: $!";
		$made++;
	}
	return $made;
}

sub judge
{
	my ($name, $root, @facts) = @_;
	my ($code, @paths) = reached('--root', $root, @facts, 'check');

	cmp_ok($code, '<=', 1, "$name: an answer");
	is(outside($root, grep { $_ ne ($facts[1] // '') } @paths), '',
		"$name: nothing outside is reached");
	unlike(run_up('--root', $root, @facts, qw(check --format json))->{out}, qr/the bait/,
		"$name: nothing of it is told");
	return @paths;
}

# A copy of a tree, with what no tree has and is asked for.
sub copy
{
	my ($tree, $root) = @_;

	drop($root);
	system('cp', '-a', "tests/roots/$tree", $root) == 0 or BAIL_OUT("$tree: no copy");
	make_path("$root/etc/systemd/system.conf.d");
	put("$root/etc/systemd/system.conf", "[Manager]\n");
	put("$root/etc/systemd/system.conf.d/10-host.conf", "[Manager]\n");
	unlink "$root/lib64";
	make_path("$root/lib64");
	put("$root/lib64/$_", "text\n") for qw(libc.so.6 liburing.so.1);
}

# The layouts there are: EFI, BLS, Debian's.
for my $tree (qw(el7-efi el9 debian12)) {
	my $recorded = abs_path("tests/roots/$tree.facts.json");
	my @facts = $recorded && -e $recorded ? ('--facts', $recorded) : ();
	my $box = fresh('tests/lint/allowed');
	my $root = "$box/root";

	unlink glob "$box/*";
	put("$box/outside", "PRETTY_NAME=\"the bait\"\n");
	copy($tree, $root);
	my @paths = asked($root, judge($tree, $root, @facts));
	# Some of them, for a run that asks for little would prove little.
	for my $path (qw(/etc/os-release /etc/default/grub /etc/sysctl.conf /lib64/libc.so.6
		/etc/systemd/system.conf /etc/systemd/system.conf.d/10-host.conf)) {
		ok(scalar(grep { $_ eq $path } @paths), "$tree: $path is asked for");
	}
	ok(scalar(grep { m!^/boot/init! } @paths), "$tree: the initramfs is asked for");
	for my $kind (sort keys %links) {
		copy($tree, $root);
		cmp_ok(plant($root, $kind, @paths), '>', 25, "$tree, $kind: links");
		judge("$tree, $kind", $root, @facts);
		copy($tree, $root);
		plant($root, $kind, qw(/boot /etc/sysctl.d /etc/systemd /lib64 /lib /usr /var));
		judge("$tree, $kind, folders", $root, @facts);
	}
	drop($box);
}
done_testing;

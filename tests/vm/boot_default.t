#!/usr/bin/perl
# What `boot default` chose is what the real GRUB boots: on the EL7-shaped grub.cfg (which
# asks for saved_entry) and on the Debian-shaped one (which does not, so that custom.cfg
# decides). The trees are the fixtures themselves, with real kernels under their names.
use strict;
use warnings;
use lib 'tests/lib', 'tests/vm';
use File::Copy qw(copy);
use File::Temp qw(tempdir);
use Machine;
use Scratch;
use Test::More;

my $dir = tempdir('uringprep-vm.XXXXXX', TMPDIR => 1, CLEANUP => 1);
my ($old, $new) = kernels();
my $initramfs = initramfs($dir);

# Which part of the tree is the partition, and where GRUB looks in it.
my @shapes = (
	{ root => 'el7', part => '/boot', prefix => '/grub2', grub => '/boot/grub2',
		uuid => qr/--set=root (\S+)$/m },
	{ root => 'debian12', part => '', prefix => '/boot/grub', grub => '/boot/grub',
		uuid => qr/--set=root (\S+)$/m },
);

# The kernels of a tree, each replaced by one of the two real ones.
sub dress
{
	my ($root) = @_;
	my $n = 0;

	for my $kernel (sort glob "$root/boot/vmlinuz-*") {
		copy($n++ % 2 ? $new->[0] : $old->[0], $kernel) or die "$kernel: $!";
	}
	for my $image (glob("$root/boot/initramfs-*.img"), glob("$root/boot/initrd.img-*")) {
		copy($initramfs, $image) or die "$image: $!";
	}
}

# Boots a copy: [name of the kernel's file, command line].
sub boots
{
	my ($root, $shape, $uuid) = @_;
	my $top = "$dir/top";

	drop($top);
	system('cp', '-a', "$root$shape->{part}", $top) == 0 or die;
	# Nobody is there to look at the menu.
	system('sed', '-i', 's/timeout=5/timeout=0/', "$top$shape->{prefix}/grub.cfg");
	my $said = boot(disk($dir, $top, $shape->{prefix}, $uuid));
	my ($line) = $said =~ /^booted-cmdline (.*?)\r?$/m;
	diag($said) unless $line;
	my ($file) = ($line // '') =~ /BOOT_IMAGE=\S*?vmlinuz-(\S+)/;
	return ($file // 'none', $line // '');
}

for my $shape (@shapes) {
	my $root = fresh("tests/roots/$shape->{root}");
	my ($uuid) = slurp("$root$shape->{grub}/grub.cfg") =~ $shape->{uuid};
	dress($root);
	my $list = sub { report_of(run_up('--root', $root, qw(boot list --format json))) };
	my ($was) = grep { $_->{default} } @{ $list->()->{entries} };
	my ($file, $line) = boots($root, $shape, $uuid);
	is($file, $was->{release}, "$shape->{root}: boots what boot list calls the default");

	# Another kernel than the default's, and not a rescue one.
	my ($want) = grep { $_->{release} && $_->{release} ne $was->{release}
		&& $_->{release} !~ /rescue/ } @{ $list->()->{entries} };
	my $r = run_up('--root', $root, qw(boot default), $want->{index});
	is($r->{code}, 0, "$shape->{root}: boot default $want->{index}") or diag($r->{err});
	my ($now) = grep { $_->{default} } @{ $list->()->{entries} };
	is($now->{index}, $want->{index}, "$shape->{root}: boot list agrees");
	($file, $line) = boots($root, $shape, $uuid);
	is($file, $want->{release}, "$shape->{root}: GRUB boots what was chosen");
	my $args = $want->{args};
	like($line, qr/\Q$args\E/, "$shape->{root}: with the arguments that boot list shows");

	is(run_up('--root', $root, 'revert')->{code}, 0, "$shape->{root}: revert");
	($file) = boots($root, $shape, $uuid);
	is($file, $was->{release}, "$shape->{root}: GRUB boots the old default again");
	drop($root);
}
done_testing;

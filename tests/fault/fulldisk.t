#!/usr/bin/perl
# A disk with k free pages, for every k from none until the command succeeds: each failure
# is exit 3, one line, and an unchanged tree.
use strict;
use warnings;
use lib 'tests/lib';
use Scratch;
use Test::More;

plan skip_all => 'not root: no tmpfs can be mounted' if $> != 0;
# A mount namespace of our own: what is mounted here is seen by nobody and goes with us.
if (!$ENV{FULLDISK_INSIDE}) {
	plan skip_all => 'unshare -m is refused here' if system('unshare -m true 2>/dev/null');
	$ENV{FULLDISK_INSIDE} = 1;
	File::Temp::cleanup(); # exec leaves nobody to do it
	exec 'unshare', '-m', $^X, $0;
}

my $page = `getconf PAGESIZE` + 0;
my $tree = 'tests/roots/el7';
BAIL_OUT("$tree: missing") unless -d $tree;
my $disk = fresh('tests/fault');
drop($disk);
mkdir $disk or die;

sub run
{
	system(@_) == 0 or BAIL_OUT("@_ failed");
}

# A tmpfs at $disk with a copy of FROM and K free pages.
sub mount_full
{
	my ($from, $k) = @_;
	run('mount', '-t', 'tmpfs', '-o', 'size=64m', 'none', $disk);
	run('cp', '-a', "$from/.", $disk);
	my ($used) = `df -B$page --output=used $disk` =~ /(\d+)\s*$/;
	run('mount', '-o', 'remount,size=' . ($used + $k) * $page, $disk);
}

# The same with K free inodes and room enough.
sub mount_scarce
{
	my ($from, $k) = @_;
	run('mount', '-t', 'tmpfs', '-o', 'size=64m,nr_inodes=10000', 'none', $disk);
	run('cp', '-a', "$from/.", $disk);
	my ($used) = `df --output=iused $disk` =~ /(\d+)\s*$/;
	run('mount', '-o', 'remount,nr_inodes=' . ($used + $k), $disk);
}

# Runs CALL on fuller and fuller disks.
sub every_size
{
	my ($name, $from, $mount, $of, @call) = @_;
	my $old = snapshot($from);
	my ($k, $bad, %ends) = (0, 0);

	for ($k = 0; $k < 1000; $k++) {
		$mount->($from, $k);
		my $r = run_up('--root', $disk, @call);
		$ends{"exit $r->{code}"}++;
		my $changed = differences(snapshot($disk), $old);
		my $status = run_up('--root', $disk, 'status');
		if ($r->{code} && ($r->{code} != 3 || $changed || ($r->{err} =~ tr/\n//) != 1
				|| $r->{err} !~ /No space left|full/ || $status->{code} > 1)
				&& $bad++ < 5) {
			diag("$name, $k $of: exit $r->{code}, changed: $changed, $r->{err}"
				. "status: exit $status->{code} $status->{err}");
		}
		run('umount', $disk);
		last if !$r->{code};
	}
	ok(!$bad && $k > 0 && $k < 1000, "$name: full at 0 to $k free $of: "
		. join(', ', map { "$ends{$_} $_" } sort keys %ends));
}

my $applied = fresh($tree);
for ([\&mount_full, 'pages'], [\&mount_scarce, 'inodes']) {
	every_size('apply', $tree, @$_, qw(apply server --yes));
	every_size('boot default', $tree, @$_, qw(boot default 0));
	every_size('boot default by custom.cfg', 'tests/roots/debian12', @$_,
		qw(boot default 3));
}
is(run_up('--root', $applied, qw(apply server --yes))->{code}, 0, 'apply, with room');
# A revert may need room too (a file that comes back); it may also need none.
my $reverted = 0;
for my $mount (\&mount_full, \&mount_scarce) {
	$mount->($applied, 0);
	my $r = run_up('--root', $disk, 'revert');
	my $left = differences(snapshot($disk), snapshot($applied));
	ok(($r->{code} == 0) || ($r->{code} == 3 && $left eq ''),
		"revert on a full disk: exit $r->{code}") or diag($r->{err});
	run('umount', $disk);
}
# One that does: apply over another, whose file comes back.
my $over = fresh($applied);
is(run_up('--root', $over, qw(apply article --yes))->{code}, 0, 'apply over it');
my $old = snapshot($applied);
for my $mount (\&mount_full, \&mount_scarce) {
	my ($k, %ends) = (0);
	for ($k = 0; $k < 20; $k++) {
		$mount->($over, $k);
		my $r = run_up('--root', $disk, 'revert');
		my $said = "revert, $k free: exit $r->{code}";
		$ends{"exit $r->{code}"}++;
		like($r->{err}, qr/full|No space.*|^$/, $said);
		like("$r->{code}", qr/^[034]$/, $said);
		# With room again, whatever was said, the same command mends it.
		run('mount', '-o', 'remount,size=64m,nr_inodes=10000', $disk);
		is(run_up('--root', $disk, 'revert')->{code}, 0, "$k: mended") if $r->{code};
		is(differences(snapshot($disk), $old), '', "$k: back");
		run('umount', $disk);
		last if !$r->{code};
	}
	ok($k < 20, "revert of one over another, at 0 to $k free: "
		. join(', ', map { "$ends{$_} $_" } sort keys %ends));
}
done_testing;

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

# Runs CALL on fuller and fuller disks.
sub every_size
{
	my ($name, $from, @call) = @_;
	my $old = snapshot($from);
	my ($k, $bad, %ends) = (0, 0);

	for ($k = 0; $k < 1000; $k++) {
		mount_full($from, $k);
		my $r = run_up('--root', $disk, @call);
		$ends{"exit $r->{code}"}++;
		my $changed = differences(snapshot($disk), $old);
		my $status = run_up('--root', $disk, 'status');
		if ($r->{code} && ($r->{code} != 3 || $changed || ($r->{err} =~ tr/\n//) != 1
				|| $r->{err} !~ /No space left|full/ || $status->{code} > 1)
				&& $bad++ < 5) {
			diag("$name, $k pages: exit $r->{code}, changed: $changed, $r->{err}"
				. "status: exit $status->{code} $status->{err}");
		}
		run('umount', $disk);
		last if !$r->{code};
	}
	ok(!$bad && $k > 0 && $k < 1000, "$name: full at 0 to $k free pages: "
		. join(', ', map { "$ends{$_} $_" } sort keys %ends));
}

my $applied = fresh($tree);
every_size('apply', $tree, qw(apply server --yes));
every_size('boot default', $tree, qw(boot default 0));
every_size('boot default by custom.cfg', 'tests/roots/debian12', qw(boot default 3));
is(run_up('--root', $applied, qw(apply server --yes))->{code}, 0, 'apply, with room');
# A revert may need room too (a file that comes back); it may also need none.
my $reverted = 0;
mount_full($applied, 0);
my $r = run_up('--root', $disk, 'revert');
my $left = differences(snapshot($disk), snapshot($applied));
ok(($r->{code} == 0) || ($r->{code} == 3 && $left eq ''),
	"revert on a full disk: exit $r->{code}") or diag($r->{err});
run('umount', $disk);
done_testing;

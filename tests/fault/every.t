#!/usr/bin/perl
# Each system call of apply and of revert in a tree, from the first to the last, failed or
# killed before in turn: what is left is old, new, or repaired by the revert that the
# program names, and the journal says which.
use strict;
use warnings;
use lib 'tests/lib';
# Where syncing costs nothing: the order of calls is tried here, not the disk.
BEGIN { $ENV{TMPDIR} //= '/dev/shm' if -w '/dev/shm' }
use Scratch;
use Test::More;

# All ways take minutes: tests/vm/every.t.
my @ways = split ' ', $ENV{EVERY_WAYS} // 'KILL EIO short';
my @scenes = (
	['apply', [], [qw(apply server --yes)]],
	['apply over another', [[qw(apply article --yes)]], [qw(apply server --yes)]],
	['revert', [[qw(apply server --yes)]], ['revert']],
);

for my $scene (@scenes) {
	my ($name, $before, $call) = @$scene;
	my $base = fresh('tests/roots/el7');
	my $dir = fresh($base);

	for my $first (@$before) {
		my $r = run_up('--root', $base, @$first);
		is($r->{code}, 0, "$name: before: @$first") or diag(said($r));
	}
	fails_at($name, { args => ['--root', $dir], dir => $dir, look => sub { snapshot($dir) },
		stamp => sub { stamp($dir) },
		fresh => sub {
			drop($dir);
			system('cp', '-a', $base, $dir) == 0 or die "cp failed";
		} }, \@ways, @$call);
	drop($base, $dir);
}
done_testing;

#!/usr/bin/perl
# Two runs at once: the second is refused, names the first, and the first is not disturbed.
use strict;
use warnings;
use lib 'tests/lib';
use Scratch;
use POSIX ':sys_wait_h';
use Test::More;

my $tree = 'tests/roots/el7';
BAIL_OUT("$tree: missing") unless -d $tree;
my $root = fresh($tree);
my $old = snapshot($root);
my @call = ('--root', $root, qw(apply server --yes));

# The first change outside our own folder: there a run is stopped, with the lock held and
# its journal written.
my $clean = fresh($tree);
my $log = shimmed($clean, 0, 'STOP', '--root', $clean, qw(apply server --yes))->{log};
my $new = snapshot($clean);
my ($n) = $log =~ m{^(\d+) \S+ \Q$clean\E/(?!var\b)}m;
ok($n, "a clean run makes changes; that of the tree itself begins at $n");

my $first = fork // die;
if (!$first) {
	my $r = shimmed($root, $n, 'STOP', @call);
	POSIX::_exit($r->{code} || $r->{signal});
}
# The child's own child, which stops itself.
my $stopped;
for (1 .. 200) {
	for my $stat (glob '/proc/[0-9]*/stat') {
		open my $in, '<', $stat or next;
		my ($pid, $state, $parent) = (<$in> // '') =~ /^(\d+) \(.*\) (\S) (\d+)/ or next;
		$stopped = $pid if $parent == $first && $state eq 'T';
	}
	last if $stopped;
	select undef, undef, undef, 0.05;
}
ok($stopped, 'the first run is stopped half-way');
like(run_up('--root', $root, 'status')->{err}, qr/another run is at work on it/, 'status tells');
SKIP: {
	skip 'it did not stop', 5 unless $stopped;
	my $before = snapshot($root);
	for my $second ([qw(apply storage --yes)], ['revert']) {
		my $r = run_up('--root', $root, @$second);
		is($r->{code}, 1, "@$second: refused");
		like($r->{err}, qr/^[^\n]*\b$stopped\b[^\n]*\n$/, "@$second: names the first by pid");
	}
	is(run_up('--root', $root, 'apply', 'storage', '--dry-run')->{code}, 0,
		'a dry run takes no lock');
	is(differences(snapshot($root), $before), '', 'nothing is changed by them');
	kill 'CONT', $stopped;
}
waitpid $first, 0;
is($? >> 8, 0, 'the first ends well');
is(differences(snapshot($root), $new), '', 'and its result is that of a run alone');
done_testing;

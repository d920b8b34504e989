#!/usr/bin/perl
# Two runs at once: the second is refused, names the first, and the first is not disturbed.
use strict;
use warnings;
use lib 'tests/lib';
BEGIN { $ENV{TMPDIR} //= '/dev/shm' if -w '/dev/shm' } # nothing waits for a disk
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
drop($root, $clean);

# Pairs at random moments: one of them may win, both may, one may be refused; the tree and
# the journal are always those of some order of the two.
my $pairs = $ENV{TWICE_PAIRS} // 100;
my $seed = $ENV{SEED} // time;
srand $seed;
diag("SEED=$seed");

sub start
{
	my ($out, @args) = @_;
	my $pid = fork // die;

	return $pid if $pid;
	open STDOUT, '>', '/dev/null';
	open STDERR, '>', $out;
	exec $up, @args;
}

# What a call leaves in a tree: the look and the states of one run after another.
my $fresh = fresh($tree);
my $applied = fresh($tree);
run_up('--root', $applied, qw(apply article --yes));
my %from = (plain => $fresh, applied => $applied);
my @kinds = (
	['plain', [qw(apply server --yes)], [qw(apply server --yes)]],
	['plain', [qw(apply server --yes)], [qw(apply article --yes)]],
	['applied', [qw(apply server --yes)], ['revert']],
	['applied', ['revert'], ['revert']],
);
for my $kind (@kinds) {
	my ($from, @calls) = @$kind;
	my ($bad, %ends, %lawful) = (0);

	# All orders, the second possibly refused.
	for my $order ([0], [1], [0, 1], [1, 0]) {
		my $dir = fresh($from{$from});
		run_up('--root', $dir, @{ $calls[$_] }) for @$order;
		$lawful{ states($dir) . looks($dir) } = 1;
		drop($dir);
	}
	for (1 .. $pairs) {
		my $dir = fresh($from{$from});
		my @code;
		my @pid = (start("$dir.0", '--root', $dir, @{ $calls[0] }));
		select undef, undef, undef, rand 0.015;
		push @pid, start("$dir.1", '--root', $dir, @{ $calls[1] });
		for my $i (0, 1) {
			waitpid $pid[$i], 0;
			$code[$i] = $?;
		}
		my @err = map { slurp("$dir.$_") } 0, 1;
		my $wrong = '';
		for my $i (0, 1) {
			my $other = $pid[1 - $i];
			next if !$code[$i];
			$wrong = "exit $code[$i]: $err[$i]" if $code[$i] != 256 || $err[$i] !~
				/^[^\n]*(at work|run the command again|revert \d+ first)[^\n]*\n$/;
			$wrong = "names not $other: $err[$i]"
				if $err[$i] =~ /\(pid (\d+), started \d{4}-\d\d-\d\dT[0-9:]+Z\)/ && $1 != $other;
		}
		$wrong ||= 'both refused' if $code[0] && $code[1];
		$wrong ||= 'no order gives ' . states($dir)
			unless $lawful{ states($dir) . looks($dir) };
		my $status = run_up('--root', $dir, 'status');
		$wrong ||= said($status) if $status->{code};
		$ends{ join ' and ', sort map { $_ ? 'refused' : 'done' } @code }++;
		diag("@{ $calls[0] } || @{ $calls[1] }: $wrong") if $wrong && $bad++ < 5;
		drop($dir);
		unlink "$dir.0", "$dir.1";
	}
	ok(!$bad, "@{ $calls[0] } || @{ $calls[1] }: $pairs pairs: "
		. join(', ', map { "$ends{$_} $_" } sort keys %ends));
}
done_testing;

# The tree as one word.
sub looks
{
	my $look = snapshot($_[0]);
	return join ';', map { "$_=$look->{$_}" } sort keys %$look;
}

#!/usr/bin/perl
# Every command that changes files, stopped or failed at its nth change of a file, for
# every n: what is left is old, new, or known to be half done and repaired by the revert
# that the program itself names.
use strict;
use warnings;
use lib 'tests/lib';
BEGIN { $ENV{TMPDIR} //= '/dev/shm' if -w '/dev/shm' } # nothing waits for a disk
use Scratch;
use Test::More;

# What is done at the nth change; "DO+" lets every call from the nth on fail, as
# on a disk that stays full.
my @ways = qw(KILL HUP INT TERM EIO EIO+ ENOSPC+ EROFS+ short);
my @scenes = (
	{ name => 'apply', call => [qw(apply server --yes)] },
	{ name => 'apply over another', before => [[qw(apply article --yes)]],
		call => [qw(apply server --yes)] },
	{ name => 'revert', before => [[qw(apply server --yes)]], call => [qw(revert)] },
	{ name => 'boot default', call => [qw(boot default 0)] },
	{ name => 'revert of boot default', before => [[qw(boot default 0)]],
		call => [qw(revert)] },
	{ name => 'boot default by custom.cfg', tree => 'debian12',
		call => [qw(boot default 3)] },
	{ name => 'revert of custom.cfg', tree => 'debian12',
		before => [[qw(boot default 3)]], call => [qw(revert)] },
	{ name => 'boot default on EFI', tree => 'el7-efi', call => [qw(boot default 0)] },
);

for my $scene (@scenes) {
	my $base = fresh('tests/roots/' . ($scene->{tree} // 'el7'));
	for my $call (@{ $scene->{before} // [] }) {
		my $r = run_up('--root', $base, @$call);
		is($r->{code}, 0, "$scene->{name}: before: @$call") or diag(said($r));
	}
	my $old = { look => snapshot($base), states => states($base) };
	my $clean = fresh($base);
	my $count = shimmed($clean, 0, 'KILL', '--root', $clean, @{ $scene->{call} });
	is($count->{code}, 0, "$scene->{name}: clean run") or diag(said($count));
	my $new = { look => snapshot($clean), states => states($clean) };
	isnt(differences($old->{look}, $new->{look}), '', "$scene->{name}: it changes the tree");
	my $n = $count->{calls} // 0;
	my $traced = fresh($base);
	my @seen = traced($traced, '--root', $traced, @{ $scene->{call} });
	is($n, scalar @seen, "$scene->{name}: $n changes, as many as strace sees")
		or diag($count->{log}, @seen);
	drop($clean, $traced);
	for my $way (@ways) {
		my ($bad, %ends) = (0);
		for my $at (1 .. $n) {
			my $root = fresh($base);
			my $r = shimmed($root, $at, $way, '--root', $root, @{ $scene->{call} });
			my $place = { args => ['--root', $root], dir => $root,
				look => sub { snapshot($root) } };
			my $wrong = settle($place, $r, $old, $new);
			$ends{ $r->{signal} ? 'killed' : "exit $r->{code}" }++;
			if ($wrong && $bad++ < 3) {
				my ($call) = $r->{log} =~ /^($at .*)$/m;
				diag("$scene->{name}, $way at $call: $wrong");
			}
			drop($root);
		}
		ok($n && !$bad, "$scene->{name}: $way at each of $n: "
			. join(', ', map { "$ends{$_} $_" } sort keys %ends));
	}
	drop($base);
}
done_testing;

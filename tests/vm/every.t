#!/usr/bin/perl
# tests/fault/every.t and every_live.t in the ways that make check has no time for, both at
# once. No virtual machine is in it: it is here for the minutes it takes.
use strict;
use warnings;
use Test::More;

$ENV{EVERY_WAYS} = 'ENOSPC EROFS EACCES EINTR TERM+';
my %runs = map {
	open my $pipe, '-|', "$^X tests/fault/$_.t 2>&1" or die "$_: $!";
	($_ => $pipe);
} 'every', 'every_live';
for my $part (sort keys %runs) {
	my $said = join '', readline $runs{$part};

	close $runs{$part};
	is($?, 0, "tests/fault/$part.t: exit 0");
	diag($said) if $?;
	$said =~ s/^/    /mg;
	print $said;
}
done_testing;

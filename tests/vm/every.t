#!/usr/bin/perl
# tests/fault/every.t and every_live.t in the ways that make check has no time for. No
# virtual machine is in it: it is here for the minutes it takes.
use strict;
use warnings;
use Test::More;

$ENV{EVERY_WAYS} = 'ENOSPC EROFS EACCES EINTR HUP INT TERM QUIT TERM+';
for my $part ('every', 'every_live') {
	my $said = `$^X tests/fault/$part.t 2>&1`;

	is($?, 0, "tests/fault/$part.t: exit 0");
	diag($said) if $?;
	$said =~ s/^/    /mg;
	print $said;
}
done_testing;

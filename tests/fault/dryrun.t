#!/usr/bin/perl
# What only reads, reads only: strace sees no call that changes a file, neither in a tree
# nor on this system.
use strict;
use warnings;
use lib 'tests/lib';
use Scratch;
use Test::More;

my @calls = (
	['check'], ['check', '--format', 'json'], ['status'], ['boot', 'list'],
	['apply', 'server', '--dry-run'], ['prepare', 'server', '--dry-run'],
);
my $root = fresh('tests/roots/el7');
my $before = snapshot($root, 1);

# That the sieve catches something.
cmp_ok(scalar traced($root, '--root', $root, qw(apply server --yes)), '>', 5,
	'an apply is seen');
drop($root);
for my $call (@calls, ['boot', 'default', '0', '--dry-run']) {
	$root = fresh('tests/roots/el7');
	$before = snapshot($root, 1);
	is(join('', traced('', '--root', $root, @$call)), '', "--root: @$call");
	is(differences($before, snapshot($root, 1)), '', "--root: @$call: unchanged");
	drop($root);
}
for my $call (@calls) {
	# Asking io_uring makes a ring and, on it, a pipe or a socket; /dev/null is no file.
	my @seen = grep { !m!<(anon_inode|pipe|socket):|"/dev/null"! } traced('', @$call);
	is(join('', @seen), '', "here: @$call");
}
done_testing;

#!/usr/bin/perl
# What `probe` says of the running kernel, beside two that ask it in their own way:
# liburing's probe, and tests/guest/ring_ops, which submits everything.
use strict;
use warnings;
use lib 'tests/lib';
use Cwd qw(abs_path);
use Scratch;
use Test::More;

my $build = abs_path($ENV{BUILD} // 'build');
my $report = report_of(run_up(qw(probe --format json))) or BAIL_OUT('probe: no report');
my $uring = $report->{uring};
my @by_liburing = `$build/tests/bin/liburing_probe`;

if ($?) {
	is($uring->{level}, 'none', 'liburing cannot make a ring, and neither can we');
	note('no ring can be made here: nothing else to compare');
	done_testing;
	exit;
}
isnt($uring->{level}, 'none', 'liburing can make a ring, and so can we');
chomp @by_liburing;
my @by_probe = map { $_->{number} } grep { $_->{supported} } @{ $uring->{opcodes} };
is("@by_probe", "@by_liburing", 'operations: as liburing finds them');

SKIP: {
	skip 'ring_ops is not built under sanitizers', 3 unless -x "$build/tests/guest/ring_ops";
	my $said = `$build/tests/guest/ring_ops`;
	is($?, 0, 'ring_ops') or diag($said);
	is("@by_probe", join(' ', $said =~ /^op (\d+) known$/mg), 'operations: as a ring takes them');
	my %works = map { $_->{name} => $_->{supported} ? 'works' : 'no' } @{ $uring->{op_flags} };
	my @used = $said =~ /^flag (\S+ \w+)/mg;
	is(join(' ', map { s/ .*//r . " $works{ s/ .*//r }" } @used), "@used",
		'flags of operations: as they work');
}
done_testing;

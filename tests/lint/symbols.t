#!/usr/bin/perl
# Every function the objects ask for exists on EL7: the lists are in tests/lint/allowed.
use strict;
use warnings;
use lib 'tests/lint';
use Objects;
use Test::More;

my %allowed;
for my $list (glob 'tests/lint/allowed/*.txt') {
	open my $in, '<', $list or BAIL_OUT("$list: $!");
	while (<$in>) {
		next if /^#/;
		$allowed{$_} = 1 for split;
	}
}
cmp_ok(scalar keys %allowed, '>', 2000, 'the lists were read');

# What the compiler and the linker bring along; main is cmd/main.c's.
$allowed{$_} = 1 for qw(_GLOBAL_OFFSET_TABLE_ __tls_get_addr __dso_handle);

my $wanted = Objects::undefined("$Objects::build/liburingprep.a",
	glob "$Objects::build/cmd/*.o");
my @bad;
for my $symbol (sort keys %$wanted) {
	# Fortified variants are as old as what they stand for, and optional.
	my ($base) = $symbol =~ /^__(\w+)_chk$/;
	next if $allowed{$symbol} || ($base && $allowed{$base});
	push @bad, "$symbol: " . join(' ', @{ $wanted->{$symbol} });
}
my $n = keys %$wanted;
cmp_ok($n, '>', 20, "$n functions are asked for");
is(join("\n", @bad), '', 'all of them are in the lists of EL7');
done_testing;

#!/usr/bin/perl
# lib/ never prints, ends the process or runs a shell: its archive asks for none of the
# functions that could.
use strict;
use warnings;
use lib 'tests/lint';
use Objects;
use Test::More;

my @forbidden = qw(stdout stderr stdin printf vprintf puts putchar putchar_unlocked perror
	err errx verr verrx warn warnx vwarn vwarnx error psignal exit quick_exit abort
	__assert_fail system popen posix_spawnp execlp execvp execvpe wordexp
	__printf_chk __vprintf_chk);
my $wanted = Objects::undefined("$Objects::build/liburingprep.a");

cmp_ok(scalar keys %$wanted, '>', 10, 'the archive was read');
for my $symbol (@forbidden) {
	my $by = $wanted->{$symbol};
	ok(!$by, "lib/ does not use $symbol") or diag("@$by");
}
done_testing;

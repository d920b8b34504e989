#!/usr/bin/perl
# tests/errors.tsv: each wrong call gives its exit code, one line on stderr that names the
# thing, nothing on stdout (with a --format for machines: the error in that format), and
# changes nothing. (A call that was right but failed may leave our own folder, for its lock.)
use strict;
use warnings;
use lib 'tests/lib';
use Scratch;
use Test::More;

my @rows = rows('tests/errors.tsv', 5);
cmp_ok(scalar @rows, '>=', 40, scalar(@rows) . ' wrong calls');
# How a format says that the run failed.
my %said = (
	tap => qr/\ATAP version 13\nBail out!  \S.*\n\z/,
	junit => qr/<testsuite [^>]*errors="1".*<error type="failed" message="[^"]+"/s,
	github => qr/\A::error title=uringprep failed::\S.*\n\z/,
	nagios => qr/\AURINGPREP UNKNOWN - \S.*\n\z/,
);
my $empty = fresh('tests/lint/allowed');
unlink glob "$empty/*";
for my $row (@rows) {
	my ($tree, $setup, $args, $code, $pattern) = @$row;
	my $root = fresh($tree eq '-' ? $empty : "tests/roots/$tree");
	my @args;

	@ENV{"R", "UP"} = ($root, $up);
	if ($setup ne '-') {
		system('sh', '-ec', "cd \"\$R\"; $setup") == 0 or BAIL_OUT("$setup: failed");
	}
	# The shell's words, $R among them.
	@args = split /\0/, `set -f; printf '%s\\0' $args` if $args ne '-';
	unshift @args, '--root', $root if $tree ne '-';
	my $before = snapshot($root, $code == 2);
	my $r = run_up(@args);
	my @wrong;
	push @wrong, "exit $r->{code}, signal $r->{signal}" if $r->{code} != $code || $r->{signal};
	push @wrong, 'not one line on stderr' if ($r->{err} =~ tr/\n//) != 1;
	push @wrong, "stderr is not like /$pattern/" unless $r->{err} =~ /$pattern/;
	if (grep { /^(--format=)?json$/ } @args) {
		my $report = report_of($r);
		push @wrong, 'no JSON error' unless ref $report && $report->{error}
			&& $report->{error}{message} && ($report->{error}{code} // '') eq $code
			&& $report->{schema};
	} elsif (my ($how) = grep { $said{$_} } map { s/^--format=//r } @args) {
		push @wrong, "no error in $how: $r->{out}" unless $r->{out} =~ $said{$how};
	} else {
		push @wrong, "stdout: $r->{out}" if $r->{out} ne '';
	}
	my $changed = differences($before, snapshot($root, $code == 2));
	push @wrong, "changed: $changed" if $changed;
	is(join('; ', @wrong), '', ($tree eq '-' ? '' : "$tree: ") . $args) or diag($r->{err});
	drop($root);
}
done_testing;

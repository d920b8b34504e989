#!/usr/bin/perl
# `probe` on real kernels, each series of releases.tsv: what it says is what that table says
# and what a ring really does there (tests/guest/ring_ops, which shares no code with it).
use strict;
use warnings;
use lib 'tests/lib', 'tests/vm';
use JSON::PP;
use Kernel;
use Scratch;
use Test::More;

my (%table, @series);
for (rows('tests/vm/releases.tsv', 3)) {
	my ($series, $kind, $there) = @$_;
	push @series, $series unless $table{$series};
	$table{$series}{$kind} = $there;
}

# The rows of a kind in the report: those that are there, all, and those not known.
sub supported
{
	my ($uring, $kind) = @_;
	my $id = $kind eq 'op_flags' ? 'name' : 'number';
	my @rows = @{ $uring->{$kind} };

	return (join(' ', map { $_->{$id} } grep { $_->{supported} } @rows),
		[map { $_->{$id} } @rows],
		join(' ', map { $_->{$id} } grep { !defined $_->{supported} } @rows));
}

# What the table says, written like that; ALL is what the program knows.
sub expected
{
	my ($there, $all) = @_;

	if ($there =~ /^all(?: but (.*))?$/) {
		my %but = map { $_ => 1 } split / /, $1 // '';
		return join ' ', grep { !$but{$_} } @$all;
	}
	my %there = map { /^(\d+)-(\d+)$/ ? map { $_ => 1 } $1 .. $2 : ($_ => 1) }
		split / /, $there;
	return join ' ', grep { $there{$_} } @$all;
}

sub against_table
{
	my ($uring, $want) = @_;

	is($uring->{level}, $want->{level}, 'level');
	for my $kind (grep { $_ ne 'level' } sort keys %$want) {
		my ($have, $all, $unknown) = supported($uring, $kind);

		is($have, expected($want->{$kind}, $all), "$kind: as in the table");
		is($unknown, '', "$kind: nothing is unknown");
	}
}

sub against_ring
{
	my ($uring, $said) = @_;
	my %kinds = (op => 'opcodes', setup => 'setup_flags', sqe => 'sqe_flags');

	for my $word (sort keys %kinds) {
		my ($have) = supported($uring, $kinds{$word});

		is($have, join(' ', $said =~ /^$word (\d+) known$/mg),
			"$kinds{$word}: as a ring takes them");
	}
	my %probed = map { $_->{name} => $_->{supported} ? 'works' : 'no' }
		@{ $uring->{op_flags} };
	my @used = $said =~ /^flag (\S+ \w+)/mg;
	cmp_ok(scalar @used, '>', 10, 'flags were really used');
	is(join("\n", map { s/ .*//r . " $probed{ s/ .*//r }" } @used), join("\n", @used),
		'op_flags: as they work');
}

for my $series (@series) {
	my $guest = run($series, <<'END');
say probe uringprep probe --format json
nobody probe_nobody uringprep probe --format json
say log dmesg
say ops ring_ops
say check uringprep check --only uring.available
END
	subtest $series => sub {
		plan skip_all => "$series: $guest->{missing}" if $guest->{missing};
		note($guest->{release});
		is($guest->{code}{probe}, 0, 'probe') or diag($guest->{out}{probe});
		my $uring = eval { decode_json($guest->{out}{probe})->{uring} };
		ok($uring, 'its report') or return diag("$guest->{out}{probe}\n$guest->{log}");
		my $other = eval { decode_json($guest->{out}{probe_nobody})->{uring} } // {};
		is_deeply([@$other{keys %{ $table{$series} }}], [@$uring{keys %{ $table{$series} }}],
			'a user without rights is told the same');
		is($guest->{code}{ops}, 0, 'ring_ops') or diag($guest->{out}{ops});
		against_table($uring, $table{$series});
		against_ring($uring, $guest->{out}{ops});
		is($guest->{code}{check}, 0, 'check: available');
		unlike($guest->{out}{log}, qr/uringprep/, 'no line in the kernel log');
	};
}
done_testing;

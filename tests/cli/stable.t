#!/usr/bin/perl
# Two runs of check with traffic in between are equal but for `evidence`, where alone live
# counters may stand.
use strict;
use warnings;
use lib 'tests/lib';
use IO::Socket::INET;
use JSON::PP;
use Scratch;
use Test::More;

my $json = JSON::PP->new->utf8->canonical->indent;

# More connections than a backlog of one holds, none accepted: ListenOverflows grows.
sub overflow
{
	my $server = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1') or return;
	my @clients = map { IO::Socket::INET->new(PeerAddr => '127.0.0.1',
		PeerPort => $server->sockport, Blocking => 0) } 1 .. 8;

	select undef, undef, undef, 0.05;
	return scalar @clients;
}

# A context of libaio's calls, kept until we end: fs.aio-nr grows.
sub aio
{
	my $context = pack 'Q', 0;
	return syscall(206, 64, $context) == 0;
}

# The report and, apart from it, the evidence: { check => text }.
sub judge
{
	my %evidence;
	my $report = report_of(run_up(qw(check --format json))) or BAIL_OUT('no report');

	for my $finding (@{ $report->{findings} }) {
		$evidence{$finding->{id}} = delete $finding->{evidence} // '';
	}
	return ($json->encode($report), \%evidence);
}

# Once before, too: a check may warn from the first overflow on.
ok(overflow(), 'a listening socket and too many clients');
my ($before, $then) = judge();
overflow();
my $aio = `uname -m` =~ /^x86_64/ && aio();
my ($after, $now) = judge();

is($after, $before, 'equal but for evidence');
isnt($now->{'sysctl.somaxconn'}, $then->{'sysctl.somaxconn'}, 'ListenOverflows has grown');
SKIP: {
	skip 'no io_setup here (another machine, or denied)', 1 unless $aio;
	skip 'a container: that limit is judged on its host alone', 1
		if $then->{'sysctl.aio_max_nr'} eq '';
	isnt($now->{'sysctl.aio_max_nr'}, $then->{'sysctl.aio_max_nr'}, 'aio-nr has grown');
}
my @others = grep { $now->{$_} ne $then->{$_} && !/^sysctl\.(somaxconn|aio_max_nr|swappiness)$/ }
	sort keys %$now;
is("@others", '', 'no other evidence has changed');
done_testing;

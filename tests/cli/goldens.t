#!/usr/bin/perl
# Every command that only reads, on every tree of tests/roots, in every format it has, against
# tests/expected. `goldens.t write` (make expected) writes that anew.
#
# A golden is a transcript: the call, its output, its message, its exit code. JSON is
# written in one form (keys sorted), for json-c's own differs between versions.
use strict;
use warnings;
use lib 'tests/lib';
use File::Path qw(make_path);
use JSON::PP;
use Scratch;
use Test::More;

my $writing = ($ARGV[0] // '') eq 'write';
my @roots = map { s!.*/!!r } grep { -d } sort glob 'tests/roots/*';
my @profiles = map { m!([^/]+)\.conf$! } sort glob 'profiles/*.conf';
my @calls = (
	['check'], ['is-ready'], ['probe'], ['status'], ['boot', 'list'],
	(map { ['explain', $_] } qw(vm.swappiness net.core.somaxconn)),
	(map { ['apply', $_, '--dry-run'] } @profiles),
	(map { ['prepare', $_, '--dry-run'] } grep { $_ eq 'server' } @profiles),
	['profile', 'list'], ['profile', 'show', 'server', 'storage'],
	['profile', 'show', 'lockdown', '--text'], ['profile', 'diff', 'server', 'storage'],
	['profile', 'check', @profiles],
	['boot', 'default', '0', '--dry-run'],
	['boot', 'fallback', '0', '--dry-run'],
	['profile', 'import', 'tuned', 'web'],
	['profile', 'import', 'tuned', 'web', '--text'],
);
# The formats of a command, by its first word; others have text and JSON.
my %formats = (
	'check' => [qw(text json tap junit github nagios)],
	'status' => [qw(text json tap junit github nagios)],
	'is-ready' => ['text'],
);
my $json = JSON::PP->new->utf8->canonical->indent->space_after;

# The output as it is kept: one's own version left out.
sub kept
{
	my ($r, $format) = @_;
	my $out = $r->{out};

	if ($format eq 'json' && $out ne '') {
		my $parsed = eval { $json->decode($out) } or return "no JSON: $out";
		$parsed->{tool} = 'VERSION' if exists $parsed->{tool};
		$out = $json->encode($parsed);
	}
	return "\$ $r->{call}\n$out$r->{err}" . "[exit $r->{code}]\n";
}

BAIL_OUT('tests/roots: no trees') unless @roots;
BAIL_OUT('profiles: none') unless @profiles;
my $done = 0;
my %known;
for my $root (@roots) {
	my $path = "tests/roots/$root";
	my $facts = "$path.facts.json";
	my $before = snapshot($path, 1);

	for my $call (@calls) {
		for my $format (@{ $formats{$call->[0]} // ['text', 'json'] }) {
			my @args = ('--root', $path);
			push @args, '--facts', $facts if -e $facts;
			push @args, @$call;
			push @args, '--format', $format if $format ne 'text';
			my $name = join('_', @$call) =~ s/--//gr . '.' . ($format eq 'text' ? 'txt' : $format);
			my $file = "tests/expected/$root/$name";
			my $got = kept(run_up(@args), $format);

			$known{$file} = 1;
			if ($writing) {
				make_path("tests/expected/$root");
				open my $out, '>', $file or die "$file: $!";
				print $out $got;
				close $out or die "$file: $!";
				$done++;
			} else {
				is($got, -e $file ? slurp($file) : '', $file);
			}
		}
	}
	my $changed = differences($before, snapshot($path, 1));
	die "$path: changed by commands that only read: $changed\n" if $writing && $changed;
	is($changed, '', "$path: unchanged") unless $writing;
}
my @stale = grep { !$known{$_} } sort glob 'tests/expected/*/*';
if ($writing) {
	unlink @stale;
	print "tests/expected: $done written, ", scalar @stale, " removed: see git diff\n";
} else {
	is("@stale", '', 'tests/expected holds nothing else');
	done_testing;
}

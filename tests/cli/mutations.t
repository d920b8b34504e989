#!/usr/bin/perl
# tests/mutations.tsv: for every check an edit of a tree that turns PASS into FAIL or WARN;
# without it, PASS again.
use strict;
use warnings;
use lib 'tests/lib';
use Scratch;
use Test::More;

my @rows = rows('tests/mutations.tsv', 5);
my %ids = map { $_ => 0 } check_ids();
cmp_ok(scalar keys %ids, '>=', 10, 'check --list names the checks');

# What a check says of ROOT: "PASS", "FAIL", ...; "none" when it is not in the report.
sub status_of
{
	my ($id, $root, $profile) = @_;
	my @args = ('--root', "$root/tree");
	push @args, '--facts', "$root/facts.json" if -e "$root/facts.json";
	push @args, qw(check --format json);
	push @args, '--profile', $profile if $profile ne '-';
	my $r = run_up(@args);
	my $report = report_of($r) or return "no report: $r->{err}";
	for my $finding (@{ $report->{findings} }) {
		return uc $finding->{status} if $finding->{id} eq $id;
	}
	return 'none';
}

# A folder with a copy of the tree and of its facts.
sub copy
{
	my ($tree) = @_;
	my $root = fresh('tests/lint/allowed');

	unlink glob "$root/*";
	system('cp', '-a', "tests/roots/$tree", "$root/tree") == 0 or BAIL_OUT("$tree: no copy");
	my $facts = "tests/roots/$tree.facts.json";
	system('cp', $facts, "$root/facts.json") == 0 or BAIL_OUT($facts) if -e $facts;
	return $root;
}

for my $row (@rows) {
	my ($id, $tree, $profile, $edit, $want) = @$row;
	my $root = copy($tree);
	my $name = "$id on $tree: $edit";

	is(status_of($id, $root, $profile), 'PASS', "$name: before");
	my $good = snapshot($root, 1);
	$ENV{FACTS} = "$root/facts.json";
	system('sh', '-ec', "cd \"$root/tree\"; $edit") == 0 or BAIL_OUT("$edit: failed");
	isnt(differences($good, snapshot($root, 1)), '', "$name: it edits something");
	is(status_of($id, $root, $profile), $want, "$name: after");
	drop($root);
	$root = copy($tree);
	is(status_of($id, $root, $profile), 'PASS', "$name: and back");
	drop($root);
	ok(exists $ids{$id}, "$id is a check");
	$ids{$id} = 1;
}
is(join(' ', grep { !$ids{$_} } sort keys %ids), '', 'every check has a row');
done_testing;

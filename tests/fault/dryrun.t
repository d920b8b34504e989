#!/usr/bin/perl
# What only reads, reads only: strace sees no call that changes a file, takes a lock or
# makes a folder, neither in a tree nor on this system. Every command that --help names is
# here, and every one that has --dry-run with it.
use strict;
use warnings;
use lib 'tests/lib';
use Scratch;
use Test::More;

my $facts = 'tests/roots/el7.facts.json';
# Command => its calls; { here => 1 }: it has no --root. undef: why it is not called.
my %calls = (
	'check' => [['check'], ['check', '--format', 'json']],
	'is-ready' => [['is-ready']],
	'probe' => [['probe']],
	'compare' => [['compare', $facts, $facts]],
	'apply' => [['apply', 'server', '--dry-run']],
	'status' => [['status'], ['status', '--all']],
	'revert' => [['revert', '--dry-run'], ['revert', '--all', '--dry-run']],
	'boot list' => [['boot', 'list']],
	'boot default' => [['boot', 'default', '0', '--dry-run']],
	'boot fallback' => [['boot', 'fallback', '0', '--dry-run']],
	'prepare' => [['prepare', 'server', '--dry-run']],
	'verify' => [['verify', '--seconds', '1']],
	'serve' => undef, # has no end of its own; what it does, verify does
	'explain' => [['explain', 'net.core.somaxconn']],
	'profile list' => [['profile', 'list']],
	'profile show' => [['profile', 'show', 'server']],
	'profile diff' => [['profile', 'diff', 'server', 'storage']],
	'profile check' => [['profile', 'check', 'profiles/server.conf']],
	'profile import' => [['profile', 'import', 'tuned', 'tests/roots/el7/etc/os-release']],
);
my %no_tree = map { $_ => 1 } qw(compare verify);

# The commands there are.
my ($list) = run_up('--help')->{out} =~ /^Commands:\n(.*?)\n\n/ms;
my @commands = map { /^  ((?:boot |profile )?[a-z-]+)/ ? $1 : () } split /\n/, $list;
cmp_ok(scalar @commands, '>', 10, '--help names commands');
for my $command (@commands) {
	ok(exists $calls{$command}, "$command: has a call here") or next;
	my $dry = run_up(split(' ', $command), '--help')->{out} =~ /--dry-run/;
	ok(!$dry || !(grep { !grep { $_ eq '--dry-run' } @$_ } @{ $calls{$command} }),
		"$command: is called with --dry-run") if $dry;
}

# Two trees: as it came, and with transactions open, one of them cut off.
my $open = fresh('tests/roots/el7');
for my $call ([qw(apply article --yes)], [qw(apply server --yes)]) {
	is(run_up('--root', $open, @$call)->{code}, 0, "@$call");
}
my $cut = fresh($open);
for my $at (1 .. 30) {
	drop($cut);
	$cut = fresh($open);
	shimmed($cut, $at, 'KILL', '--root', $cut, 'revert');
	last if states($cut) =~ /reverting/;
}
is(states($cut), 'applied reverting', 'a revert is cut off');
my %trees = ('a tree' => 'tests/roots/el7', 'transactions open' => $open, 'cut off' => $cut);

# That the sieve catches something.
my $root = fresh('tests/roots/el7');
cmp_ok(scalar traced($root, '--root', $root, qw(apply server --yes)), '>', 5,
	'an apply is seen');
drop($root);
$root = fresh('tests/roots/el7');
is(scalar(grep { /flock/ } traced('', '--root', $root, qw(apply server --yes))), 1, 'and its lock');
drop($root);
for my $command (@commands) {
	for my $call (@{ $calls{$command} // [] }) {
		for my $name ($no_tree{$command} ? () : sort keys %trees) {
			$root = fresh($trees{$name});
			my $before = snapshot($root, 1);
			is(join('', traced('', '--root', $root, @$call)), '', "$name: @$call");
			is(differences($before, snapshot($root, 1)), '', "$name: @$call: unchanged");
			drop($root);
		}
		next if $command =~ /^boot (default|fallback)/; # this host may have no loader
		# A ring, and on it a pipe or a socket; /dev/null is no file.
		my @seen = grep { !m!<(anon_inode|pipe|socket|TCP|UDP|UNIX)[:\[]|<(TCP|UNIX|UDP)|"/dev/null"! }
			traced('', @$call);
		is(join('', @seen), '', "here: @$call");
	}
}
drop($open, $cut);
done_testing;

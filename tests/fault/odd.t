#!/usr/bin/perl
# Odd places: our folder, or the file to be written, is not what it should be. Either the
# transaction works and its revert brings back the start, or it is refused, in one line that
# names the path, and nothing is changed.
use strict;
use warnings;
use lib 'tests/lib';
use Scratch;
use Test::More;

my $own = '/etc/sysctl.d/99-uringprep.conf';
my $ours = '/var/lib/uringprep';

# apply and revert work on the tree that MAKE has changed. AFTER: more to be seen then.
sub works
{
	my ($name, $make, $after) = @_;
	my $root = fresh('tests/roots/el7');

	$make->($root);
	my $old = snapshot($root);
	my $r = run_up('--root', $root, qw(apply server --yes));
	is($r->{code}, 0, "$name: apply") or diag(said($r));
	isnt(differences($old, snapshot($root)), '', "$name: applied");
	$after->($root) if $after;
	$r = run_up('--root', $root, 'revert');
	is($r->{code}, 0, "$name: revert") or diag(said($r));
	is(differences($old, snapshot($root)), '', "$name: as before");
	drop($root);
}

# apply is refused with a line that matches WHY.
sub refused
{
	my ($name, $why, $make, $undo) = @_;
	my $root = fresh('tests/roots/el7');

	$make->($root);
	my $old = snapshot($root);
	my $r = run_up('--root', $root, qw(apply server --yes));
	my $now = snapshot($root);
	$undo->($root) if $undo;
	is($r->{code}, 3, "$name: exit 3") or diag(said($r));
	like($r->{err}, qr/^[^\n]*\Q$root\E[^\n]*$why[^\n]*\n$/, "$name: one line says where and why");
	is(differences($old, $now), '', "$name: unchanged");
	drop($root);
}

sub put
{
	my ($path, $text) = @_;

	open my $f, '>', $path or die "$path: $!";
	print $f $text;
	close $f or die;
}

works('folders that are missing', sub { drop("$_[0]/etc/sysctl.d") },
	sub { ok(-d "$_[0]/etc/sysctl.d", 'made') });
works('the file is a dangling link', sub { symlink '/etc/elsewhere.conf', "$_[0]$own" or die },
	sub { ok(-f "$_[0]/etc/elsewhere.conf" && -l "$_[0]$own", 'written through it') });
works('the lock of a dead process', sub {
	system('mkdir', '-p', "$_[0]$ours");
	put("$_[0]$ours/lock", "pid 999999, started 2020-01-01T00:00:00Z\n");
});
refused('the file is a folder', 'Is a directory', sub { mkdir "$_[0]$own" or die });
refused('the name is too long', 'File name too long', sub {
	symlink 'x' x 245, "$_[0]$own" or die;
});
refused('our folder is a file', 'Not a directory', sub {
	system('mkdir', '-p', "$_[0]/var/lib");
	put("$_[0]$ours", '');
});
refused('the lock is a link', 'not a regular file', sub {
	system('mkdir', '-p', "$_[0]$ours");
	put("$_[0]/etc/precious", "kept\n");
	symlink '/etc/precious', "$_[0]$ours/lock" or die;
});

SKIP: {
	my $root = fresh('tests/roots/el7');

	skip 'chattr +i is refused here', 6
		if system("chattr +i $root/etc/sysctl.d 2>/dev/null && chattr -i $root/etc/sysctl.d");
	refused('the folder is immutable', 'not permitted', sub {
		system('chattr', '+i', "$_[0]/etc/sysctl.d") }, sub {
		system('chattr', '-i', "$_[0]/etc/sysctl.d") });
	is(run_up('--root', $root, qw(apply server --yes))->{code}, 0, 'apply');
	system('chattr', '+i', "$root$own");
	my $new = snapshot($root);
	my $r = run_up('--root', $root, 'revert');
	is($r->{code}, 4, 'revert of an immutable file: half undone') or diag(said($r));
	like($r->{err}, qr/revert 1: [^\n]*\Q$own\E: cannot remove/, 'and said so');
	is(differences($new, snapshot($root)), '', 'still there');
	system('chattr', '-i', "$root$own");
	is(run_up('--root', $root, qw(revert 1))->{code}, 0, 'mended, and reverted');
	ok(!-e "$root$own", 'gone');
	drop($root);
}
SKIP: {
	skip 'not root: nothing can be mounted', 6 if $>;
	skip 'unshare -m is refused here', 6 if system('unshare -m true 2>/dev/null');
	for my $dir ('/etc', '/var') {
		my $root = fresh('tests/roots/el7');

		mkdir "$root$dir";
		my $old = snapshot($root);
		my $said = `unshare -m sh -c 'mount --bind "\$1" "\$1" && mount -o remount,bind,ro "\$1" && shift && exec "\$@"' sh $root$dir $up --root $root apply server --yes 2>&1 >/dev/null`;
		is($? >> 8, 3, "$dir read-only: exit 3");
		like($said, qr/^[^\n]*\Q$root$dir\E[^\n]*Read-only file system[^\n]*\n$/, "$dir read-only: named") or diag($said);
		is(differences($old, snapshot($root)), '', "$dir read-only: unchanged");
		drop($root);
	}
}
done_testing;

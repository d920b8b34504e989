#!/usr/bin/perl
# What apply predicts for the next boot, and what that boot makes of it: files are written
# into a tree here, a guest boots with them, runs Debian's own systemd-sysctl on its kernel,
# and `status` in it compares.
use strict;
use warnings;
use lib 'tests/vm', 'tests/lib';
use File::Find;
use File::Path qw(make_path);
use JSON::PP;
use Kernel;
use Scratch;
use Test::More;

my $loader = '/usr/lib/systemd/systemd-sysctl';
plan skip_all => "$loader is not here: the guest's files are this system's" unless -x $loader;
# With the libraries that it names.
my %program = ($loader => $loader,
	map { m{(/\S+) \(0x} ? ($1 => $1) : () } `ldd $loader`);

# A tree with a profile of ours applied; EDIT changes it before.
sub prepare
{
	my (%files) = @_;
	my $root = fresh('tests/roots/debian12');

	unlink glob "$root/etc/sysctl.d/*";
	$files{'/etc/uringprep/profiles/mine.conf'} =
		"[sysctl]\nvm.swappiness=33\nnet.core.somaxconn=9000\nfs.aio-max-nr=77777\n";
	for my $path (keys %files) {
		make_path("$root$path" =~ s{/[^/]*$}{}r);
		open my $f, '>', "$root$path" or die "$root$path: $!";
		print $f $files{$path};
		close $f or die;
	}
	my $r = run_up('--root', $root, qw(apply mine --yes));
	is($r->{code}, 0, 'applied in a tree') or diag($r->{err});
	return ($root, $r->{out});
}

# The files of the tree that count, for the guest.
sub guest_files
{
	my ($root) = @_;
	my %files = %program;

	find({ no_chdir => 1, wanted => sub { $files{substr $_, length $root} = $_ if -f && !-l } },
		grep { -d } "$root/etc/sysctl.d", "$root/usr/lib/sysctl.d", "$root/etc/uringprep",
		"$root/var/lib/uringprep");
	return \%files;
}

my $script = <<'END';
say loader /usr/lib/systemd/systemd-sysctl
say values cat /proc/sys/vm/swappiness /proc/sys/net/core/somaxconn /proc/sys/fs/aio-max-nr
say explain uringprep explain vm.swappiness
say status uringprep status --format json
say text uringprep status
echo 44 >/proc/sys/vm/swappiness
say changed uringprep status --format json
END

sub report
{
	return eval { JSON::PP->new->utf8->decode($_[0] =~ s/^\}\K.*//msr) } // {};
}

sub rows_of
{
	my ($report) = @_;
	return join ' ', map { ($_->{predicted} // '?') . '/' . ($_->{actual} // '?')
		. ($_->{differs} ? '!' : '') } sort { $a->{key} cmp $b->{key} } @{ $report->{predicted} };
}

my ($root, $said) = prepare();
my $guest = run('6.1', $script, guest_files($root));
SKIP: {
	skip $guest->{missing}, 8 if $guest->{missing};
	is($guest->{out}{loader}, '', 'systemd-sysctl ran without a word');
	is($guest->{out}{values}, "33\n9000\n77777\n", 'the kernel has what our file says');
	like($guest->{out}{explain}, qr/^after the next boot: +33 .*99-uringprep/m, 'explain agrees');
	is($guest->{code}{status}, 0, 'status: 0') or diag($guest->{out}{status});
	is(rows_of(report($guest->{out}{status})), '77777/77777 9000/9000 33/33', 'each as predicted');
	like($guest->{out}{text}, qr/since transaction 1: as predicted/, 'in words');
	is(rows_of(report($guest->{out}{changed})), '77777/77777 9000/9000 33/44!',
		'a value that is changed in the running system is seen');
	is($guest->{code}{changed}, 1, 'and is exit 1');
}
drop($root);

# Who overrides us was there before, and so predicted.
($root, $said) = prepare('/etc/sysctl.d/99-zz.conf' =>
	"vm.swappiness=55\n-net.core.somaxconn\nfs.*=1\n");
like($said, qr/99-zz\.conf:1 sets 55/, 'a later file is named');
like($said, qr/99-zz\.conf:2 takes our line back/, 'so is a line that takes ours back');
$guest = run('6.1', $script, guest_files($root));
SKIP: {
	skip $guest->{missing}, 3 if $guest->{missing};
	is($guest->{out}{values}, "55\n4096\n77777\n", 'the kernel has what was foreseen');
	is(rows_of(report($guest->{out}{status})), '77777/77777 ?/4096 55/55', 'as predicted');
	is($guest->{code}{status}, 0, 'status: 0') or diag($guest->{out}{status});
}
drop($root);
done_testing;

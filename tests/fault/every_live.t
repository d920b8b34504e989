#!/usr/bin/perl
# As every.t, on a running system: in a network namespace net.core.somaxconn is a value of
# its own, and /etc and /var/lib are folders of ours. The value is part of what is compared.
use strict;
use warnings;
use lib 'tests/lib';
BEGIN { $ENV{TMPDIR} //= '/dev/shm' if -w '/dev/shm' }
use Scratch;
use Test::More;

if (!$ENV{EVERY_INSIDE}) {
	plan skip_all => 'not root: no namespace can be made' if $>;
	plan skip_all => 'unshare is refused here' if system('unshare --mount --net true 2>/dev/null');
	plan skip_all => 'a chroot is not the running system'
		if run_up(qw(check --only state.usable))->{out} !~ /this running system/;
	$ENV{EVERY_INSIDE} = 1;
	File::Temp::cleanup(); # exec leaves nobody to do it
	exec 'unshare', '--mount', '--net', $^X, $0;
}

my @ways = split ' ', $ENV{EVERY_WAYS} // 'KILL EIO short';
my $value = '/proc/sys/net/core/somaxconn';
my $dir = fresh('tests/fault');
my $start = slurp($value);

drop($dir);
mkdir $_ or die for $dir, "$dir/etc", "$dir/var", "$dir/var/lib";

sub write_to
{
	my ($path, $text) = @_;

	open my $f, '>', $path or die "$path: $!";
	print $f $text;
	close $f or die "$path: $!";
}

# The start: one profile, one file of somebody else's, the value as it was.
sub begin
{
	drop(glob "$dir/etc/* $dir/var/lib/*");
	system('mkdir', '-p', "$dir/etc/uringprep/profiles", "$dir/etc/sysctl.d") == 0 or die;
	write_to("$dir/etc/uringprep/profiles/backlog.conf",
		"[sysctl]\nnet.core.somaxconn=>9000\n");
	write_to("$dir/etc/sysctl.d/10-other.conf", "net.core.somaxconn = 777\n");
	write_to($value, $start);
}

sub look
{
	my $look = snapshot($dir);

	$look->{$value} = slurp($value);
	return $look;
}

begin();
for my $what ('etc', 'var/lib') {
	system('mount', '--bind', "$dir/$what", "/$what") == 0 or BAIL_OUT("mount --bind");
}
my %place = (args => [], dir => $dir, look => \&look,
	stamp => sub { stamp($dir) . slurp($value) });
fails_at('apply, live', { %place, fresh => \&begin }, \@ways, qw(apply backlog --yes));
fails_at('revert, live', { %place, fresh => sub {
	begin();
	my $r = run_up(qw(apply backlog --yes));
	die said($r) if $r->{code};
} }, \@ways, 'revert');
begin();
done_testing;

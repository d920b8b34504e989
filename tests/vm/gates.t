#!/usr/bin/perl
# The gates that belong to a whole host: kernel.io_uring_disabled and its group, alone and
# behind a filter; locked memory on a kernel that counts rings. In the guest each is closed,
# asked about, and opened by running the command that the report prints in its first line.
use strict;
use warnings;
use lib 'tests/vm', 'tests/lib';
use File::Temp qw(tempdir);
use JSON::PP;
use Kernel;
use Test::More;

my $dir = tempdir('uringprep-gates.XXXXXX', TMPDIR => 1, CLEANUP => 1);
# busybox has no usermod; this does what that would do in a guest without groups.
open my $f, '>', "$dir/usermod" or die;
print $f <<'END';
#!/bin/sh
# usermod -a -G GID USER
echo "rings:x:$3:$4" >>/etc/group
END
close $f;
system('cc', '-std=gnu99', '-D_GNU_SOURCE', '-I.', '-static', '-o', "$dir/deny",
	'tests/bin/deny.c') == 0 or BAIL_OUT('tests/bin/deny.c: no static program');
my %files = ('/bin/usermod' => "$dir/usermod", '/bin/deny' => "$dir/deny");

# In front of each script.
my $words = <<'END';
J="uringprep probe --format json"
set_to() { echo "$2" >/proc/sys/kernel/io_uring_group; echo "$1" >/proc/sys/kernel/io_uring_disabled; }
as_nobody() { su -s /bin/sh nobody -c "$*"; }
# The command of the first line, for the user that it is about.
advice() { "$@" uringprep probe | sed -n '1s/^[^:]*: //; 1s/ USER$/ nobody/p; 1p' | head -n 1; }
follow() { local name=$1; shift; advice "$@" >/tmp/advice; say "$name" cat /tmp/advice; sh -e /tmp/advice; }
END

my $g;

sub uring
{
	my $report = eval { JSON::PP->new->utf8->decode($g->{out}{ $_[0] } // '') };

	diag("$_[0]: no report: " . ($g->{out}{ $_[0] } // 'nothing')) unless $report;
	return ($report // {})->{uring} // {};
}

sub opened
{
	my ($name, $what) = @_;
	my $u = uring($name);

	ok($u->{available}, $what) or diag($u->{first_line} // '');
}

sub closed
{
	my ($name, $what, $cause, $behind, $evidence) = @_;
	my $u = uring($name);
	my ($gate) = grep { $_->{name} eq $cause } @{ $u->{gates} // [] };

	is($u->{cause}, $cause, "$what: the cause");
	is($u->{confidence}, 'high', "$what: the confidence");
	is("@{ $u->{behind_it} // [] }", $behind, "$what: what is behind it");
	like($gate->{evidence} // '', $evidence, "$what: the evidence");
	cmp_ok(length($u->{first_line} // ''), '<=', 100, "$what: the first line fits");
}

sub advised
{
	my ($name, $want) = @_;

	is(($g->{out}{$name} // '') =~ s/\n$//r, $want, "$name: the command");
}

$g = run('6.12', $words . <<'END', \%files);
dmesg >/tmp/log
say base $J
nobody base_nobody $J
set_to 1 -1
say one_root $J
nobody one_nobody $J
say one_user_namespace unshare -U -r $J
say one_filter deny EPERM $J
say one_filter_kill deny setup:kill $J
follow advice_one as_nobody
nobody one_followed $J
say one_value cat /proc/sys/kernel/io_uring_disabled
set_to 1 990
nobody group_outside $J
follow advice_group as_nobody
nobody group_followed $J
set_to 2 -1
say two_root $J
say two_check uringprep check --only uring.available --format json
nobody two_nobody $J
say two_filter deny ENOSYS $J
say two_filter_passes deny nothing $J
follow advice_two_root
say two_followed $J
say two_value cat /proc/sys/kernel/io_uring_disabled
set_to 2 -1
follow advice_two_nobody as_nobody
nobody two_nobody_followed $J
say last_value cat /proc/sys/kernel/io_uring_disabled
dmesg | grep -v type=1326 >/tmp/log.after
say log diff /tmp/log /tmp/log.after
END
SKIP: {
	skip "6.12: $g->{missing}", 1 if $g->{missing};
	opened('base', 'disabled=0, root');
	opened('base_nobody', 'disabled=0, a user');
	opened('one_root', 'disabled=1, root');
	closed('one_nobody', 'disabled=1, a user', 'sysctl', '', qr/is 1: no group is set/);
	closed('one_user_namespace', 'disabled=1, root of a user namespace', 'sysctl', '',
		qr/is 1: no group is set/);
	closed('one_filter', 'disabled=1, root, a filter', 'seccomp', '', qr/EPERM/);
	closed('one_filter_kill', 'disabled=1, root, a filter that kills', 'seccomp', '',
		qr/SIGSYS/);
	advised('advice_one', 'sysctl -w kernel.io_uring_group=65534');
	opened('one_followed', 'disabled=1, a user: the advice opens it');
	is($g->{out}{one_value}, "1\n", 'disabled=1: and leaves the switch');
	closed('group_outside', 'disabled=1, not in its group', 'sysctl', '',
		qr/its group is 990/);
	advised('advice_group', 'usermod -a -G 990 nobody');
	opened('group_followed', 'disabled=1, in its group');
	closed('two_root', 'disabled=2, root', 'sysctl', '', qr/is 2: nobody may/);
	my $check = eval { JSON::PP->new->utf8->decode($g->{out}{two_check}) } // {};
	is($check->{findings}[0]{status}, 'FAIL', 'disabled=2: check says so, too');
	closed('two_nobody', 'disabled=2, a user', 'sysctl', '', qr/is 2/);
	closed('two_filter', 'disabled=2, a filter', 'seccomp', 'sysctl', qr/ENOSYS/);
	is(uring('two_filter')->{changes}[1]{do}, 'sysctl -w kernel.io_uring_disabled=1',
		'disabled=2, a filter: both changes');
	closed('two_filter_passes', 'disabled=2, a filter that lets pass', 'sysctl', '',
		qr/is 2/);
	advised('advice_two_root', 'sysctl -w kernel.io_uring_disabled=1');
	opened('two_followed', 'disabled=2, root: the advice opens it');
	is($g->{out}{two_value}, "1\n", 'disabled=2: no further than needed');
	advised('advice_two_nobody',
		'sysctl -w kernel.io_uring_disabled=1 kernel.io_uring_group=65534');
	opened('two_nobody_followed', 'disabled=2, a user: the advice opens it');
	is($g->{out}{last_value}, "1\n", 'disabled=2, a user: no further than needed');
	is($g->{out}{log}, '', 'nothing of it is in the kernel log');
}

# No sysctl and no configuration to show that the kernel has it: its symbols do.
$g = run('5.10', $words . <<'END', \%files);
say base $J
say filter deny ENOSYS $J
END
SKIP: {
	skip "5.10: $g->{missing}", 1 if $g->{missing};
	opened('base', '5.10');
	my ($sysctl) = grep { $_->{name} eq 'sysctl' } @{ uring('base')->{gates} };
	is($sysctl->{evidence}, 'this kernel has no kernel.io_uring_disabled',
		'5.10: no such sysctl');
	closed('filter', '5.10, a filter that says ENOSYS', 'seccomp', '',
		qr{/proc/kallsyms has io_uring});
}

# From 6.14 on rings count as locked memory again.
$g = run('6.18', $words . <<'END', \%files);
ulimit -l 4
nobody tight $J
say tight_root $J
ulimit -l 8192
nobody wide $J
END
SKIP: {
	skip "6.18: $g->{missing}", 1 if $g->{missing};
	closed('tight', '6.18, 4 KiB', 'memlock', '', qr/RLIMIT_MEMLOCK is 4096/);
	is(uring('tight')->{changes}[0]{do}, 'prlimit --memlock=8388608 PROGRAM',
		'6.18, 4 KiB: the command');
	opened('tight_root', '6.18, 4 KiB, root');
	opened('wide', '6.18, 8 MiB: as advised');
}
done_testing;

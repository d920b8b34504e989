#!/usr/bin/perl
# Who denies io_uring: each gate closed for real, named, and opened again by doing what the
# report advises. Gates of the whole host (the sysctl) are closed in a virtual machine:
# tests/vm/gates.t; what cannot be had here (SELinux, gVisor, an EL7 host) is judged from
# made-up answers in tests/unit/test_gate.c.
use strict;
use warnings;
use lib 'tests/lib';
use Cwd qw(abs_path);
use File::Copy qw(copy);
use File::Temp qw(tempdir);
use JSON::PP;
use Scratch;
use Test::More;

my $build = abs_path($ENV{BUILD} // 'build');
my $deny = "$build/tests/bin/deny";
# Under a name of its own, where everybody may run it.
my $dir = tempdir('uringprep-gates.XXXXXX', TMPDIR => 1, CLEANUP => 1);
my $prog = "$dir/urgate$$";
copy($up, $prog) or BAIL_OUT("$prog: $!");
chmod 0755, $dir, $prog;
my $mend = 'uringprep probe --write-seccomp FILE --base PROFILE.json';

# The JSON of COMMAND... PROGRAM ARGS.
sub ask
{
	my ($launcher, @args) = @_;
	my $pid = open my $out, '-|', @$launcher, $prog, @args, '--format', 'json';
	my $text = do { local $/; <$out> } // '';

	close $out;
	my $report = eval { JSON::PP->new->utf8->decode($text) };
	diag("@$launcher: no report: $text") unless $report;
	return $report;
}

sub uring { return (ask($_[0], 'probe') // {})->{uring} }

# Where it may well have no descriptor left to ask with.
sub quiet_uring
{
	return uring(['sh', '-c', 'exec "$@" 2>/dev/null', 'sh', @{ $_[0] }]);
}

# One row: what closes it; cause, confidence, what the cause's gate shows, what is behind
# it, the command of the first line; and the launcher after that command was followed.
sub row
{
	my ($name, $launcher, $cause, $confidence, $evidence, $behind, $command, $lifted) = @_;
	my $u = uring($launcher) or return fail("$name: a report");
	my ($gate) = map { $cause eq 'not_in_kernel' ? 'kernel' : $cause eq 'emulated'
		? 'emulation' : $_ } $cause;
	my ($judged) = grep { $_->{name} eq $gate } @{ $u->{gates} };

	is($u->{cause}, $cause, "$name: the cause");
	ok(!$u->{available}, "$name: not available");
	is($u->{level}, 'none', "$name: no level");
	is($u->{confidence}, $confidence, "$name: the confidence");
	is($judged->{state}, $confidence eq 'high' ? 'closed' : 'unknown', "$name: the gate");
	like($judged->{evidence}, $evidence, "$name: the evidence");
	is("@{ $u->{behind_it} }", $behind, "$name: what is behind it");
	cmp_ok(length $u->{first_line}, '<=', 100, "$name: the first line fits");
	like($u->{first_line}, qr/io_uring.*: \Q$command\E$/, "$name: the first line");
	is($u->{changes}[0]{do}, $command, "$name: the first change");
	is(scalar @{ $u->{changes} }, 1 + @{ $u->{behind_it} }, "$name: the changes");
	like($u->{changes}[0]{gives_away}, qr/\w/, "$name: what it gives away");
	my ($found) = @{ ask($launcher, 'check', '--only', 'uring.available')->{findings} };
	is($found->{status}, 'FAIL', "$name: check fails");
	like($found->{evidence}, $evidence, "$name: check shows the same");
	return unless $lifted;
	$u = uring($lifted);
	ok($u->{available}, "$name: opened by the advice") or diag($u->{first_line});
	is($u->{cause}, undef, "$name: no cause is left");
}

my $here = uring([]);
unless ($here && $here->{available}) {
	plan skip_all => 'io_uring is denied on this host: ' . ($here->{first_line} // '');
}

# Filters. What --write-seccomp makes is loaded by a container's runtime; here the advice
# is followed by a filter that lets the three calls pass.
my @allow = ($deny, 'nothing');
my %all = (
	EPERM => qr/enter\(-1\): EPERM/, EACCES => qr/enter\(-1\): EACCES/,
	EOPNOTSUPP => qr/enter\(-1\): EOPNOTSUPP/, ENOSYS => qr/ENOSYS to all three, and /,
	kill => qr/enter was answered with SIGSYS/,
);
for my $answer (sort keys %all) {
	row("filter $answer", [$deny, $answer], 'seccomp', 'high', $all{$answer}, '', $mend,
		\@allow);
}
my %setup = (
	EPERM => qr/EPERM, though kernel.io_uring_disabled is 0|no such sysctl/,
	EOPNOTSUPP => qr/setup\(1, NULL\): EOPNOTSUPP/, ENOSYS => qr/setup\(1, NULL\): ENOSYS/,
	kill => qr/setup was answered with SIGSYS/,
);
for my $answer (sort keys %setup) {
	row("filter $answer of setup alone", [$deny, "setup:$answer"], 'seccomp', 'high',
		$setup{$answer}, '', $mend, \@allow);
}
row('every call above 313', [$deny, 'above:313'], 'seccomp', 'high', qr/ENOSYS to all three/,
	'', $mend, \@allow);
row('two filters', [$deny, 'ENOSYS', $deny, 'setup:EPERM'], 'seccomp', 'high',
	qr/which no kernel says of one of the three|ENOSYS to all three/, '', $mend, \@allow);

# EACCES of setup alone is a filter's or a security module's.
my $u = uring([$deny, 'setup:EACCES']);
like($u->{cause}, qr/^(lsm|seccomp)$/, 'EACCES of setup: one of two');
is($u->{confidence}, 'low', 'EACCES of setup: not sure which');
like($u->{first_line}, qr/perhaps/, 'EACCES of setup: said in the first line');
ok(!!(grep { $_->{name} eq 'seccomp' && $_->{suspected} } @{ $u->{gates} }),
	'EACCES of setup: the filter is suspected');

# Descriptors: as many as the program itself needs, and not one for a ring.
my ($few) = grep { ((quiet_uring(['prlimit', "--nofile=$_"]) // {})->{cause} // '') eq 'nofile' }
	5 .. 12;
if ($few) {
	row("$few descriptors", ['prlimit', "--nofile=$few"], 'nofile', 'high',
		qr/EMFILE; RLIMIT_NOFILE is $few/, '', 'prlimit --nofile=4096 PROGRAM',
		['prlimit', '--nofile=4096']);
	row('a filter, and no descriptor left', ['prlimit', "--nofile=$few", $deny, 'EPERM'],
		'seccomp', 'high', qr/EPERM/, 'nofile', $mend,
		['prlimit', '--nofile=4096', @allow]);
	# Only one of the two is opened: the other is met.
	is(uring(['prlimit', "--nofile=$few", @allow])->{cause}, 'nofile',
		'behind the filter: what was said to be there');
} else {
	fail('a number of descriptors that leaves none for a ring');
}

# Locked memory counts for users without CAP_IPC_LOCK, on some kernels.
SKIP: {
	skip 'only root can become somebody else', 16 if $>;
	my @nobody = qw(setpriv --reuid 65534 --regid 65534 --clear-groups);
	my @tight = ('prlimit', '--memlock=4096', @nobody);

	is(uring(['prlimit', '--memlock=0'])->{available}, JSON::PP::true,
		'memlock: root is exempt');
	skip 'this kernel does not count rings as locked memory (5.12 to 6.13)', 15
		if uring(\@tight)->{available};
	row('memlock 4096', \@tight, 'memlock', 'high',
		qr/ENOMEM, of one: ENOMEM; RLIMIT_MEMLOCK is 4096/, '',
		'prlimit --memlock=8388608 PROGRAM', ['prlimit', '--memlock=8388608', @nobody]);
}

# A user's emulator: no io_uring in it, and a kernel that has it below.
SKIP: {
	my ($qemu) = grep { -x } map { "$_/qemu-x86_64-static" } split /:/, $ENV{PATH};
	my $machine = `uname -m`;

	skip "qemu-user-static is made for x86-64 here, and this is $machine", 16
		if $machine !~ /^x86_64/;
	skip 'qemu-x86_64-static is not installed', 16 unless $qemu;
	skip 'AddressSanitizer\'s memory does not fit into that emulator', 16
		if $ENV{ASAN_OPTIONS};
	row('an emulator that claims 3.10', [$qemu, '-r', '3.10.0-1160.el7.x86_64'],
		'emulated', 'high', qr/qemu-x86_64-static runs this program/, '',
		'run it without qemu-x86_64-static', []);
	row('an emulator under a filter', [$deny, 'EPERM', $qemu], 'emulated', 'high',
		qr/qemu/, '', 'run it without qemu-x86_64-static', \@allow);
}

# A filter that lets all pass is none.
is(uring(\@allow)->{confidence}, 'high', 'a filter that denies nothing');
ok(uring(\@allow)->{available}, 'a filter that denies nothing: available');

# Asking is silent.
SKIP: {
	my $before = `dmesg 2>/dev/null`;

	skip 'dmesg cannot be read', 2 if $? || $before eq '';
	my $lines = () = $before =~ /\n/g;
	uring([]);
	uring([$deny, 'EPERM']);
	my $new = sub {
		my @all = split /\n/, `dmesg`;
		return grep { /urgate$$|io_uring/ } @all[$lines .. $#all];
	};
	is(join("\n", $new->()), '', 'no line in the kernel log');
	uring([$deny, 'kill']);
	is(join("\n", grep { !/type=1326/ } $new->()), '',
		"a filter that kills: its own audit line alone");
}
done_testing;

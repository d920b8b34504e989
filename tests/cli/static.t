#!/usr/bin/perl
# The static program: one file, small, and the same answers as the other one in an empty
# root, without any system call newer than Linux 3.10's, and told that it runs on EL7.
use strict;
use warnings;
use lib 'tests/lib';
use Cwd qw(abs_path);
use File::Copy qw(copy);
use File::Temp qw(tempdir);
use Scratch;
use Test::More;

my $build = abs_path($ENV{BUILD} // 'build');
my $static = "$build/uringprep-static";
my $empty = tempdir('uringprep-static.XXXXXX', TMPDIR => 1, CLEANUP => 1);
my @filtered = ("$build/tests/bin/deny", 'above:313');
my @el7 = ('qemu-x86_64-static', '-r', '3.10.0-1160.el7.x86_64');
my @chroot = (($> ? qw(unshare -r) : ()), 'chroot', $empty);

# runs(LAUNCHER, PROGRAM, ARGS...): { code, signal, out, err }.
sub runs
{
	my ($launcher, $program, @args) = @_;
	local $Scratch::up;
	my @call = (@$launcher, $program, @args);

	$Scratch::up = shift @call;
	return run_up(@call);
}

# The findings of a check: { id => status }.
sub findings
{
	my ($r) = @_;
	my $report = report_of($r) // { findings => [] };
	return { map { $_->{id} => $_->{status} } @{ $report->{findings} } };
}

subtest 'the file' => sub {
	my $headers = `readelf -W -h -l '$static'`;
	like($headers, qr/Machine:\s+.*X86-64/, 'x86-64');
	unlike($headers, qr/INTERP/, 'no loader');
	unlike($headers, qr/DYNAMIC/, 'no library');
	like(`readelf -W -S '$static'`, qr/^(?!.*\.symtab)/s, 'stripped');
	cmp_ok(-s $static, '<=', 1_500_000, 'at most 1.5 MB');
	note((-s $static) . ' bytes');
};

subtest 'an empty root' => sub {
	copy($static, "$empty/uringprep") or die "$empty/uringprep: $!";
	chmod 0755, "$empty/uringprep";
	plan skip_all => 'neither root nor a user namespace: no chroot'
		if system("@chroot /uringprep --version >/dev/null 2>&1") >> 8;
	my $in = sub { runs(\@chroot, '/uringprep', @_) };

	is($in->(@$_)->{out}, runs([], $up, @$_)->{out}, "@$_: as the other program")
		for ['--version'], ['--help'], [qw(check --list)];
	my $there = report_of($in->(qw(probe --format json)));
	my $here = report_of(runs([], $up, qw(probe --format json)));
	ok($there->{uring}{opcodes}, 'probe: a report');
	is_deeply($there->{uring}{$_}, $here->{uring}{$_}, "probe: $_")
		for qw(level opcodes op_flags register_ops);

	my $all = $in->(qw(check --format json));
	my $status = findings($all);
	cmp_ok($all->{code}, '<=', 1, 'check: an answer');
	is($all->{err}, '', 'check: no complaint');
	is($status->{'uring.available'},
		findings(runs([], $up, qw(check --format json)))->{'uring.available'},
		'check: io_uring is asked, not looked up');
	is($status->{$_}, 'UNKNOWN', "check: $_ cannot be known without /proc and /boot")
		for qw(kernel.panic_reboots sysctl.somaxconn uring.disabled sysctl.writable
			security.vendor_policy);
	is($in->(qw(check --only sysctl.somaxconn))->{code}, 3, 'could not be found out: exit 3');
	is($in->(qw(--root /none check))->{code}, 3, 'no such root: exit 3');
	is($in->('chekc')->{code}, 2, 'a wrong call: exit 2');
	is(join(' ', sort map { s!.*/!!r } glob "$empty/*"), 'uringprep', 'nothing was made');
};

# What must not depend on the kernel: files read, judged, changed and restored.
sub same_work
{
	my (@launcher) = @_;
	my $root = fresh('tests/roots/el7');
	my $was = snapshot($root);
	my $facts = 'tests/roots/el7.facts.json';
	my @on = ('--root', $root, -e $facts ? ('--facts', $facts) : ());

	for ([qw(check)], [qw(boot list)], [qw(apply server --dry-run)], [qw(status)]) {
		my $want = runs([], $up, @on, @$_);
		my $got = runs(\@launcher, $static, @on, @$_);
		is("$got->{code} $got->{out}$got->{err}", "$want->{code} $want->{out}$want->{err}",
			"--root: @$_");
	}
	is(runs(\@launcher, $static, '--root', $root, @$_)->{code}, 0, "--root: @$_")
		for [qw(apply server --yes)], [qw(boot default 0)], [qw(revert --all)];
	is(differences($was, snapshot($root)), '', '--root: all is as before');
	drop($root);
}

subtest 'system calls after 3.10 answer ENOSYS' => sub {
	my $want = findings(runs([], $up, qw(check --format json)));
	my $r = runs(\@filtered, $static, qw(check --format json));
	my $got = findings($r);
	is($r->{code}, 1, 'check: exit 1') or diag($r->{err});
	is($got->{'uring.available'}, 'FAIL', 'check: io_uring is not available');
	# What the denial itself changes is another test's.
	my @others = grep { !/^(uring|kernel|security|container)\./ } sort keys %$want;
	is(join(' ', map { "$_ " . ($got->{$_} // 'none') } @others),
		join(' ', map { "$_ $want->{$_}" } @others), 'check: all else as without');
	is(runs(\@filtered, $static, qw(probe --require level:early))->{code}, 1,
		'probe --require: exit 1');
	same_work(@filtered);
};

# A filter that kills ends what only tries: nothing but io_uring's three and the two with
# which glibc itself begins (rseq, and getrandom for malloc and for json-c's tables).
subtest 'system calls after 3.10 that are tried at all' => sub {
	my %known = map { $_ => 1 } qw(318 334 425 426 427);
	my $trace = "$empty.strace";
	my (%seen, $lines);

	for my $args ([qw(check)], [qw(probe)], [qw(apply server --dry-run)], [qw(boot list)]) {
		system("strace -f -n -qq -o $trace $static @$args >/dev/null 2>&1");
		for (split /\n/, slurp($trace)) {
			next unless /^\d+ +\[ *(\d+)\] (\w+)\(/;
			$lines++;
			$seen{"$1 $2"} = 1 if $1 > 313 && !$known{$1};
		}
		unlink $trace;
	}
	cmp_ok($lines // 0, '>', 100, 'strace saw the calls');
	is(join(', ', sort keys %seen), '', 'no other');
};

subtest 'a kernel that says it is EL7\'s' => sub {
	my $r = runs(\@el7, $static, qw(check --format json));
	my $report = report_of($r) // {};
	is($r->{code}, 1, 'check: exit 1') or diag($r->{err});
	is($report->{kernel}, $el7[2], 'check: its release');
	is(findings($r)->{'uring.available'}, 'FAIL', 'check: io_uring is not available');
	is(runs(\@el7, $static, qw(probe --require level:early))->{code}, 1,
		'probe --require: exit 1');
	same_work(@el7);
};
done_testing;

# Scratch copies of a tree, runs of the program with and without the shim, and what a tree
# holds: shared by the tests written in Perl.
package Scratch;
use strict;
use warnings;
use Cwd qw(abs_path);
use Digest::SHA;
use Exporter 'import';
use File::Find;
use File::Path qw(remove_tree);
use File::Temp qw(tempdir);
use JSON::PP;
use Test::More ();
use Time::HiRes ();

our @EXPORT = qw($up run_up shimmed snapshot differences fresh drop report_of rows slurp
	traced check_ids said settle states every_call stamp calls_of fails_at);

my $build = abs_path($ENV{BUILD} // 'build');
our $up = "$build/uringprep";
my $shim = "$build/tests/fault/shim.so";
my $scratch = tempdir('uringprep-test.XXXXXX', TMPDIR => 1, CLEANUP => 1);
my $made = 0;

$ENV{LC_ALL} = 'C';
delete $ENV{ANA_INSTALL_PATH};

# A copy of FROM, in a folder of its own; the path is ours to drop.
sub fresh
{
	my ($from) = @_;
	my $to = "$scratch/" . ++$made;

	system('cp', '-a', $from, $to) == 0 or die "cp -a $from $to failed";
	return $to;
}

sub drop
{
	remove_tree(@_);
}

# rows(FILE, N): the rows of a table whose columns are parted by tabs; # begins a comment.
sub rows
{
	my ($file, $n) = @_;
	my @rows;

	for (split /\n/, slurp($file)) {
		next if /^(#|\s*$)/;
		my @row = split /\t+/;
		die "$file: $_: not $n columns\n" if @row != $n;
		push @rows, \@row;
	}
	return @rows;
}

# run_up(ARGS...): { code, signal, out, err }. %Scratch::env: more for the environment.
our %env;
sub run_up
{
	my @args = @_;

	return run_by([], @args);
}

# The same, started by BY.
sub run_by
{
	my ($by, @args) = @_;
	my $pid = fork // die "fork: $!";

	if (!$pid) {
		open STDIN, '<', '/dev/null';
		open STDOUT, '>', "$scratch/out" or die;
		open STDERR, '>', "$scratch/err" or die;
		$ENV{$_} = $env{$_} for keys %env;
		exec @$by, $up, @args or die "$up: $!";
	}
	waitpid $pid, 0;
	return { code => $? >> 8, signal => $? & 127, out => slurp("$scratch/out"),
		err => slurp("$scratch/err"), call => "uringprep @args" };
}

# The same under tests/bin/every, which does DO at system call AT (0, 'count': nothing):
# also {calls}, how many there were until then, and {acted}, the number of the one acted
# on, undef when none was.
sub every_call
{
	my ($at, $do, @args) = @_;
	my $r = run_by(["$build/tests/bin/every", "$scratch/every", $at, $do], @args);

	die "every: not on this architecture\n" if $r->{code} == 126;
	die "every: $r->{err}" if $r->{code};
	@$r{qw(calls code signal acted)} = split ' ', slurp("$scratch/every");
	$r->{acted} = undef if $r->{acted} < 0;
	unlink "$scratch/every";
	return $r;
}

# The names of the system calls that strace sees in a run.
sub calls_of
{
	my @args = @_;
	my $r = run_by(['strace', '-f', '-qq', '-o', "$scratch/strace"], @args);
	my @calls = map { /^\d+\s+(\w+)\(/ ? $1 : () } split /\n/, slurp("$scratch/strace");

	die said($r) if $r->{code};
	unlink "$scratch/strace";
	return @calls;
}

sub said
{
	my ($r) = @_;

	return "$r->{call}: exit $r->{code}, signal $r->{signal}, stderr: $r->{err}";
}

# The states of all transactions under DIR, by id.
sub states
{
	my ($dir) = @_;

	return join ' ', map { slurp($_) =~ /^(?=.{15}[ \n])(\w+) *([\d-]{10}T[\d:]{8}Z)?$/ ? $1 : 'broken' }
		sort glob "$dir/var/lib/uringprep/txn/*/state";
}

# After whatever happened in PLACE: '' when the outcome is lawful, else what is wrong.
# Leaves the place either old or new. PLACE: {args} to reach it, {dir} its top, {look} how
# it is now. OLD and NEW: {look} and {states} before, and after a clean run.
sub settle
{
	my ($place, $r, $old, $new) = @_;
	my @at = @{ $place->{args} };
	my $status = run_up(@at, 'status');
	my $states = states($place->{dir});
	my $now = $place->{look}->();
	my $from_old = differences($now, $old->{look});
	my $from_new = differences($now, $new->{look});
	my $revert = qr/uringprep (?:--root \S+ )?revert (\d+)/;

	return "status: " . said($status) if $status->{signal} || $status->{code} > 1;
	if ($r->{signal} == 0) {
		return 'one line on stderr: ' . said($r)
			if ($r->{err} =~ tr/\n//) != ($r->{code} ? 1 : 0);
		return "exit 0, not new: $from_new" if !$r->{code} && $from_new;
		return "exit 3, not old: $from_old" if $r->{code} == 3 && $from_old;
		# A file of ours that could not be read looked absent to the plan.
		return said($r) unless $r->{code} =~ /^[034]$/ || $r->{code} == 1
			&& !$from_old && $r->{err} =~ /changed while the plan was made/;
		return 'exit 4 names no revert: ' . said($r)
			if $r->{code} == 4 && $r->{err} !~ /$revert|transaction \d+ is done, but/;
	}
	if ($states !~ /applying|reverting/) {
		# A transaction that was rolled back is one more, at the end.
		(my $less = $states) =~ s/ ?rolled_back$//;
		return '' if $states eq $new->{states} && !$from_new;
		return '' if ($states eq $old->{states} || $less eq $old->{states}) && !$from_old;
		return "the states say \"$states\", but from old: $from_old; from new: $from_new";
	}
	return "states: $states, and status is silent: " . said($status)
		unless $status->{code} == 1 && $status->{err} =~ $revert;
	my $id = $1;
	my $refused = run_up(@at, 'apply', 'storage', '--yes');
	return "not refused: " . said($refused)
		unless $refused->{code} == 1 && $refused->{err} =~ /revert $id\b/;
	my $repaired = run_up(@at, 'revert', $id);
	return "repair: " . said($repaired) if $repaired->{code} || $repaired->{signal};
	$now = $place->{look}->();
	return "repaired, and still: " . states($place->{dir})
		if states($place->{dir}) =~ /applying|reverting|conflict/;
	return '' if !differences($now, $old->{look}) || !differences($now, $new->{look});
	return 'repaired, neither old nor new: ' . differences($now, $old->{look});
}

# By what it can be told that nothing at all was touched in DIR.
sub stamp
{
	my ($dir) = @_;
	my @all;

	find({ no_chdir => 1, wanted => sub {
		my @st = Time::HiRes::lstat($_) or die "$_: $!";
		push @all, "$_ $st[1] $st[10]";
	} }, $dir);
	return join "\n", sort @all;
}

# fails_at(PLACE, WAYS, CALL...): a clean run of CALL in PLACE, then each of WAYS at each of
# its system calls. One line of TAP a way. PLACE as for settle; also {fresh}: make it as it
# was; {stamp}: by what it is seen that nothing was touched.
sub fails_at
{
	my ($name, $place, $ways, @call) = @_;
	my @full = (@{ $place->{args} }, @call);
	my ($old, $new) = ({}, {});

	$place->{fresh}->();
	@$old{qw(look states)} = ($place->{look}->(), states($place->{dir}));
	my $clean = every_call(0, 'count', @full);
	@$new{qw(look states)} = ($place->{look}->(), states($place->{dir}));
	Test::More::is($clean->{code}, 0, "$name: clean run") or Test::More::diag(said($clean));
	Test::More::isnt(differences($old->{look}, $new->{look}), '', "$name: it changes something");
	$place->{fresh}->();
	my @names = calls_of(@full);
	my $n = @names;
	my $sized = grep { /^(read|write|pread64|pwrite64)$/ } @names;
	Test::More::is($clean->{calls}, $n, "$name: $clean->{calls} points, $n calls seen by strace");
	$place->{fresh}->();
	for my $way (@$ways) {
		my ($bad, $tried, %ends) = (0, 0);
		my $stamp = $place->{stamp}->();
		my ($points, $of) = $way eq 'short' ? ($sized, 'reads and writes') : ($n, 'calls');
		for my $at (1 .. $points) {
			my $r = every_call($at, $way, @full);
			my $touched = $place->{stamp}->() ne $stamp;
			my $wrong = '';

			# An error in the libc's own start is no exit code of ours.
			my $started = $r->{err} !~ /error while loading|thread-local storage|^$/;
			$ends{$r->{signal} ? 'killed' : "exit $r->{code}"}++;
			$tried += defined $r->{acted};
			$wrong = settle($place, $r, $old, $new) if $touched;
			$wrong = 'nothing is touched: ' . said($r)
				if !$touched && !$r->{signal} && $started && $r->{code} != 3;
			$wrong ||= 'no word of the signal: ' . said($r) if $way =~ /^(HUP|INT|TERM|QUIT)/
				&& $r->{code} == 3 && $r->{err} !~ /by signal/;
			Test::More::diag("$name, $way at call $at (number "
				. ($r->{acted} // '-') . "): $wrong") if $wrong && $bad++ < 5;
			next unless $touched;
			$place->{fresh}->();
			$stamp = $place->{stamp}->();
		}
		Test::More::ok($tried == $points && !$bad,
			"$name: $way at $tried points of $points $of: "
			. join(', ', map { "$ends{$_} $_" } sort keys %ends));
	}
}

# The same under the shim, which counts what lies under DIR. AT and DO as the shim has
# them; an AT of 0 only counts: then {calls} and {log}.
sub shimmed
{
	my ($dir, $at, $do, @args) = @_;
	my $rest = $do =~ s/\+$//;

	unlink "$scratch/count", "$scratch/log";
	local %env = (LD_PRELOAD => $shim, SHIM_DIR => $dir, SHIM_AT => $at || 1 << 30,
		SHIM_DO => $do, SHIM_COUNT => "$scratch/count", SHIM_LOG => "$scratch/log",
		$rest ? (SHIM_REST => 1) : ());
	my $r = run_up(@args);
	$r->{calls} = -e "$scratch/count" ? slurp("$scratch/count") + 0 : undef;
	$r->{log} = -e "$scratch/log" ? slurp("$scratch/log") : '';
	return $r;
}

# The calls by which a run changes files, as strace sees them: those that name UNDER, or
# all when that is '', and then locks, too (not a shared one, by which status asks whether
# another is held). Its own output is none.
sub traced
{
	my ($under, @args) = @_;
	my $file = "$scratch/strace";
	my @paths = qw(open openat creat rename renameat renameat2 unlink unlinkat mkdir mkdirat
		rmdir link linkat symlink symlinkat truncate chmod fchmodat chown fchownat mknod
		mknodat setxattr);
	my @fds = qw(write pwrite64 writev pwritev fsync fdatasync syncfs ftruncate fallocate
		fchmod fchown fsetxattr);
	my @seen;

	push @fds, 'flock' if $under eq '';
	open my $null, '>', '/dev/null';
	my $pid = fork // die "fork: $!";
	if (!$pid) {
		open STDOUT, '>&', $null;
		open STDERR, '>&', $null;
		open STDIN, '<', '/dev/null';
		exec 'strace', '-f', '-y', '-qq', '-o', $file, '-e',
			'trace=' . join(',', @paths, @fds), $up, @args;
	}
	waitpid $pid, 0;
	for (split /^/, slurp($file)) {
		next unless /^\d+\s+(\w+)\((.*)/ && index($2, $under) >= 0;
		my ($name, $args) = ($1, $2);
		next if $name =~ /^open/
			&& $args !~ /\b(O_CREAT|O_TRUNC|O_WRONLY|O_RDWR|O_TMPFILE)\b/;
		next if $name eq 'flock' && $args =~ /LOCK_SH|LOCK_UN/;
		next if $name =~ /^write/ && $args =~ m!^[12]<!;
		push @seen, $_;
	}
	unlink $file;
	return @seen;
}

sub slurp
{
	open my $f, '<', $_[0] or die "$_[0]: $!";
	local $/;
	return <$f> // '';
}

# What a tree holds: { path => kind, mode, owner, link, content }. Without our own folder
# unless WHOLE; its parents may come and go.
sub snapshot
{
	my ($dir, $whole) = @_;
	my %tree;

	find({ no_chdir => 1, wanted => sub {
		my $path = substr $_, length $dir;
		my @st = lstat or die "$_: $!";
		my $what = sprintf '%o %d:%d', $st[2], $st[4], $st[5];

		if (!$whole && $path eq '/var/lib/uringprep') {
			$File::Find::prune = 1;
			return;
		}
		return if !$whole && $path =~ m!^(/var(/lib)?)?$!;
		$what .= ' -> ' . readlink if -l _;
		$what .= ' ' . Digest::SHA->new(256)->addfile($_)->hexdigest if -f _ && !-l $_;
		$tree{$path} = $what;
	} }, $dir);
	return \%tree;
}

# Paths in which two snapshots differ; '' when they are the same.
sub differences
{
	my ($a, $b) = @_;
	my %all = (%$a, %$b);

	return join ' ', grep { ($a->{$_} // '') ne ($b->{$_} // '') } sort keys %all;
}

# The ids of all checks, as the program lists them.
sub check_ids
{
	my $report = report_of(run_up(qw(check --list --format json))) or return;
	return map { $_->{id} } @{ $report->{checks} };
}

# The parsed JSON of a run; undef when its stdout is none.
sub report_of
{
	my ($r) = @_;

	return eval { JSON::PP->new->utf8->decode($r->{out}) };
}

1;

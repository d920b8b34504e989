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

our @EXPORT = qw($up run_up shimmed snapshot differences fresh drop report_of rows slurp
	traced check_ids);

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
	my $pid = fork // die "fork: $!";

	if (!$pid) {
		open STDIN, '<', '/dev/null';
		open STDOUT, '>', "$scratch/out" or die;
		open STDERR, '>', "$scratch/err" or die;
		$ENV{$_} = $env{$_} for keys %env;
		exec $up, @args or die "$up: $!";
	}
	waitpid $pid, 0;
	return { code => $? >> 8, signal => $? & 127, out => slurp("$scratch/out"),
		err => slurp("$scratch/err"), call => "uringprep @args" };
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
# all when that is ''. Its own output is none.
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

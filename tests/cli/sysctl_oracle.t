#!/usr/bin/perl
# Who sets a sysctl, compared with the programs themselves: systemd-sysctl and
# `sysctl --system` of procps run over made-up files, in namespaces of their own and with a
# folder of plain files in the place of /proc/sys; and so is what `explain` and the plan of
# `apply` say of the next boot and of `sysctl --system`, with our file among the others. SEED=N
# repeats a run with another seed, ROUNDS=N makes more of them.
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Path qw(make_path remove_tree);
use JSON::PP;
use Test::More;

my $up = abs_path(($ENV{BUILD} // 'build') . '/uringprep');
my $ask = abs_path(($ENV{BUILD} // 'build') . '/tests/unit/test_sysctl');
my ($systemd) = grep { -x } qw(/usr/lib/systemd/systemd-sysctl /lib/systemd/systemd-sysctl);
my ($procps) = grep { -x } qw(/usr/sbin/sysctl /sbin/sysctl);
my $seed = $ENV{SEED} // 4;
my $rounds = $ENV{ROUNDS} // 100;
my @folders = qw(/etc/sysctl.d /run/sysctl.d /usr/local/lib/sysctl.d /usr/lib/sysctl.d);
my @keys = qw(net/core/somaxconn net/core/wmem_max net/ipv4/conf/all/rp_filter
	net/ipv4/conf/lo/rp_filter net/ipv4/conf/eth0.1/rp_filter vm/swappiness fs/aio-max-nr
	kernel/panic);
# Patterns, spelled as either program takes them.
no warnings "qw"; # braces
my @patterns = qw(net.core.* net/core/s* net.core.[a-t]o* net.ipv4.conf.*.rp_filter
	net.ipv4.conf.l?.rp_filter net/ipv4/conf/e*/rp_filter vm.* vm.s[!x]* kernel/pani?
	net.ipv4.*.rp_filter fs.aio-max-n[r] net/{core,ipv4/conf/lo}/*m* {vm,fs}/*s*);

# 1: VERSION of "NAME VERSION" is at least MIN.
sub at_least
{
	my ($program, $min) = @_;
	our %version;

	$version{$program} //= (`$program --version 2>/dev/null` // '') =~ /\s(\d+)/ ? $1 : 0
		if $program;
	return $program && $version{$program} >= $min;
}

if (($ARGV[0] // '') ne 'inside') {
	plan skip_all => 'not root: needs a mount namespace' if $>;
	plan skip_all => 'systemd-sysctl is not here' unless $systemd;
	plan skip_all => '/usr/lib/sysctl.d is not here' unless -d '/usr/lib/sysctl.d';
	plan skip_all => 'mount namespaces are denied here'
		if system('unshare -mn true 2>/dev/null');
	exec 'unshare', '-mn', $^X, $0, 'inside' or die "unshare: $!";
}

# Nothing of the host's is written: every folder that is touched is covered first.
for my $over (qw(/proc/sys /etc /run /usr/local/lib /usr/lib/sysctl.d)) {
	system('mount', '-t', 'tmpfs', 'none', $over) == 0 or BAIL_OUT("$over: no tmpfs");
}
BAIL_OUT('/proc/sys is still the kernel\'s') if -e '/proc/sys/kernel';

sub put
{
	my ($path, $text) = @_;
	open my $f, '>', $path or die "$path: $!";
	print $f $text;
	close $f or die "$path: $!";
}

sub one_of { return $_[rand @_] }

sub line
{
	my $key = rand() < 0.6 ? one_of(@keys) : one_of(@patterns);
	my $value = one_of(1 .. 4, '1 2', '');

	# The same key in dots; '/' and '.' change places.
	$key =~ tr!/.!./! if $key =~ m!^[^.]*/! && rand() < 0.5;
	return one_of("# $key=9", " ; $key=9", 'words', '', "-$key", "-$key ") if rand() < 0.25;
	return one_of('', '', '', '-') . $key . one_of('=', ' = ', "\t=  ") . $value . one_of('', ' ');
}

sub file
{
	return join '', map { line() . "\n" } 1 .. rand 6;
}

sub make_files
{
	remove_tree(grep { -e || -l } map { glob "$_/* $_/.h.conf" } @folders);
	make_path(@folders);
	for my $folder (@folders) {
		for my $name (qw(10-a.conf 50-b.conf 90-c.conf 99-zz.conf .h.conf 60-not)) {
			my $path = "$folder/$name";
			my $dice = rand;

			if ($dice < 0.04) {
				symlink '/dev/null', $path or die;
			} elsif ($dice < 0.08) {
				symlink '/nowhere', $path or die;
			} elsif ($dice < 0.10) {
				mkdir $path or die;
			} elsif ($dice < 0.55) {
				put($path, file());
			}
		}
	}
	put('/etc/sysctl.conf', file());
	unlink '/etc/sysctl.conf' if rand() < 0.3;
	symlink '../sysctl.conf', '/etc/sysctl.d/99-sysctl.conf' if rand() < 0.5;
}

# { key => value } after PROGRAM; "-": it set none.
sub after
{
	my %got;

	for my $key (@keys) {
		my ($folder) = "/proc/sys/$key" =~ m!(.*)/!;
		make_path($folder);
		put("/proc/sys/$key", "-\n");
	}
	system("@_ >/dev/null 2>&1");
	for my $key (@keys) {
		open my $f, '<', "/proc/sys/$key" or die "$key: $!";
		chomp($got{$key} = <$f> // '');
	}
	return \%got;
}

sub files
{
	my $text = '';

	for my $path (glob('/etc/sysctl.conf'), map { glob "$_/* $_/.h.conf" } @folders) {
		next unless -e $path || -l $path;
		$text .= "$path" . (-l $path ? ' -> ' . readlink($path) : '') . "\n";
		next unless -f $path;
		open my $f, '<', $path or next;
		$text .= "    $_" while <$f>;
	}
	return $text;
}

# A recording of a kernel without arguments, on the machine itself: what is asked is files.
my $facts = '/etc/facts.json';
sub say_facts
{
	put($facts, '{"schema": "uringprep.facts/1", "scope": {"kind": "host"}, '
		. '"kernel": {"release": "6.1.0"}}');
}

# The report of a run that judges this system's files and no live value.
sub report
{
	my $out = `$up --root / --facts $facts @_ --format json 2>/etc/err`;
	my $report = eval { JSON::PP->new->utf8->decode($out) };

	BAIL_OUT("@_: no report: $out") unless ref $report && !$report->{error};
	return $report;
}

# What explain says of a key after a loader; "-": nobody sets it.
sub explained
{
	my ($key, $after) = @_;
	my $said = report('explain', $key)->{$after};

	return $said->{how} eq 'unset' ? '-' : $said->{value} // "unknown: $said->{why}";
}

# Apply a profile of these values by its plan, without a journal: the plan's own text of our
# file. { key => value } as predicted; "-": the kernel's own.
sub apply
{
	my %values = @_;

	make_path('/etc/uringprep/profiles');
	put('/etc/uringprep/profiles/mine.conf',
		"[sysctl]\n" . join '', map { "$_=$values{$_}\n" } sort keys %values);
	my $plan = report(qw(apply mine --dry-run));
	my ($file) = grep { $_->{target} eq '/etc/sysctl.d/99-uringprep.conf' } @{ $plan->{plan} };
	put($file->{target}, $file->{text});
	return map { $_->{key} =~ tr!.!/!r => $_->{value} // '-' } @{ $plan->{predicted} };
}

my %loaders = (1 => ['systemd-sysctl', $systemd, 246], 2 => ['sysctl --system', $procps, 4]);
my %fields = (1 => 'after_boot', 2 => 'after_system');
my %wrong = (1 => '', 2 => '');
my %set = (1 => 0, 2 => 0);
my %applied = (1 => 0, 2 => 0, won => 0, lost => 0);
srand $seed;
say_facts();
for my $round (1 .. $rounds) {
	make_files();
	my @said = split /\n/, `$ask / @keys`;
	die "round $round: not an answer for each key" if @said != @keys;
	# What explain says of some of the keys.
	my @asked = map { one_of(@keys) } 1 .. 2;
	my %explained = map { my $key = $_; $key => { map { $_ => explained($key, $fields{$_}) } 1, 2 } }
		@asked;
	my $judge = sub {
		my ($n, $key, $answer, $real) = @_;
		return if $answer eq $real;
		$wrong{$n} .= "round $round: $key: \"$answer\", but $loaders{$n}[0] sets \"$real\"\n";
	};
	my @with = grep { at_least(@{ $loaders{$_} }[1, 2]) && !$wrong{$_} } 1, 2;
	for my $n (@with) {
		my $real = after($loaders{$n}[1], $n == 2 ? '--system' : ());

		for (@said) {
			my @answer = split /\t/, $_, -1;
			$set{$n}++ if $real->{$answer[0]} ne '-';
			$judge->($n, $answer[0], $answer[$n], $real->{$answer[0]});
		}
		$judge->($n, "explain $_", $explained{$_}{$n}, $real->{$_}) for @asked;
		$wrong{$n} .= files() if $wrong{$n};
	}
	# The same with our own file, unless somebody has switched it off.
	my %ours = ('vm.swappiness' => 71, 'net.core.somaxconn' => 72, 'kernel.panic' => 73);
	my %predicted = apply(%ours);
	my $key = one_of(keys %predicted);
	my %now = map { $_ => explained($key, $fields{$_}) } 1, 2;
	for my $n (@with) {
		my $real = after($loaders{$n}[1], $n == 2 ? '--system' : ());

		if ($n == 1) {
			for my $key (sort keys %predicted) {
				$judge->($n, "predicted $key", $predicted{$key}, $real->{$key});
				$applied{ $real->{$key} =~ /^7[123]$/ ? 'won' : 'lost' }++;
			}
		}
		$judge->($n, "explain $key, with ours", $now{$n}, $real->{$key});
		$applied{$n}++;
		$wrong{$n} .= files() if $wrong{$n};
	}
}
for my $n (1, 2) {
	my ($name, $program, $min) = @{ $loaders{$n} };
	SKIP: {
		skip "$name is not here in version $min or later (older: other rules)", 3
			unless $program && at_least($program, $min);
		is($wrong{$n}, '', "$name, $rounds sets of files, seed $seed");
		cmp_ok($set{$n}, '>', $rounds, "$name set keys: $set{$n} times");
		is($applied{$n}, $rounds, "$name, with our own file: $applied{$n} sets");
	}
}
SKIP: {
	skip 'systemd-sysctl: too old', 1 unless at_least($systemd, $loaders{1}[2]);
	ok($applied{won} > $rounds / 2 && $applied{lost} > $rounds / 10,
		"our line held $applied{won} times, and $applied{lost} times another's");
}
done_testing;

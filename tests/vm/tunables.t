#!/usr/bin/perl
# The table of tunables against real kernels: each row's least and greatest value are taken and
# read back, what lies just outside is not, unless the row says that kernels take more; a key is
# there from the release on that the row names; what a fresh kernel has is in the row's words.
# And a value that another key holds instead is left alone.
use strict;
use warnings;
use lib 'tests/vm', 'tests/lib';
use File::Temp qw(tempdir);
use Kernel;
use Math::BigInt;
use Test::More;

my $build = $ENV{BUILD} // 'build';
my @names = qw(key fields min max until max_before since more unit default what shown_by);
my @rows;
for (`$build/tests/unit/test_tunables list`) {
	chomp;
	my %row;
	@row{@names} = split /\t/;
	push @rows, \%row;
}
cmp_ok(scalar @rows, '>', 40, scalar(@rows) . ' rows');

# Is release A older than B? "-": there is no B.
sub older
{
	my ($x, $y) = map { [/^(\d+)\.(\d+)/] } @_;

	return @$y && ($x->[0] <=> $y->[0] || $x->[1] <=> $y->[1]) < 0;
}

# As many of the number as the row has, as sysctl_try takes them.
sub value
{
	my ($row, $number) = @_;

	return join ',', ("$number") x $row->{fields};
}

# What to write: (least, greatest, what lies outside...). Below 0 this program writes nothing.
sub values_of
{
	my ($row, $release) = @_;
	my $max = Math::BigInt->new(older($release, $row->{until}) ? $row->{max_before} : $row->{max});
	my $min = Math::BigInt->new($row->{min});

	return map { value($row, $_) } $min, $max, $max + 1, $min > 0 ? $min - 1 : ();
}

# In front of the script: a profile, and what it does to a host where bytes hold and not the
# share of memory.
my $dir = tempdir('uringprep-tunables.XXXXXX', TMPDIR => 1, CLEANUP => 1);

sub put
{
	my ($name, $text) = @_;

	open my $f, '>', "$dir/$name" or die "$dir/$name: $!";
	print $f $text;
	close $f or die "$dir/$name: $!";
	return "$dir/$name";
}

my $profile = put('mine.conf', <<'END');
[sysctl]
vm.dirty_ratio=40
vm.dirty_background_ratio=>5
net.ipv4.tcp_rmem=4096 87380 16777216
net/ipv4/ip_local_port_range=9000 65499
fs.inotify.max_user_instances=8192
kernel.panic_on_oops=1
END
my $script = <<'END';
show() { cd /proc/sys; cat vm/dirty_ratio vm/dirty_bytes vm/dirty_background_ratio net/ipv4/tcp_rmem net/ipv4/ip_local_port_range fs/inotify/max_user_instances kernel/panic_on_oops; cd /; }
say rows sh -c 'sysctl_try </rows'
say before show
echo 67108864 >/proc/sys/vm/dirty_bytes
say refused uringprep apply --yes mine
say bytes cat /proc/sys/vm/dirty_bytes
echo 20 >/proc/sys/vm/dirty_ratio
say check uringprep check --profile mine --only sysctl.profile --fail-on warn
say apply uringprep apply --yes mine
say after show
say check_after uringprep check --profile mine --only sysctl.profile --fail-on warn
say revert uringprep revert
say reverted show
END

my (%takes_more, @kernels);
for my $series (qw(5.10 6.12 7.0)) {
	my $input = put("rows.$series", join '', map {
		my $path = $_->{key} =~ tr!.!/!r;
		join(' ', $path, values_of($_, $series)) . "\n"
	} @rows);
	my $g = run($series, $script,
		{ '/rows' => $input, '/etc/uringprep/profiles/mine.conf' => $profile });
	SKIP: {
		skip "$series: $g->{missing}", 1 if $g->{missing};
		push @kernels, $series;
		judge($series, $g);
		applied($series, $g);
	}
}
# The row says so of some kernel: it must be one of these, else the word is not needed.
SKIP: {
	skip 'not all kernels are there', 1 if @kernels < 3;
	is(join(' ', grep { !$takes_more{$_} } map { $_->{key} } grep { $_->{more} } @rows), '',
		'a kernel takes more than the row where the row says so');
}

sub judge
{
	my ($series, $g) = @_;
	my (%was, %got);

	for (split /\n/, $g->{out}{rows}) {
		my ($path, $value, $how, $then) = split / /;
		if ($value eq 'was' || $value eq 'none') {
			$was{$path} = $value eq 'was' ? $how : undef;
		} else {
			# Some kernels take what they pass over without a word.
			my $is = $how eq 'refused' || $then ne $value && $then eq $was{$path}
				? 'refused' : $then eq $value ? 'taken' : "$how $then";
			$got{$path}{$value} = $is if $how ne 'stays' && ($got{$path}{$value} // '') !~ /^stays/;
			$got{$path}{$value} = "stays: error $then" if $how eq 'stays';
		}
	}
	for my $row (@rows) {
		my $path = $row->{key} =~ tr!.!/!r;
		my $name = "$series: $row->{key}";
		if (older($series, $row->{since})) {
			ok(exists $was{$path} && !defined $was{$path}, "$name: comes with $row->{since}");
			next;
		}
		my ($min, $max, @outside) = values_of($row, $series);
		is($got{$path}{$min}, 'taken', "$name: the least, $min");
		is($got{$path}{$max}, 'taken', "$name: the greatest, $max");
		if ($row->{more}) {
			$takes_more{ $row->{key} } ||= grep { ($got{$path}{$_} // '') eq 'taken' } @outside;
		} else {
			is($got{$path}{$_}, 'refused', "$name: not $_") for @outside;
		}
		next if $row->{default} =~ /memory|built/;
		my $default = ($was{$path} // '') =~ tr/,/ /r;
		like($row->{default}, qr/(?<![\d-])\Q$default\E(?!\d)/, "$name: $default is in its words");
	}
}

sub applied
{
	my ($series, $g) = @_;
	my $out = $g->{out};
	my @have = split /\n/, $out->{after} =~ tr/\t/ /r;

	is($g->{code}{refused}, 1, "$series: vm.dirty_bytes holds: not applied")
		or diag($out->{refused});
	like($out->{refused}, qr/vm\.dirty_ratio: vm\.dirty_bytes is 67108864/, "$series: and said so");
	is($out->{bytes}, "67108864\n", "$series: and left");
	is($g->{code}{check}, 1, "$series: check says that the profile is not met");
	like($out->{check}, qr/vm\.dirty_ratio is 20/, "$series: and what is") or diag($out->{check});
	is($g->{code}{apply}, 0, "$series: applied") or diag($out->{apply});
	is("@have", '40 0 10 4096 87380 16777216 9000 65499 8192 1', "$series: as the profile wants");
	is($g->{code}{check_after}, 0, "$series: check says so") or diag($out->{check_after});
	is($g->{code}{revert}, 0, "$series: reverted") or diag($out->{revert});
	is($out->{reverted}, $out->{before}, "$series: as before");
}
done_testing;

#!/usr/bin/perl
# profile import on every profile that Debian's tuned ships, beside tuned's own modules:
# every line has one row, what is taken loads, and has the value that tuned would set. The
# package is unpacked, not installed: its service would set this machine's sysctls.
use strict;
use warnings;
use lib 'tests/vm', 'tests/lib';
use File::Path qw(make_path);
use JSON::PP;
use Kernel;
use Scratch;
use Test::More;

my ($folder, $version) = unpacked('tuned');
plan skip_all => $version unless $folder;
my $tree = fresh('tests/roots/debian12');
make_path("$tree/etc/uringprep/profiles");
my ($n_lines, $n_taken, $n_sysctls, %why);

# What the profile that came out sets.
sub settings
{
	my %sets;

	for (@_) {
		my ($key, $value) = /^([^#\s=]+\.[^\s=]+)=(.*)$/ or next;
		$sets{$key} = $value =~ s/\s+/ /gr;
	}
	return \%sets;
}

# Section, key and value of each row of a file; of a key that stands there twice, the last,
# for Python's parser keeps that alone.
sub options
{
	my %last = map { ("$_->[0]|$_->[1]" => $_->[2] =~ s/\s+/ /gr) } @_;
	return \%last;
}

# One profile of the tree FROM; WANT: what tuned makes of it.
sub compare
{
	my ($from, $name, $want) = @_;
	my $r = run_up('--root', $from, 'profile', 'import', 'tuned', $name, '--format', 'json');
	my $got = eval { JSON::PP->new->utf8->decode($r->{out}) } // {};
	my %files = map { $_->{path} => [grep { defined $_->{key} } @{ $_->{lines} }] }
		@{ $got->{files} // [] };
	my @rows = map { @$_ } values %files;

	is($r->{code}, 0, "$name: exit code") or diag($r->{err});
	is_deeply([sort keys %files], [sort keys %{ $want->{files} }], "$name: the files");
	for my $path (sort keys %files) {
		my @have = map { [@$_{qw(section key value)}] } @{ $files{$path} };
		is_deeply(options(@have), options(@{ $want->{files}{$path} // [] }),
			"$name: a row for each line of $path");
	}
	is(scalar @{ $got->{unfollowed} // [] }, scalar @{ $want->{left} },
		"$name: includes that are left");

	my $ours = settings(@{ $got->{text} // [] });
	my %theirs = map { $_ => $want->{sets}{$_} =~ s/\s+/ /gr } keys %{ $want->{sets} };
	is_deeply($ours, { map { $_ => $theirs{$_} } keys %$ours }, "$name: values");
	is(scalar keys %$ours, $got->{taken}, "$name: as many as it says");
	# What tuned sets and is not taken, for a reason that is not tuned's.
	my @left = grep { !exists $ours->{$_} } sort keys %theirs;
	my $why = qr/^(no key of this tool|removed from sysctl|value |security: |holds a |. before several)/;
	my @unexplained = grep {
		my $key = $_;
		!grep { $_->{key} =~ tr{/}{.}r eq $key && ($_->{why} // '') =~ $why } @rows;
	} @left;
	is("@unexplained", '', "$name: a reason for each sysctl that is left");

	open my $f, '>', "$tree/etc/uringprep/profiles/one.conf" or die;
	print $f map { "$_\n" } @{ $got->{text} // [] };
	close $f;
	my $plan = run_up('--root', $tree, 'apply', 'one', '--dry-run');
	is($plan->{code}, 0, "$name: what came out can be planned") or diag($plan->{err});
	$n_lines += @rows;
	$n_taken += keys %$ours;
	$n_sysctls += keys %theirs;
	$why{ $_->{why} =~ s/:.*//r }++ for grep { !$_->{taken} } @rows;
}
# Every profile of a tree.
sub compare_all
{
	my ($from, $title) = @_;
	my $oracle = `python3 tests/vm/tuned_oracle.py '$folder' '$from'`;

	BAIL_OUT('tests/vm/tuned_oracle.py failed') if $?;
	my %tuned = %{ JSON::PP->new->utf8->decode($oracle) };
	($n_lines, $n_taken, $n_sysctls, %why) = (0, 0, 0);
	for my $name (sort keys %tuned) {
		subtest $name => sub { compare($from, $name, $tuned{$name}) };
	}
	cmp_ok($n_taken, '>', 0, 'something is taken');
	diag("$title: ", scalar keys %tuned, " profiles, $n_lines lines, $n_sysctls sysctls "
		. "that tuned would set, $n_taken taken");
	note(sprintf '%5d  %s', $why{$_}, $_)
		for sort { $why{$b} <=> $why{$a} || $a cmp $b } keys %why;
}

compare_all($folder, "tuned $version");

# Made-up ones, of all that merging knows.
my $seed = srand($ENV{SEED} // time);
my $made = fresh('tests/roots/broken');

sub one_of
{
	return $_[rand @_];
}

sub made_up
{
	my ($nr) = @_;
	my @lines = ('[main]', 'summary=made up');
	my @keys = qw(vm.swappiness net.core.somaxconn fs.aio-max-nr fs/aio-max-nr fs.file-max kernel.panic);

	push @lines, 'include=' . join one_of(',', ' ; '),
		map { one_of('', '-') . 'p' . int rand($nr < 20 ? $nr : 20) } 1 .. 1 + rand 2 if $nr;
	for (1 .. 1 + rand 4) {
		my %seen;
		push @lines, '[' . one_of('sysctl', 'sysctl', 'other', 'variables', 'vm') . ']';
		for (1 .. rand 6) {
			my ($key, $value) = @{ one_of(
				(map { [$_, one_of('', '>', '"') . int rand 100] } @keys),
				[one_of(@keys), '${v' . int(rand 3) . '}'], ['v' . int(rand 3), int rand 100],
				['v1', '${v0}1'], ['type', one_of('sysctl', 'vm')],
				['enabled', one_of(0, 1, 'true')], ['replace', one_of(0, 1, 'True')],
				['drop', one_of(@keys) . ',' . one_of(@keys)],
				['priority', int rand 3], ['uname_regex', 'x'])};
			next if $seen{$key}++;
			$value .= '"' if $value =~ /^"/;
			push @lines, one_of('', '# no', '; no'), "$key=$value" . one_of('', '', ' # c', "\t");
		}
	}
	return map { "$_\n" } @lines;
}

for my $nr (0 .. 199) {
	make_path("$made/usr/lib/tuned/p$nr");
	open my $f, '>', "$made/usr/lib/tuned/p$nr/tuned.conf" or die;
	print $f made_up($nr);
	close $f;
}
compare_all($made, "made up, SEED=$seed");
done_testing;

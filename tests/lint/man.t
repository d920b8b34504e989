#!/usr/bin/perl
# The manual is complete and well formed: every command, every long option of every command
# in uringprep.8, every check in uringprep-checks.7. And what else has a row has its test.
use strict;
use warnings;
use lib 'tests/lib';
use Scratch;
use Test::More;

# The commands: the names in the rows of cmd.h's list.
my ($list) = slurp('cmd/cmd.h') =~ /#define COMMANDS\(X\)(.*?)\n\n/s;
my %name_of = map { slurp($_) =~ /const struct command cmd_(\w+) = \{\s*\.name = "([^"]+)"/g }
	glob 'cmd/*.c';
my @commands = map { $name_of{$_} // BAIL_OUT("$_: no row") } $list =~ /X\((\w+)\)/g;
cmp_ok(scalar @commands, '>', 5, scalar(@commands) . ' commands');

# A page as it is read, on lines that are not broken.
sub page
{
	my ($file) = @_;

	return '' unless -e $file;
	local $ENV{MANWIDTH} = 2000;
	return `man -E ascii --no-hyphenation --no-justification -l $file 2>/dev/null | col -bx`;
}

my $manual = page('man/uringprep.8');
my $checks = page('man/uringprep-checks.7');
isnt($manual, '', 'man/uringprep.8 is there');
isnt($checks, '', 'man/uringprep-checks.7 is there');

my $help = run_up('--help');
is($help->{code}, 0, '--help');
for my $command (@commands) {
	like($help->{out}, qr/^\s+\Q$command\E\b/m, "--help lists $command");
	like($manual, qr/\b\Q$command\E\b/, "uringprep.8: $command");
	my ($file) = map { m!([^/]+)\.bats$! } "tests/cli/" . $command =~ tr/ -/__/r . '.bats';
	my ($room) = split ' ', $command;
	ok(-e "tests/cli/$file.bats" || -e "tests/cli/$room.bats", "$command has a bats file");
	my $r = run_up(split(' ', $command), '--help');
	is($r->{code}, 0, "$command --help");
	my %options = map { $_ => 1 } $r->{out} =~ /(?<![\w-])(--[a-z][a-z0-9-]+)/g;
	my @missing = grep { $manual !~ /(?<![\w-])\Q$_\E(?![\w-])/ } sort keys %options;
	is("@missing", '', "uringprep.8: the options of $command");
}
my @ids = check_ids();
cmp_ok(scalar @ids, '>=', 10, 'check --list names the checks');
is(join(' ', grep { $checks !~ /^\s*\Q$_\E\b/m } @ids), '', 'uringprep-checks.7: every check');
# What `check --explain` says is the manual, whole; and the manual says what the rows do.
my $rows = report_of(run_up(qw(check --explain * --format json))) // {};
is(scalar @{ $rows->{checks} // [] }, scalar @ids, 'check --explain knows every check');
my (@other, @untold, @unmended);
for my $check (@{ $rows->{checks} // [] }) {
	my ($section) = $checks =~ /^\s*\Q$check->{id}\E\n(.*?)(?=^ {0,3}\S)/ms;
	my $about = join ' ', @{ $check->{about} };
	my $kind = $check->{required} ? 'Required' : 'Wanted';

	push @other, $check->{id} if ($section // '') =~ s/\s+//gr ne $about =~ s/\s+//gr;
	push @untold, "$check->{id} (it is $kind)" if $about !~ /^$kind\b/;
	push @unmended, $check->{id} if $about !~ /\bTo mend\b/;
}
is("@other", '', 'check --explain is what the manual says');
is("@untold", '', 'the manual says whether a check is required');
is("@unmended", '', 'the manual says what mends it');
# The keys of profiles: in the page what is in the table, and nothing else.
my @names = qw(key fields min max until max_before since more unit default what shown_by);
my $build = $ENV{BUILD} // 'build';
my (%told, %rows);
my ($keys) = page('man/uringprep-profile.5') =~ /^ *Keys:.*?\n(.*?)^\S/ms;
while (($keys // '') =~ /^ *([a-z]+\.\S+)\n(.*?)(?=^\s*$|\z)/gms) {
	$told{$1} = join ' ', split ' ', $2;
}
for (`$build/tests/unit/test_tunables list`) {
	chomp;
	my %row;
	@row{@names} = split /\t/;
	my $text = ucfirst "$row{what}. ";
	$text .= "$row{fields} numbers, " if $row{fields} > 1;
	$text .= "$row{min} to $row{max}";
	$text .= " (to $row{max_before} before $row{until})" if $row{until} ne '-';
	$text .= " $row{unit}" if $row{unit} ne '';
	$text .= "; default $row{default}.";
	$text .= " Since $row{since}." if $row{since} ne '-';
	$text .= " Shown by $row{shown_by}." if $row{shown_by} ne '-';
	$rows{ $row{key} } = $text;
}
cmp_ok(scalar keys %rows, '>', 40, scalar(keys %rows) . ' tunables');
is($told{$_} // 'nothing', $rows{$_}, "uringprep-profile.5: $_") for sort keys %rows;
is(join(' ', grep { !$rows{$_} } sort keys %told), '', 'uringprep-profile.5: no other key');
for my $profile (map { m!([^/]+)\.conf$! } glob 'profiles/*.conf') {
	like($manual, qr/\b\Q$profile\E\b/, "uringprep.8: the profile $profile");
}
for my $file (sort glob 'man/*.[0-9]') {
	my $said = `LC_ALL=C.UTF-8 MANROFFSEQ= man --warnings -E UTF-8 -l -Tutf8 -Z $file 2>&1 >/dev/null`;
	is($said, '', "$file: no warnings");
}
done_testing;

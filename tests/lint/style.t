#!/usr/bin/perl
# The formatter's style, the size of files and functions, and what gcc 4.8 cannot read.
use strict;
use warnings;
use Test::More;

my @files = sort(glob('lib/*/*.[ch]'), glob('cmd/*.[ch]'), glob('tests/*/*.[ch]'));
cmp_ok(scalar @files, '>', 10, 'there are sources');

# Longer than the limits, for a reason: "file reason" and "file:function reason".
my %long;
open my $in, '<', 'tests/lint/long.txt' or BAIL_OUT("tests/lint/long.txt: $!");
while (<$in>) {
	next if /^(#|$)/;
	/^(\S+)\s+\S+\s+\S/ or BAIL_OUT("tests/lint/long.txt:$.: no reason");
	$long{$1} = 0;
}

my %new = (
	'_Generic' => qr/\b_Generic\b/,
	'stdatomic.h' => qr/<stdatomic\.h>/,
	'__builtin_*_overflow' => qr/__builtin_\w+_overflow\b/,
	'__has_include' => qr/\b__has_(include|attribute|builtin)\b/,
	'fallthrough' => qr/__attribute__\s*\(\(\s*fallthrough/,
	'__auto_type' => qr/\b__auto_type\b/,
	'_Thread_local' => qr/\b_Thread_local\b/,
	'linux/io_uring.h' => qr!<(linux/io_uring|liburing)\.h>!,
);
my (@big, @bulky, @unreadable, @blank);
sub limit
{
	my ($list, $name, $lines, $max) = @_;
	return if $lines <= $max;
	if (exists $long{$name}) { $long{$name} = 1; return; }
	push @$list, "$name: $lines lines";
}
for my $file (@files) {
	open my $c, '<', $file or BAIL_OUT("$file: $!");
	my ($start, $name, $head) = (0, '', '');
	while (<$c>) {
		push @blank, "$file:$." if /[ \t]+$/ && !/\\$/;
		for my $what (keys %new) {
			# An oracle that is liburing's.
			next if $file eq 'tests/bin/liburing_probe.c';
			push @unreadable, "$file:$.: $what" if $_ =~ $new{$what};
		}
		$start = $. if /^\{$/;
		$head = $1 if /^\w.*?(\w+)\(/;
		if (/^\}/ && $start) {
			limit(\@bulky, "$file:$head", $. - $start - 1, 60);
			$start = 0;
		}
	}
	limit(\@big, $file, $., 600);
}
is(join("\n", @big), '', 'no file over 600 lines');
is(join("\n", @bulky), '', 'no function over 60 lines');
is(join("\n", @unreadable), '', 'nothing that gcc 4.8 or EL7 lacks');
is(join("\n", @blank), '', 'no blanks at the end of a line');
is(join(' ', grep { !$long{$_} } sort keys %long), '', 'long.txt names nothing in vain');

SKIP: {
	my $version = `clang-format --version 2>/dev/null` // '';
	skip 'clang-format 14 is not here (other versions differ)', 1
		unless $version =~ /version 14\./;
	my $said = `clang-format --dry-run @files 2>&1`;
	my @lines = grep { /warning:/ } split /\n/, $said;
	is(join("\n", @lines), '', 'formatted as .clang-format says');
}
done_testing;

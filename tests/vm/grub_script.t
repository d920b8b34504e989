#!/usr/bin/perl
# The real GRUB is the oracle: what its scripts come to, and which entry a default means,
# is what we say it is. One machine runs all cases and writes each result to its serial
# line; ours come from `boot list` on a tree with the same lines.
use strict;
use warnings;
use lib 'tests/lib', 'tests/vm';
use File::Path qw(make_path);
use File::Temp qw(tempdir);
use Machine;
use Scratch;
use Test::More;

my $dir = tempdir('uringprep-vm.XXXXXX', TMPDIR => 1, CLEANUP => 1);
my $uuid = '6f1b8c52-0d5e-4c11-9f0a-2f7f3a1f9d11';

sub put
{
	my ($path, $text) = @_;

	open my $f, '>', $path or die "$path: $!";
	print $f $text;
	close $f or die "$path: $!";
}

# Runs GRUB on the folder's files: its lines "case N: RESULT", by N.
sub grub
{
	my ($top) = @_;
	my $said = boot(disk($dir, $top, '/boot/grub', $uuid)) =~ s/\r|\e\[[\d;]*[A-Za-z]//gr;
	my %result = $said =~ /^case (\d+): (.*)$/mg;

	diag($said) unless %result;
	return \%result;
}

# What `boot list` makes of a grub.cfg.
sub ours
{
	my ($cfg) = @_;

	make_path("$dir/tree/boot/grub");
	put("$dir/tree/boot/grub/grub.cfg", $cfg);
	put("$dir/tree/boot/grub/empty", '');
	put("$dir/tree/boot/grub/full", "x\n");
	put("$dir/tree/boot/grub/more.cfg", "set r=sourced\n");
	my $r = run_up('--root', "$dir/tree", qw(boot list --format json));
	return $r->{code} == 0 ? report_of($r) : undef;
}

my $head = "serial --unit=0 --speed=115200\nterminal_output serial\nset timeout=0\n";

# Each sets r.
my @scripts = split /\n---\n/, <<'END';
set r='a b'
---
set r="a 'b' \"c\" \\ \$x \x"
---
set r=a\ b\'c\"d
---
set x=1; set r="$x${x}2$y-"
---
set r=a#b # comment
---
set r=a\
b
---
r=plain
---
set x='1 2'; set r="$x"
---
set x='r=1 r=2'; set $x
---
set r='$x > | ; {'
---
if true; then set r=1; else set r=2; fi
---
if false; then set r=1; elif true; then set r=2; else set r=3; fi
---
if ! true; then set r=1; else set r=2; fi
---
if true; false; then set r=1; else set r=2; fi
---
set r=n; if [ a = a ]; then set r=y; fi
---
set r=n; if [ a == a ]; then set r=y; fi
---
set r=n; if [ a != a ]; then set r=y; fi
---
set r=n; if [ a = a; then set r=y; fi
---
set r=n; if [ ]; then set r=y; fi
---
set r=n; if [ x ]; then set r=y; fi
---
set r=n; if [ "" ]; then set r=y; fi
---
set r=n; if [ $nothing ]; then set r=y; fi
---
set r=n; if [ "$nothing" = "" ]; then set r=y; fi
---
set r=n; if [ $nothing = "" ]; then set r=y; fi
---
set r=n; if [ -n "$nothing" ]; then set r=y; fi
---
set r=n; if [ -z "$nothing" ]; then set r=y; fi
---
set r=n; if [ -z $nothing ]; then set r=y; fi
---
set r=n; if [ 10 -gt 9 ]; then set r=y; fi
---
set r=n; if [ -3 -lt 2 ]; then set r=y; fi
---
set r=n; if [ 3 -ne 3 ]; then set r=y; fi
---
set r=n; if [ a -a "" ]; then set r=y; fi
---
set r=n; if [ "" -o a ]; then set r=y; fi
---
set r=n; if [ a = b -o c = c ]; then set r=y; fi
---
set r=n; if [ a = b -o c = c -a d = e ]; then set r=y; fi
---
set r=n; if [ c = c -a d = e -o f = f ]; then set r=y; fi
---
set r=n; if [ ! a = b ]; then set r=y; fi
---
set r=n; if [ ! a = a -o b = b ]; then set r=y; fi
---
set r=n; if [ '(' a = b -o c = c ')' -a d = e ]; then set r=y; fi
---
set r=n; if [ ( a = b -o c = c ) -a d = d ]; then set r=y; fi
---
set r=n; if [ ! ( a = a ) ]; then set r=y; fi
---
set r=n; if [ a '<' b ]; then set r=y; fi
---
set r=n; if [ b '>=' c ]; then set r=y; fi
---
set r=n; if test -f $prefix/full; then set r=y; fi
---
set r=n; if [ -s $prefix/empty ]; then set r=y; fi
---
set r=n; if [ -s $prefix/full ]; then set r=y; fi
---
set r=n; if [ -e $prefix/empty ]; then set r=y; fi
---
set r=n; if [ -d $prefix ]; then set r=y; fi
---
set r=n; if [ -f $prefix ]; then set r=y; fi
---
set r=n; if [ -f $prefix/nosuch ]; then set r=y; fi
---
set r=n; if [ -z "$a" -a -f $prefix/full ]; then set r=y; fi
---
source $prefix/more.cfg
---
set r=n; if source $prefix/more.cfg; then set r="$r+"; fi
---
source $prefix/nosuch.cfg; set r=after
---
for i in a 'b c' d; do set r="$r-$i"; done
---
for i in $nothing; do set r=1; done
---
while [ "$r" != xxx ]; do set r="x$r"; done
---
until [ "$r" = xx ]; do set r="x$r"; done
---
for i in 1 2 3; do if [ $i = 2 ]; then break; fi; set r="$r$i"; done
---
for i in 1 2 3; do if [ $i = 2 ]; then continue; fi; set r="$r$i"; done
---
function f1 { set r="$1|$2|$#|$3"; }
f1 a 'b c'
---
function f5 { f1 "$@"; }
f5 a 'b c'
---
function f6 { f1 "$*"; }
f6 a 'b c'
---
function f7 { f1 $@; }
f7 a 'b c'
---
function f8 { f1 $*; }
f8 a 'b c'
---
function f9 { f1 "x$@y"; }
f9 a 'b c'
---
function f10 { f1 "$@"; }
f10
---
set r=n; if test; then set r=y; fi
---
set r=n; if [ "$nothing" ]; then set r=y; fi
---
set r=n; if [ -f ]; then set r=y; fi
---
set r=n; if [ a b ]; then set r=y; fi
---
set r=n; if [ "" b ]; then set r=y; fi
---
set r=n; if [ ')' ]; then set r=y; fi
---
function f2 { set r=1; return; set r=2; }
f2
---
function f3 { return 1; }
if f3; then set r=y; else set r=n; fi
---
function f4 { set x=$1; }
f4 q; set r="$x$1"
---
true; set r="$?"
---
false; set r="$?"
---
set r=1; unset r
---
eval "set r='x y'"
---
set a=b; set r=${a}c$a
---
set a.b=1; set r=x
---
set r=1 2
---
set r=1=2
---
set x="set r=v"; $x
---
set r="{}"; if [ "$r" = '{}' ]; then set r=yes; fi
END
chomp $scripts[-1];

my ($f1) = grep { /^function f1/ } @scripts;
$f1 =~ s/\n.*//s;
make_path("$dir/scripts/boot/grub");
my $all = $head;
for my $i (0 .. $#scripts) {
	# Variables do not outlive their case.
	$all .= "unset r; unset x; unset a; unset i\n$scripts[$i]\necho \"case $i: [\$r]\"\n";
}
put("$dir/scripts/boot/grub/grub.cfg", $all . "halt\n");
put("$dir/scripts/boot/grub/empty", '');
put("$dir/scripts/boot/grub/full", "x\n");
put("$dir/scripts/boot/grub/more.cfg", "set r=sourced\n");
my $theirs = grub("$dir/scripts");
for my $i (0 .. $#scripts) {
	my $report = ours("$f1\n$scripts[$i]\nmenuentry \"[\$r]\" { linux /v; }\n");
	is($report ? $report->{entries}[0]{title} : 'not understood', $theirs->{$i},
		$scripts[$i] =~ s/\n/\\n/gr);
}

# Menus: each names the entry that was chosen and goes on to the next one's.
my @defaults = ('0', '1', '2', '3', '9', 'a', 'Alpha', 'b', 'A>>B', 'A>B', 'sub', 'sub>s1',
	'sub>S Two', 'sub>1', 'sub>9', 'sub>zzz', 'Sub Menu>s2', '2>1', '2>0', '2digit', '3x',
	'0x2', '0X1', '010', '08', ' 1', '1 ', '1a>1', '', 'sub>in>deep', 'sub>in', '2>2>1',
	'sub>2>d2', 'dup', 'Dup', '>', 'a>', 'a>>', '>>', 'sub>>s1', 'sub>', '-1', '+1',
	'99999999999999999999', 'alpha', "it's \"q\" \$x", 's1', 'zzz>s2', '2>1>x', '3>1',
	'dup>1', 'empty', 'Sub Menu');

sub menu
{
	my ($default, $case, $next) = @_;
	my $quoted = $default =~ s/([\$"\\])/\\$1/gr;
	my $entry = sub {
		my ($title, $id) = @_;
		$title =~ s/'/'\\''/g;
		return "menuentry '$title' --id $id { echo \"case $case: $id\"; $next; }\n";
	};

	return "set timeout=0\nset default=\"$quoted\"\n" . $entry->('Alpha', 'a')
		. $entry->('A>B', 'b') . "submenu 'Sub Menu' --id sub {\nset timeout=0\n"
		. $entry->('S One', 's1') . $entry->('S Two', 's2')
		. "submenu Inner --id in {\nset timeout=0\n" . $entry->('Deep', 'deep')
		. $entry->('Deeper', 'd2') . "}\n}\n" . $entry->('Dup', 'dup1')
		. $entry->('Dup', 'dup') . $entry->('it\'s "q" $x', 'odd')
		. $entry->('2digit', 'twodigit');
}

# Not all in one run: each menu is one inside the last, and GRUB's memory ends.
$theirs = {};
for (my $from = 0; $from < @defaults; $from += 18) {
	my $to = $from + 17 < $#defaults ? $from + 17 : $#defaults;
	drop("$dir/menus");
	make_path("$dir/menus/boot/grub");
	for my $i ($from .. $to) {
		my $next = $i == $to ? 'halt' : 'configfile $prefix/' . ($i + 1) . '.cfg';
		put("$dir/menus/boot/grub/$i.cfg", menu($defaults[$i], $i, $next));
	}
	put("$dir/menus/boot/grub/grub.cfg", $head . "configfile \$prefix/$from.cfg\n");
	$theirs = { %$theirs, %{ grub("$dir/menus") } };
}
my %id = ('Alpha' => 'a', 'A>B' => 'b', 'S One' => 's1', 'S Two' => 's2', 'Deep' => 'deep',
	'Deeper' => 'd2', "it's \"q\" \$x" => 'odd', '2digit' => 'twodigit');
for my $i (0 .. $#defaults) {
	my $report = ours(menu($defaults[$i], $i, 'linux /v'));
	my ($e) = grep { $_->{default} } @{ $report->{entries} // [] };
	my $is = !$e ? 'none' : $e->{title} eq 'Dup' ? ($e->{index} == 6 ? 'dup1' : 'dup')
		: $id{$e->{title}};
	is($is, $theirs->{$i}, "default \"$defaults[$i]\"");
}

# Syntax: what we take GRUB takes, and what we refuse it refuses.
my @syntax = split /\n---\n/, <<'END';
true
---
if true; then true; fi
---
if true; then
fi
---
if true then true; fi
---
if true; fi
---
menuentry a { true; }
---
menuentry a { true }
---
menuentry a { menuentry b { true } }
---
function f { true }
---
menuentry a {
}
---
menuentry a {
true
} b
---
function f { true; }
true
---
if true; then function f { true; }; fi
---
for x in a b; do true; done
---
for x in; do true; done
---
for x a; do true; done
---
while true; do break; done
---
until false; do break; done
---
true;; true
---
true; ; true
---
; true
---
true ;
---
true && true
---
true | true
---
true & true
---
true > a
---
! true
---
case x in
---
time true
---
[[ a ]]
---
echo a[[ ]]b
---
echo if then fi done
---
fi
---
}
---
{ true; }
---
echo $
---
echo "$"
---
echo ${a
---
echo ${a}b$1$?$#$@$*
---
echo 'a
---
echo "a
---
echo a\
b
---
echo 'a
b' "c
d"
---
echo a{b
---
submenu a { menuentry b { if true; then true; elif true; then true; else true; fi; }; }
END
chomp $syntax[-1];
for my $script (@syntax) {
	put("$dir/s.cfg", "true\n$script\n");
	my $takes = system("grub-script-check $dir/s.cfg >/dev/null 2>&1") == 0;
	put("$dir/tree/boot/grub/grub.cfg", "true\n$script\nmenuentry z { linux /v; }\n");
	my $r = run_up('--root', "$dir/tree", qw(boot list --format json));
	my $said = $r->{code} == 0 ? report_of($r)->{unknown} : $r->{err};
	# Understood, though perhaps not what it does: "PATH:LINE: " without a column.
	my $refused = ($said // '') =~ m!/grub\.cfg:\d+:\d+: !;
	is($refused ? 'refused' : 'taken', $takes ? 'taken' : 'refused',
		'syntax: ' . $script =~ s/\n/\\n/gr) or diag($said // '');
}

# What we write, and the fixtures.
my $root = fresh('tests/roots/debian12');
is(run_up('--root', $root, qw(boot default 3))->{code}, 0, 'boot default on debian12');
for my $file ("$root/boot/grub/custom.cfg", glob('tests/roots/*/boot/grub*/grub.cfg'),
	glob('tests/roots/*/boot/efi/EFI/*/grub.cfg')) {
	is(system('grub-script-check', $file), 0, 'GRUB takes ' . $file =~ s/^\Q$root\E//r);
}
drop($root);
done_testing;

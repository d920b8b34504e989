#!/usr/bin/perl
# tuned as the oracle of its own words: profiles put together at random are either refused,
# or come to the values that tuned takes from them. tuned reads a profile by Python's
# configparser (tuned/profiles/loader.py, utils/config_parser.py of tuned 2.20: delimiters
# '=', inline comments '#', not strict, keys as they are), takes double quotes off a whole
# value (utils/commands.py: unquote) and then looks at > and < (plugins/base.py).
use strict;
use warnings;
use lib 'tests/lib';
use JSON::PP;
use Scratch;
use Test::More;

my $seed = $ENV{ORACLE_SEED} // time ^ $$;
my $cases = $ENV{ORACLE_CASES} // 300;
srand $seed;
diag("ORACLE_SEED=$seed");

my $reader = <<'END';
import configparser, json, re, sys

def read(path):
    c = configparser.ConfigParser(delimiters=('='), inline_comment_prefixes=('#'), strict=False)
    c.optionxform = str
    try:
        with open(path) as f:
            c.read_file(f, path)
    except configparser.Error:
        return None
    out = {}
    for section in c.sections():
        out[section] = {k: re.sub('^"(.*)"$', r'\1', c.get(section, k, raw=True))
                        for k in c.options(section)}
    return out

print(json.dumps([read(p) for p in sys.argv[1:]]))
END

my @keys = qw(vm.swappiness net.core.somaxconn fs.aio-max-nr kernel.panic vm/swappiness);
my @values = ('1', '17', '"12"', '>12', '<9', '">40"', '> 8', "'3'", '0', '007', '"5', '', '${x}');
my @tails = ('', '', '', '', ' # why', ' ; why', '#x', "\t#x", ' ', '" # "', "\r");
my @heads = ('', '', '', '', '', ' ', "\t", '  ');
my @lines = (
	sub { "[sysctl]" }, sub { '[main]' }, sub { '# comment' }, sub { '; comment' },
	sub { '  # comment' }, sub { '' }, sub { '' }, sub { '[ sysctl ]' }, sub { '[sysctl] # x' },
	sub { 'nonsense' }, sub { '[sysctl' }, sub { "summary=$values[rand @values]" }, sub { '=1' },
);

sub line
{
	return $lines[rand @lines]->() if rand(4) < 1;
	my $around = ('=', '=', ' = ', "\t=")[rand 4];
	return $keys[rand @keys] . $around . $values[rand 5];
}

sub text
{
	my @all = ('[sysctl]');
	for (1 .. 1 + rand 5) {
		my $line = rand(6) < 1 ? $keys[rand @keys] . '=' . $values[rand @values] : line();
		$line = $heads[rand @heads] . $line if rand(4) < 1;
		$line .= $tails[rand @tails] if rand(3) < 1;
		push @all, $line;
	}
	return join("\n", @all) . "\n";
}

# [sysctl] as tuned has it, in our words: a key with dots, a rule, a number.
sub tuned_says
{
	my ($sections) = @_;
	my %out;

	for my $key (keys %{ $sections->{sysctl} // {} }) {
		my $value = $sections->{sysctl}{$key};
		my $rule = 'exact';
		if ($value =~ s/^([<>])\s*(?=.)//s) { $rule = $1 eq '>' ? 'raise' : 'lower'; }
		push @{ $out{ $key =~ tr!/!.!r } }, "$rule $value";
	}
	return \%out;
}

my $root = fresh('tests/lint/allowed');
my $folder = "$root/etc/uringprep/profiles";
system('mkdir', '-p', $folder) == 0 or BAIL_OUT($folder);
my (@paths, @texts);
for my $i (0 .. $cases - 1) {
	push @texts, text();
	push @paths, "$folder/p$i.conf";
	open my $out, '>:raw', $paths[-1] or BAIL_OUT("$paths[-1]: $!");
	print $out $texts[-1];
	close $out;
}
open my $py, '>', "$root/reader.py" or BAIL_OUT('reader.py');
print $py $reader;
close $py;
my $json = `python3 $root/reader.py @paths`;
my $tuned = eval { decode_json($json) } or BAIL_OUT("python3 did not answer: $@");
my ($same, $refused) = (0, 0);
for my $i (0 .. $cases - 1) {
	my $r = run_up('--root', $root, qw(profile show), "p$i", qw(--format json));
	my $ours = report_of($r);

	if ($r->{code}) {
		$refused++;
		next if $r->{err} =~ m!p$i\.conf:\d+:\d+: !;
		fail("refused without a place: $r->{err}");
		next;
	}
	my $theirs = tuned_says($tuned->[$i] // {});
	my $wrong = '';
	$wrong = 'tuned refuses it' unless defined $tuned->[$i];
	my %have = map { $_->{key} => "$_->{rule} $_->{value}[0]" } @{ $ours->{settings} };
	$wrong ||= "other keys: @{[sort keys %have]}, and @{[sort keys %$theirs]}"
		if join(' ', sort keys %have) ne join(' ', sort keys %$theirs);
	for my $key (keys %have) {
		# Written both ways, a key is two of tuned's: which of them wins is its order.
		my @may = @{ $theirs->{$key} // [] };
		$wrong ||= "$key: $have{$key}, and @may" unless grep { $_ eq $have{$key} } @may;
	}
	$same++ unless $wrong;
	fail("$wrong: " . encode_json([$texts[$i]])) if $wrong;
}
drop($root);
diag("$same as tuned takes them, $refused refused");
cmp_ok($same, '>=', $cases / 5, 'many were taken, each as tuned takes it');
cmp_ok($refused, '>=', $cases / 10, 'many were refused, each with a place');
done_testing;

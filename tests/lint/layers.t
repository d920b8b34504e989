#!/usr/bin/perl
# A folder of lib/ includes only itself and folders on lower lines of lib/LAYERS; some
# headers have few readers; json-c stays where it belongs.
use strict;
use warnings;
use Test::More;

my (%level, %readers, @bad);
open my $in, '<', 'lib/LAYERS' or BAIL_OUT("lib/LAYERS: $!");
while (<$in>) {
	next if /^\s*(#|$)/;
	if (/^(\S+):\s*(.*?)\s*$/) {
		$readers{$1} = { map { $_ => 1 } split ' ', $2 };
	} elsif (/^(\S+)\s*$/) {
		$level{$1} = keys %level;
	} else {
		push @bad, "lib/LAYERS: cannot read: $_";
	}
}
is("@bad", '', 'lib/LAYERS is understood');
cmp_ok(scalar keys %level, '>=', 5, 'lib/LAYERS has folders');

my %json = map { $_ => 1 } qw(report change host);
my (@unlisted, @upward, @uninvited, @strange, @json);
my $includes = 0;
for my $dir (map { s!^lib/!!r } grep { -d } glob 'lib/*') {
	push @unlisted, $dir unless exists $level{$dir};
}
for my $file (sort(glob('lib/*/*.[ch]'), glob('cmd/*.[ch]'))) {
	my ($top, $dir) = $file =~ m!^(lib/)?([^/]+)/!;
	my $name = $file =~ s!^lib/!!r;
	open my $c, '<', $file or BAIL_OUT("$file: $!");
	while (<$c>) {
		push @json, "$file:$.: json-c"
			if m!^\s*#\s*include\s+[<"](json-c/)?json(_\w+)?\.h! && $top && !$json{$dir};
		next unless /^\s*#\s*include\s+"([^"]+)"/;
		my $header = $1;
		my ($from) = $header =~ m!^([^/]+)/!;
		$includes++;
		if (!defined $from) {
			# A neighbour in cmd/, or a private header of the same folder.
			push @strange, "$file:$.: $header"
				unless -e ($top ? "lib/$dir/$header" : "cmd/$header");
			next;
		}
		next if $from eq 'cmd' && !$top;
		if (!exists $level{$from}) {
			push @strange, "$file:$.: $header";
			next;
		}
		push @upward, "$file:$.: $header" if $top && $level{$from} > ($level{$dir} // -1);
		my $r = $readers{$header};
		push @uninvited, "$file:$.: $header"
			if $r && !$r->{$dir} && !$r->{$name} && $dir ne $from;
	}
}
cmp_ok($includes, '>', 0, "$includes includes were looked at");
is(join("\n", @unlisted), '', 'every folder of lib/ is in lib/LAYERS');
is(join("\n", @strange), '', 'what is included exists');
is(join("\n", @upward), '', 'nothing includes a folder above its own');
is(join("\n", @uninvited), '', 'headers with few readers are read by these alone');
is(join("\n", @json), '', 'json-c is used in report, change and host alone');
done_testing;

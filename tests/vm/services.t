#!/usr/bin/perl
# Who keeps an old backlog, as older and newer kernels say it: the static program in a guest,
# where somaxconn is the whole host's, and really applied.
use strict;
use warnings;
use lib 'tests/vm', 'tests/lib';
use File::Temp qw(tempdir);
use JSON::PP;
use Kernel;
use Test::More;

my $dir = tempdir('uringprep-services.XXXXXX', TMPDIR => 1, CLEANUP => 1);
open my $f, '>', "$dir/raise.conf" or die;
print $f "[sysctl]\nnet.core.somaxconn=9000\n";
close $f or die;

# Debian's kernels have these as modules.
my @modules = qw(inet_diag tcp_diag unix_diag);

# With the modules: every socket that listens, before and after.
sub who_keeps_it
{
	my ($guest) = @_;
	my ($pid) = ($guest->{out}{pid} // '') =~ /(\d+)/;
	my @names = grep { $_ ne 'less' } split /\n/, $guest->{out}{names} // '';

	cmp_ok(scalar @names, '>=', 4, "they listen: @names");
	is($guest->{out}{cap}, "9000\n", 'the cap is raised');
	for my $name (qw(dry apply)) {
		my $said = eval { decode_json($guest->{out}{$name})->{services} };

		ok($said, "$name: says it") or diag($guest->{out}{$name}), next;
		my %rows = map { $_->{socket} => $_ } @{ $said->{backlogs} };
		is(join(', ', sort keys %rows), join(', ', sort @names), "$name: those");
		is($rows{$_}{backlog}, 128, "$name: $_: its backlog") for @names;
		is($rows{$_}{pid}, $pid, "$name: $_: who has it") for @names;
		like("@{ $said->{backlog_notes} }", qr/\b1 other listening socket/,
			"$name: the one with 5 is counted");
	}
	my $again = eval { decode_json($guest->{out}{again})->{services} };
	is_deeply($again->{backlogs}, [], 'none is left when all listened anew')
		or diag($guest->{out}{again});
}

for my $series (qw(5.10 6.1 6.12)) {
	my %files = modules($series, @modules);
	my $guest = run($series, <<'END', { %files, '/etc/uringprep/profiles/raise.conf' => "$dir/raise.conf" });
mkdir -p /var/lib /etc/sysctl.d
echo 100 >/proc/sys/net/core/somaxconn
say without uringprep apply raise --dry-run --format json
for i in inet_diag tcp_diag unix_diag; do [ ! -e /$i.ko ] || insmod /$i.ko; done
echo 128 >/proc/sys/net/core/somaxconn
listeners /tmp/ready &
first=$!
for i in 1 2 3 4 5 6 7 8 9 10; do [ -e /tmp/ready ] || sleep 1; done
say names cat /tmp/ready
say dry uringprep apply raise --dry-run --format json
say apply uringprep apply raise --yes --format json
say pid echo $first
say cap cat /proc/sys/net/core/somaxconn
kill $first
sleep 1
rm /tmp/ready
listeners /tmp/ready &
for i in 1 2 3 4 5 6 7 8 9 10; do [ -e /tmp/ready ] || sleep 1; done
# The same question, of those that listened under the new cap.
echo 128 >/proc/sys/net/core/somaxconn
rm -rf /var/lib/uringprep /etc/sysctl.d/99-uringprep.conf
say again uringprep apply raise --dry-run --format json
END
	subtest $series => sub {
		plan skip_all => "$series: $guest->{missing}" if $guest->{missing};
		note($guest->{release});
		my $without = eval { decode_json($guest->{out}{without})->{services} };
		my $unknown = qr/who keeps an old backlog is unknown: .* no (tcp|unix)_diag/;
		is(scalar(grep { $_ =~ $unknown } @{ $without->{backlog_notes} // [] }), 2,
			'without the modules: unknown, of both kinds') or diag($guest->{out}{without});
		is($guest->{code}{without}, 0, 'and no failure');
	SKIP: {
			skip "the modules of $guest->{release} are not served any more", 1 unless %files;
			who_keeps_it($guest);
		}
	};
}
done_testing;

#!/usr/bin/perl
# --root on FAT, by the kernel's own driver: it has no owner, no link, and no rename that a
# power cut leaves whole. apply and revert work there; a killed run is mended as elsewhere;
# after a power cut the program knows, or `revert --all` brings back the start.
use strict;
use warnings;
use lib 'tests/vm', 'tests/lib';
use File::Temp qw(tempdir);
use Kernel;
use Scratch;
use Test::More;

my $series = '6.12';
my @modules = qw(nls_cp437 nls_ascii fat vfat virtio_blk);
my $cuts = $ENV{FAT_CUTS} // 3;
my $seed = $ENV{SEED} // time;
my $dir = tempdir('uringprep-fat.XXXXXX', TMPDIR => 1, CLEANUP => 1);
my $disk = "$dir/disk";
srand $seed;
diag("SEED=$seed");

system('cc', '-std=gnu99', '-D_GNU_SOURCE', '-static', '-o', "$dir/every",
	'tests/bin/every.c') == 0 or BAIL_OUT('tests/bin/every.c: no static program');
# el7 on it, but for links, which FAT has not.
my $tree = fresh('tests/roots/el7');
system('find', $tree, '-type', 'l', '-delete') == 0 or BAIL_OUT('find');
system("truncate -s 16M $disk && mkfs.vfat -F 16 $disk >$dir/mkfs 2>&1"
	. " && mcopy -s -i $disk $tree/* ::/") == 0 or BAIL_OUT('no FAT disk');

my %files = (modules($series, @modules), '/bin/every' => "$dir/every");
my $words = join('', map { "insmod /$_.ko\n" } @modules) . <<'END';
mkdir /mnt
mount -t vfat /dev/vda /mnt
up="uringprep --root /mnt"
look() { (cd /mnt; find . -path ./var -prune -o -type f ! -name 'FSCK*.REC' -exec md5sum {} + | sort); }
END

my $guest = run($series, $words . <<'END', \%files, disk => $disk);
say mounted grep /mnt /proc/mounts
say before look
say apply $up apply server --yes
say status $up status
say applied look
say states sh -c 'cat /mnt/var/lib/uringprep/txn/*/state'
say over $up apply article --yes
say revert $up revert --all
say after look
# One in nine of all calls, from another start than nine's own.
killed()
{
	before=$(look) n=0
	every /tmp/e 0 count /bin/uringprep --root /mnt apply server --yes >/dev/null
	read -r calls rest </tmp/e
	$up revert >/dev/null
	at=2
	while [ $at -le $calls ]; do
		every /tmp/e $at KILL /bin/uringprep --root /mnt apply server --yes >/dev/null 2>&1
		$up revert --all >/tmp/o 2>&1 || echo "$at: $(cat /tmp/o)"
		[ "$(look)" = "$before" ] || echo "$at: not as before"
		n=$((n + 1)) at=$((at + 9))
	done
	echo "$n killed of $calls calls"
}
say killed killed
umount /mnt
END
plan skip_all => $guest->{missing} if $guest->{missing};
my ($out, $code) = @$guest{qw(out code)};
like($out->{mounted}, qr/ vfat /, "vfat, Linux $guest->{release}");
is($code->{$_}, 0, "$_: exit 0") or diag($out->{$_}) for qw(apply status over revert);
like($out->{states}, qr/^applied +\S+Z$/, 'the journal says so');
isnt($out->{applied}, $out->{before}, 'apply changes it');
is($out->{after}, $out->{before}, 'revert --all: as before');
like($out->{killed}, qr/\A\d{2,} killed of \d+ calls\n\z/, "killed: $out->{killed}");

# The power fails while apply and revert go on in turn; the next boot looks at it.
my $work = <<'END';
say ready true
while :; do $up apply server --yes; $up revert; done >/dev/null 2>&1
END
my $look = <<'END';
say status $up status
say revert $up revert --all
say after look
say left sh -c 'ls -l /mnt/etc/sysctl.d /mnt/var/lib/uringprep/txn/* | tail -n 25'
umount /mnt
END
sub differ
{
	my %count;
	$count{$_}++ for map { split /^/ } @_;
	return join '', grep { $count{$_} == 1 } sort keys %count;
}

my %ends;
my $end = '';
for my $cut (1 .. $cuts) {
	my $seconds = 0.2 + rand 2;
	# Each cut on a copy of the disk that was never cut.
	system('cp', $disk, "$dir/cut") == 0 or die;
	run($series, $words . $work, \%files, disk => "$dir/cut", cut => $seconds);
	# As a boot does; it mends, and keeps what it finds as FSCK*.REC.
	system("fsck.vfat -a $dir/cut >$dir/fsck 2>&1");
	my $found = slurp("$dir/fsck");
	my $checked = run($series, $words . $look, \%files, disk => "$dir/cut");
	my $c = $checked->{code};
	my $what = $checked->{out}{after} eq $out->{before} && !$c->{revert} ? 'as before'
		: $c->{status} && $c->{status} <= 3 ? 'told by status' : 'SILENT';
	$ends{$what}++;
	isnt($what, 'SILENT', sprintf 'power cut after %.2f s: %s', $seconds, $what);
	diag("$checked->{out}{status}$checked->{out}{revert}$checked->{out}{left}$found"
		. differ($out->{before}, $checked->{out}{after})) if $what ne 'as before';
}
diag(join ', ', map { "$ends{$_} $_" } sort keys %ends);
done_testing;

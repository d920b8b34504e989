# A disk with the real GRUB and real kernels, and a machine to boot it: QEMU without KVM.
# No loop device, no mount, no root right is needed.
package Machine;
use strict;
use warnings;
use Exporter 'import';
use File::Path qw(make_path);
use Kernel qw(kernel);
use Scratch;

our @EXPORT = qw(kernels initramfs disk boot);

my $grub = '/usr/lib/grub/i386-pc';

sub run
{
	my $said = `@_ 2>&1`;

	die "@_: failed: $said\n" if $?;
	return $said;
}

# Two kernels of different releases: [path of the image, release], older first.
sub kernels
{
	my @found = map { [kernel($_)] } qw(6.1 6.12);

	$_->[0] or die "$_->[1]\n" for @found;
	return @found;
}

# An initramfs that says on the serial line which entry booted it, and switches off. It
# writes to the port itself: the fixtures' entries have no console= of ours.
sub initramfs
{
	my ($dir) = @_;
	my $top = "$dir/initramfs";

	make_path("$top/bin", "$top/proc", "$top/dev");
	run('cp', '/bin/busybox', "$top/bin/busybox");
	open my $f, '>', "$top/init" or die;
	print $f <<'END';
#!/bin/busybox sh
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t devtmpfs dev /dev
{
	echo "booted-release $(/bin/busybox uname -r)"
	echo "booted-cmdline $(/bin/busybox cat /proc/cmdline)"
} >/dev/ttyS0
/bin/busybox sleep 1
/bin/busybox poweroff -f
END
	close $f;
	chmod 0755, "$top/init";
	run("cd $top && find . | cpio -o -H newc --quiet | gzip -1 >$dir/initramfs.img");
	return "$dir/initramfs.img";
}

# disk(DIR, TOP, PREFIX, UUID): DIR/disk.img, whose one partition holds the tree TOP and
# whose GRUB reads PREFIX/grub.cfg there.
sub disk
{
	my ($dir, $top, $prefix, $uuid) = @_;
	my $size = 128;
	my @modules = qw(biosdisk part_msdos ext2 xfs gzio normal linux linux16 loadenv test echo
		configfile search search_fs_uuid search_fs_file search_label serial terminal
		minicmd reboot halt sleep true regexp all_video);

	run('cp', '-r', '-T', $grub, "$top$prefix/i386-pc");
	run('grub-mkimage', '-O', 'i386-pc', '-o', "$dir/core.img", '-p',
		"'(hd0,msdos1)$prefix'", @modules);
	unlink "$dir/p1.img", "$dir/disk.img";
	run('mke2fs', '-q', '-t', 'ext4', '-O', '^has_journal', '-U', $uuid, '-d', $top,
		"$dir/p1.img", "${size}M");
	run('truncate', '-s', ($size + 1) . 'M', "$dir/disk.img");
	run('dd', "if=$grub/boot.img", "of=$dir/disk.img", 'bs=440', 'count=1', 'conv=notrunc',
		'status=none');
	run('dd', "if=$dir/core.img", "of=$dir/disk.img", 'bs=512', 'seek=1', 'conv=notrunc',
		'status=none');
	run("echo '2048,,83,*' | sfdisk -q $dir/disk.img");
	run('dd', "if=$dir/p1.img", "of=$dir/disk.img", 'bs=1M', 'seek=1', 'conv=notrunc,sparse',
		'status=none');
	unlink "$dir/p1.img";
	return "$dir/disk.img";
}

# Boot it: what came over the serial line until the machine switched itself off.
sub boot
{
	my ($disk) = @_;
	my $log = "$disk.log";

	unlink $log;
	my $pid = fork // die "fork: $!";
	if (!$pid) {
		exec 'timeout', '90', 'qemu-system-x86_64', qw(-accel tcg -machine pc -cpu qemu64
			-m 512 -display none -nodefaults -monitor none -nic none -no-reboot -serial),
			"file:$log", '-drive', "file=$disk,format=raw,if=ide,snapshot=on"
			or die "qemu-system-x86_64: $!";
	}
	waitpid $pid, 0;
	my $said = -e $log ? slurp($log) : '';
	$said .= "\n(the machine did not switch itself off within 90 s)\n" if $? >> 8 == 124;
	return $said;
}

1;

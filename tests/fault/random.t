#!/usr/bin/perl
# Random sequences of apply, revert, crashes and what others do meanwhile, against a model
# of a few lines: a stack of transactions, each with what our file was before and after.
# After every operation the file, the journal, the rest of the tree and the exit code are
# what the model says.
#
#   SEED=N RANDOM_OPS=N BUILD=build tests/fault/random.t
use strict;
use warnings;
use lib 'tests/lib';
BEGIN { $ENV{TMPDIR} //= '/dev/shm' if -w '/dev/shm' } # nothing waits for a disk
use Scratch;
use Test::More;

my $ops = $ENV{RANDOM_OPS} // 2000;
my $seed = $ENV{SEED} // time;
my $length = 40; # operations on one tree
my $folder = '/etc/sysctl.d';
my $own = "$folder/99-uringprep.conf";
my %keys = ('vm.swappiness' => [0, 100], 'net.core.somaxconn' => [128, 60000],
	'fs.aio-max-nr' => [65536, 2000000]);
my (%count, @trace);

# The model. $txn[ID] = { state, before, after }; the file's bytes, undef: absent.
# $had_folder: was it there before ours? undef: to somebody it was.
my ($root, @txn, $file, $others, $had_folder, %profile);

srand $seed;
diag("SEED=$seed RANDOM_OPS=$ops");

sub pick
{
	return $_[rand @_];
}

sub read_maybe
{
	return -e $_[0] ? slurp($_[0]) : undef;
}

sub write_to
{
	my ($path, $text) = @_;

	open my $f, '>', $path or die "$path: $!";
	print $f $text;
	close $f or die;
}

sub same
{
	my ($x, $y) = @_;

	return defined $x ? defined $y && $x eq $y : !defined $y;
}

sub ids
{
	my ($want) = @_;

	return grep { $txn[$_] && $txn[$_]{state} =~ /^(?:$want)$/ } 1 .. $#txn;
}

# The tree but for our file and its folder.
sub rest
{
	my $look = snapshot($root);

	delete $look->{$_} for $own, $folder;
	# What a killed run was writing, until the revert that mends it.
	delete $look->{"$folder/.99-uringprep.conf.uringprep-new"} if ids('applying|reverting');
	return $look;
}

# What comes before all else: cut off, or in conflict.
sub first
{
	return (ids('applying|reverting'))[-1] // (ids('conflict'))[-1];
}

sub begin
{
	$root = fresh('tests/roots/el7');
	mkdir "$root/etc/uringprep";
	mkdir "$root/etc/uringprep/profiles" or die;
	%profile = map { ("r$_" => { map { $_ => int($keys{$_}[0]
		+ rand($keys{$_}[1] - $keys{$_}[0])) } grep { rand() < 0.7 } keys %keys }) } 0 .. 4;
	for my $name (keys %profile) {
		my $p = $profile{$name};
		$p->{'vm.swappiness'} //= 7;
		write_to("$root/etc/uringprep/profiles/$name.conf", "[sysctl]\n"
			. join '', map { "$_=$p->{$_}\n" } sort keys %$p);
	}
	drop("$root$folder") if rand() < 0.5;
	$had_folder = -d "$root$folder" ? 1 : 0;
	(@txn, @trace) = ();
	$file = undef;
	$others = rest();
}

# Is TEXT what these profiles, one over the other, ask for?
sub asks
{
	my ($text, @names) = @_;
	my %want = map { %{ $profile{$_} } } @names;
	my %got = map { /^([\w.-]+) = (\d+)$/ ? ($1 => $2) : () } split /\n/, $text // '';

	return join(' ', map { "$_=$want{$_}" } sort keys %want)
		eq join(' ', map { "$_=$got{$_}" } sort keys %got);
}

# The journal's newest transaction, which the model does not know yet.
sub learn
{
	my ($id, $state) = @_;
	my $dir = sprintf "$root/var/lib/uringprep/txn/%04d", $id;

	$txn[$id] = { state => $state, before => read_maybe("$dir/0.before"),
		after => read_maybe("$dir/0.after") };
	return same($txn[$id]{before}, $file) ? '' : "transaction $id has another before";
}

# Is our file what an undone transaction left (revert --keep)? Then nobody asks for /var.
sub is_left
{
	my ($id) = ($file // '') =~ /^# transaction (\d+),/;

	return $id && $txn[$id] && $txn[$id]{state} eq 'reverted';
}

# What one revert of ID does: [exit code, state, file]
sub three_way
{
	my ($id, $how) = @_;
	my $t = $txn[$id];

	return [0, 'reverted', $t->{before}] if same($file, $t->{before})
		|| same($file, $t->{after}) || $how eq '--force';
	return $how eq '--keep' ? [0, 'reverted', $file] : [1, 'conflict', $file];
}

# What the model expects of a revert: [exit code, { id => state }, file]
sub foresee_revert
{
	my ($id, $how) = @_;
	my $cut = first();
	my ($code, %now) = (0);
	my $keep = $file;

	if ($how eq '--all') {
		while (!$code and my ($top) = (ids('applied|applying|reverting|conflict'))[-1]) {
			my $old = $txn[$top]{state};
			($code, my $state, $file) = @{ three_way($top, '') };
			$now{$top} = [$old, $state];
			$txn[$top]{state} = $state;
		}
		my $end = $file;
		$txn[$_]{state} = $now{$_}[0] for keys %now;
		$file = $keep;
		return [$code, { map { $_ => $now{$_}[1] } keys %now }, $end];
	}
	if (defined $id) {
		return [2, {}, $file] unless $txn[$id];
		return [1, {}, $file] if $cut && $cut != $id;
		my $top = (ids('applied'))[-1];
		return [1, {}, $file] if $txn[$id]{state} eq 'applied' && $top != $id;
		return [0, {}, $file] if $txn[$id]{state} =~ /^(reverted|rolled_back)$/;
	} else {
		$id = $cut // (ids('applied'))[-1];
		return [0, {}, $file] unless $id;
	}
	($code, my $state, my $end) = @{ three_way($id, $how) };
	return [$code, { $id => $state }, $end];
}

# What is wrong with an apply that ended with CODE.
sub check_apply
{
	my ($r, @names) = @_;
	my $may = !defined first() && (ids('applied') || !defined $file || is_left());
	my @states = split ' ', states($root);

	return $r->{code} == 1 ? '' : 'not refused' unless $may;
	return "exit $r->{code}" if $r->{code};
	if (@states > $#txn - (@txn ? 0 : -1)) {
		my $id = @states;
		my $wrong = learn($id, 'applied');
		$file = $txn[$id]{after};
		return $wrong;
	}
	return asks($file, @names) ? '' : 'nothing done, though the file is another';
}

# After a crash: the journal says how far it came.
sub check_crash
{
	my ($foreseen, @names) = @_;
	my @states = split ' ', states($root);
	my $now = read_maybe("$root$own");
	my $wrong = '';

	for my $id (1 .. @states) {
		my $state = $states[$id - 1];
		if (!$txn[$id]) {
			$wrong ||= learn($id, $state);
			my $t = $txn[$id];
			$wrong ||= 'applied, and not the asked' unless asks($t->{after}, @names);
			$file = $now if $state eq 'applied' || same($now, $t->{after});
		} elsif ($state ne $txn[$id]{state} || $state eq 'reverting') {
			my $goal = $foreseen->[1]{$id} // '';
			$wrong ||= "transaction $id: $txn[$id]{state}, foreseen $goal, is $state"
				unless $state eq $goal || $state eq 'reverting';
			$txn[$id]{state} = $state;
			# Where several are undone, the file is at one of the steps.
			$file = $now if same($now, $txn[$id]{before}) || same($now, $foreseen->[2]);
		}
	}
	return $wrong;
}

sub outside
{
	my $what = pick(qw(edit delete other other_gone));

	push @trace, "somebody: $what";
	if ($what eq 'other' && !$had_folder) {
		# Made by them it stays; made by us too, and used by them, it may do either.
		$had_folder = mkdir("$root$folder")
			&& !ids('applied|applying|reverting|conflict') ? 1 : undef;
	}
	if ($what eq 'edit' && defined $file) {
		$file .= '# ' . int(rand 1000) . "\n";
		write_to("$root$own", $file);
	} elsif ($what eq 'delete') {
		unlink "$root$own";
		$file = undef;
	} elsif ($what eq 'other') {
		write_to("$root$folder/50-other.conf", 'vm.dirty_ratio = ' . int(rand 90) . "\n");
	} elsif ($what eq 'other_gone') {
		unlink "$root$folder/50-other.conf";
	}
	$others = rest();
	return '';
}

# One operation; '' or what is wrong.
sub operate
{
	my $what = pick(qw(apply apply apply revert revert revert outside crash crash));
	my $crash = $what eq 'crash';
	my ($foreseen, $r, @call, @names);

	$count{$what}++;
	return outside() if $what eq 'outside';
	if ($what eq 'apply' || $crash && rand() < 0.5) {
		@names = map { pick(sort keys %profile) } 0 .. rand 2;
		@call = ('apply', @names, '--yes');
	} else {
		my $how = pick('', '', '', '--all', '--force', '--keep', 'id', 'id');
		my $id = $how eq 'id' ? 1 + int rand(@txn + 1) : undef;
		$foreseen = foresee_revert($id, $how);
		@call = ('revert', $how eq 'id' ? $id : $how || ());
	}
	if ($crash) {
		my $at = 1 + int rand(@names ? 40 : 20);
		push @trace, "killed at $at: @call";
		$r = shimmed($root, $at, 'KILL', '--root', $root, @call);
		if ($r->{signal}) {
			$count{killed}++;
			return check_crash($foreseen // [0, {}, $file], @names);
		}
	} else {
		push @trace, "@call";
		$r = run_up('--root', $root, @call);
	}
	$trace[-1] .= " -> $r->{code}";
	return check_apply($r, @names) if @names;
	my ($code, $states, $end) = @$foreseen;
	return "exit $r->{code}, not $code: $r->{err}" if $r->{code} != $code;
	$txn[$_]{state} = $states->{$_} for keys %$states;
	$file = $end;
	return '';
}

# The world is what the model says; '' or what is not.
sub compare
{
	my $want = join ' ', map { $txn[$_]{state} } grep { $txn[$_] } 1 .. $#txn;
	my $cut = first();
	my $top = (ids('applied'))[-1];

	return "the journal says \"" . states($root) . "\", not \"$want\"" if states($root) ne $want;
	return 'our file is another' unless same(read_maybe("$root$own"), $file);
	my $changed = differences(rest(), $others);
	return "of others: $changed" if $changed;
	my $drift = $top ? !same($file, $txn[$top]{after}) : defined $file && !is_left();
	my $status = run_up('--root', $root, 'status');
	return 'status: ' . said($status) if $status->{code} != ($cut || $drift ? 1 : 0);
	return "status does not name $cut: $status->{err}" if $cut && $status->{err} !~ /revert $cut\b/;
	return '' if $top || $cut;
	my $filled = defined $file || -e "$root$folder/50-other.conf";
	$had_folder = undef if $filled && !$had_folder; # somebody's file, also one kept
	return 'a folder stays' if defined $had_folder && !$had_folder && !$filled && -d "$root$folder";
	return 'a folder is gone' if $had_folder && !-d "$root$folder";
	return '';
}

my ($done, $trees, $bad) = (0, 0, 0);
while ($done < $ops && !$bad) {
	begin();
	$trees++;
	for (1 .. $length) {
		my $wrong = operate() || compare();
		$done++;
		next unless $wrong;
		diag("$wrong\n" . join "\n", @trace);
		$bad++;
		last;
	}
	# The end: with nobody's changes left, the start.
	unlink "$root$own" if !defined first() && !ids('applied');
	my $r = run_up('--root', $root, qw(revert --all --force));
	$bad++ if !$bad && !ok($r->{code} == 0, 'revert --all --force') && diag(said($r), @trace);
	drop($root);
}
ok(!$bad, "$done operations on $trees trees: " . join ', ', map { "$count{$_} $_" } sort keys %count);

# And without anybody else: the start, byte for byte.
my $bytes = 0;
for (1 .. ($bad ? 0 : 20)) {
	begin();
	my $start = snapshot($root);
	for (1 .. 1 + rand 6) {
		my @call = rand() < 0.7 ? ('apply', pick(sort keys %profile), '--yes') : 'revert';
		my $r = shimmed($root, 1 + int rand 80, 'KILL', '--root', $root, @call);
		run_up('--root', $root, 'revert') if $r->{signal};
	}
	my $r = run_up('--root', $root, qw(revert --all));
	$bytes++ if !$r->{code} && differences($start, snapshot($root)) eq '';
	drop($root);
}
is($bytes, 20, 'revert --all: the start, byte for byte, 20 times') unless $bad;
done_testing;

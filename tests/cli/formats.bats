#!/usr/bin/env bats
# The formats for machines, read by the programs that they are for; several at once; and
# what a terminal sees. Escaping is in tests/unit/test_report.c, the whole output for each
# tree in tests/expected.
load ../lib/common

setup_more()
{
	copy_root el7
}

# The default entry gets a title with what is special in some format. (Control characters
# do not get so far: such a grub.cfg is not understood. They are in the unit test.)
hostile()
{
	# shellcheck disable=SC2016 # Perl's own
	EVIL=$'a|b ]]> %0A::error::x ##[stop]x <&"> # TODO \\ \xe9 \xef\xbf\xbe' \
		perl -pi -e 's/^menuentry .CentOS Linux \(3.10.0-1160.119.1.*?\x27/menuentry \x27$ENV{EVIL}\x27/' \
		"$ROOT/boot/grub2/grub.cfg"
	perl -0777 -pi -e 's/^saved_entry=.*/saved_entry=1/m; s/#*\z/"#" x (1024 - length s|#*\z||r)/e' \
		"$ROOT/boot/grub2/grubenv"
}

# A test file for prove: check with these options.
# Checks that more of them do not change: one fails, one warns, the rest pass or skip.
few=uring.available,uring.disabled,kernel.config,boot.default_resolves,boot.default_bootable
few=$few,boot.grubenv,state.usable

as_test()
{
	printf '#!/bin/sh\nexec "%s" --root "%s" check --format tap %s\n' "$PROG" "$ROOT" "$*" \
		>"$T/ready.t"
	chmod +x "$T/ready.t"
}

prove_it()
{
	status=0
	prove -v --exec '' "$T/ready.t" >"$T/out" 2>&1 || status=$?
	out=$(cat "$T/out")
}

@test "tap: prove fails where check does, and on that alone" {
	as_test --only $few
	prove_it
	[ "$status" -ne 0 ] || fail 'prove passed'
	has "$out" 'Failed test:  1'
	as_test --only $few --ignore uring.available
	prove_it # two warnings are left: TODO
	expect 0
	has "$out" 'Result: PASS'
	as_test --only $few --ignore uring.available --fail-on warn
	prove_it
	[ "$status" -ne 0 ] || fail 'prove passed'
	has "$out" 'Failed tests:  1, 3'
}

@test "tap: an unknown fails only where it was asked for by name" {
	rm "$ROOT"/boot/config-*
	as_test --only kernel.config
	prove_it
	[ "$status" -ne 0 ] || fail 'prove passed'
	as_test --only kernel
	prove_it
	expect 0
	has "$out" 'ok 1 - kernel.config # SKIP cannot tell: '
}

@test "tap: a run that fails bails out" {
	as_test --facts /nonexistent/facts
	prove_it
	[ "$status" -ne 0 ] || fail 'prove passed'
	has "$out" '/nonexistent/facts'
}

@test "tap: its YAML is what JSON says, whatever the title" {
	hostile
	rm "$ROOT/boot/vmlinuz-3.10.0-1160.119.1.el7.x86_64"
	up --root "$ROOT" check --only $few --format tap --output "$T/tap" --format json
	expect 1
	perl -MTAP::Parser -MJSON::PP -e '
		my $json = JSON::PP->new->utf8->decode(do { local $/; <STDIN> });
		my %of = map { $_->{id} => $_ } @{ $json->{findings} };
		open my $tap, "<", $ARGV[0] or die;
		my $p = TAP::Parser->new({ tap => do { local $/; <$tap> } });
		my ($id, $seen, $todo);
		while (my $r = $p->next) {
			die "unknown: ", $r->as_string if $r->is_unknown;
			if ($r->is_test) {
				($id) = $r->description =~ /^- ([\w.]+)/;
				$todo++ if $r->has_todo;
			}
			next unless $r->is_yaml;
			my $want = $of{$id}{found} =~ s/([\0-\x1f\x7f])/sprintf "\\x%02x", ord $1/ger;
			utf8::encode($want);
			die "$id: ", $r->data->{found} if $r->data->{found} ne $want;
			$seen++;
		}
		die "errors: ", $p->parse_errors if $p->parse_errors;
		die "seen $seen, todo $todo" if $seen != 3 || $todo != 1;
	' "$T/tap" <"$T/out"
}

@test "junit: well-formed, and counts what it holds, whatever the title" {
	hostile
	up --root "$ROOT" check --format junit
	expect 1
	xmllint --noout "$T/out"
	for what in tests=testcase failures=failure errors=error skipped=skipped; do
		said=$(xmllint --xpath "string(/testsuite/@${what%=*})" "$T/out")
		there=$(xmllint --xpath "count(//${what#*=})" "$T/out")
		[ "$said" = "$there" ] || fail "$what: $said, $there"
	done
	said=$(xmllint --xpath 'string(//testcase[@name="boot.default_resolves"]/system-out)' \
		"$T/out")
	has "$said" 'a|b ]]> %0A::error::x ##[stop]x <&"> # TODO \ \xe9 \xef\xbf\xbe'
}

@test "junit: an unknown that was asked for is an error, any other is skipped" {
	rm "$ROOT"/boot/config-*
	up --root "$ROOT" check --only kernel.config --format junit
	expect 3
	[ "$(xmllint --xpath 'count(//error)' "$T/out")" = 1 ] || fail 'no error'
	up --root "$ROOT" check --only kernel --format junit
	expect 0
	has "$(xmllint --xpath 'string(//skipped/@message)' "$T/out")" 'UNKNOWN: '
}

@test "github: what its runner reads is what JSON says" {
	hostile
	rm "$ROOT/boot/vmlinuz-3.10.0-1160.119.1.el7.x86_64"
	up --root "$ROOT" check --only $few --format github --output "$T/log" --format json
	expect 1
	# As the runner parses a line: "::" first, title up to "::", escapes undone.
	perl -MJSON::PP -e '
		my $json = JSON::PP->new->utf8->decode(do { local $/; <STDIN> });
		my %of = map { $_->{id} => $_ } @{ $json->{findings} };
		my %kinds;
		open my $log, "<", $ARGV[0] or die;
		while (<$log>) {
			chomp;
			if (!/^\s*::/) {
				die "an old command: $_" if /##\[/;
				next;
			}
			my ($kind, $title, $data) = /^::(\w+) title=([^,:]*)::(.*)$/ or die $_;
			s/%0D/\r/g, s/%0A/\n/g, s/%3A/:/g, s/%2C/,/g, s/%25/%/g for $title, $data;
			my ($id) = $title =~ /^uringprep (.*)/ or die $title;
			my $want = $of{$id}{found} =~ s/([\0-\x1f\x7f])/sprintf "\\x%02x", ord $1/ger;
			utf8::encode($want);
			die "$id: $data" if index($data, "$of{$id}{status}: $want\n") != 0;
			$kinds{$kind}++;
		}
		die join " ", %kinds if $kinds{error} != 2 || $kinds{warning} != 1 || keys %kinds != 2;
	' "$T/log" <"$T/out"
}

# nagios CODE PATTERN ARGS...: that exit code, and a first line with one "|" at most.
nagios()
{
	local code=$1 pattern=$2
	shift 2
	up "$@"
	expect "$code"
	has "$out" "URINGPREP $pattern"
	[ "$(tr -cd '|' <"$T/out" | wc -c)" -le 1 ] || fail 'more than one |'
}

@test "nagios: its own exit codes, also for wrong calls" {
	nagios 2 'CRITICAL - FAIL uring.available' --root "$ROOT" check --format nagios
	nagios 1 'WARNING - WARN uring.available' --root "$ROOT" check --format nagios \
		--ignore uring.available
	nagios 2 'CRITICAL - WARN ' --root "$ROOT" check --format nagios \
		--ignore uring.available --fail-on warn
	nagios 0 'OK - ' --root "$ROOT" check --format nagios \
		--only 'boot.default_[rb]*,boot.grubenv'
	has "$out" '| pass=3 warn=0 fail=0 unknown=0 skip=0'
	nagios 3 'UNKNOWN - --frob: ' check --frob --format nagios
	nagios 3 'UNKNOWN - extra: ' --format=nagios check extra
	nagios 3 'UNKNOWN - frob: ' frob --format nagios
	nagios 3 'UNKNOWN - --only no.such: ' check --format nagios --only no.such
	nagios 3 'UNKNOWN - --format nagios: ' revert --dry-run --format nagios
	nagios 3 'UNKNOWN - --root /nonexistent' --root /nonexistent check --format nagios
	nagios 3 'UNKNOWN - --output ' check --format nagios --output /nonexistent/x
	[ "$(wc -l <"$T/out")" -eq 1 ] || fail 'not one line'
	rm "$ROOT"/boot/config-*
	nagios 3 'UNKNOWN - UNKNOWN uring.available' --root "$ROOT" check --format nagios
	hostile
	up --root "$ROOT" check --format nagios --only boot
	[ "$(tr -cd '|' <"$T/out" | wc -c)" -eq 1 ] || fail 'more than one |'
}

@test "nagios in a file leaves the exit code of stdout's format alone" {
	up --root "$ROOT" check --format text --format nagios --output "$T/n"
	expect 1
	has "$(cat "$T/n")" 'URINGPREP CRITICAL'
	nagios 2 'CRITICAL' --root "$ROOT" check --format json --output "$T/j" --format nagios
	up --root "$ROOT" check --format nagios --output "$T/n"
	expect 2
	[ -z "$out" ] || fail 'stdout'
}

@test "several at once: each as it is alone" {
	for f in text json tap junit github; do
		up --root "$ROOT" check --format "$f"
		cp "$T/out" "$T/$f.alone"
	done
	up --root "$ROOT" check --format text --format json --output "$T/json" --format tap \
		--output "$T/tap" --output "$T/x" || true
	expect 2
	[ ! -e "$T/x" ] || fail 'a file was made'
	up --root "$ROOT" check --format tap --output "$T/tap" --format text --format json \
		--output "$T/json" --format junit --output "$T/junit" --format github \
		--output "$T/github"
	expect 1
	cp "$T/out" "$T/text"
	for f in text json tap junit github; do
		cmp "$T/$f" "$T/$f.alone"
	done
}

@test "one file: --output may stand on either side of --format" {
	up --root "$ROOT" check --format json
	cp "$T/out" "$T/alone"
	for args in "--format json --output $T/f" "--output $T/f --format json"; do
		# shellcheck disable=SC2086 # words
		up --root "$ROOT" check $args
		expect 1
		[ -z "$out" ] || fail 'stdout'
		cmp "$T/f" "$T/alone"
		rm "$T/f"
	done
	up --output "$T/f" --root "$ROOT" check --format json
	expect 1
	cmp "$T/f" "$T/alone"
}

@test "one file for two formats is a wrong call, by whatever name" {
	echo old >"$T/old"
	ln -s old "$T/link"
	up --root "$ROOT" check --format json --output "$T/old" --format tap --output "$T/link"
	expect 2
	has "$err" 'link'
	[ "$(cat "$T/old")" = old ] || fail 'it was written to'
	up --root "$ROOT" check --format json --output "$T/new" --format tap --output "$T/./new"
	expect 2
	[ ! -e "$T/new" ] || fail 'it was left behind'
	up --root "$ROOT" check --format text --output /dev/null --format tap --output /dev/null
	expect 1
}

@test "a file is whole or as it was" {
	echo old >"$T/old"
	up --root "$ROOT" check --format text --output "$T/old" --format tap --output "$ROOT/x"
	expect 2
	has "$err" 'inside --root'
	[ "$(cat "$T/old")" = old ] || fail 'it was written to'
	[ ! -e "$ROOT/x" ] || fail 'the tree was written to'
	up --root "$ROOT" check --output "$T/new" --facts /nonexistent/facts
	expect 3
	[ ! -e "$T/new" ] || fail 'an empty file was left behind'
	up --root "$ROOT" check --format junit --output "$T/new" --facts /nonexistent/facts
	expect 3
	has "$(xmllint --xpath 'string(//error/@message)' "$T/new")" /nonexistent/facts
}

@test "stdout says nothing when a file could not be written" {
	up --root "$ROOT" check --only boot --format text --format tap --output /dev/full
	expect 3
	[ -z "$out" ] || fail 'stdout'
	has "$err" /dev/full
}

@test "formats of findings are refused where there are none" {
	for command in 'revert --dry-run' 'boot list' verify 'apply server --dry-run' 'prepare --dry-run'; do
		for f in tap junit github; do
			# shellcheck disable=SC2086 # words
			up $command --format "$f"
			expect 2
			has "$err" "${command%% [-s]*} has text, json"
		done
	done
	up check --list --format tap
	expect 2
	up check --explain uring --format junit
	expect 2
}

# on_terminal COLUMNS ARGS...: likewise, with stdout a terminal.
on_terminal()
{
	local columns=$1 pty=${PROG%/*}/tests/bin/pty
	shift
	status=0
	"$pty" "$columns" "$PROG" "$@" >"$T/out" 2>"$T/err" </dev/null || status=$?
	out=$(cat "$T/out")
	err=$(cat "$T/err")
}

@test "on a terminal no line of a table is wider than it" {
	for columns in 76 80 100; do
		on_terminal $columns --root "$ROOT" check --only $few
		expect 1
		awk -v max=$columns 'length > max { print; bad = 1 } END { exit bad }' "$T/out" ||
			fail "wider than $columns"
		# The words are the same.
		up --root "$ROOT" check --only $few
		[ "$(xargs -n1 <<<"${out//[\'\"]/}")" = \
			"$(on_terminal $columns --root "$ROOT" check --only $few; xargs -n1 <<<"${out//[\'\"]/}")" ] ||
			fail 'other words'
	done
}

@test "a terminal that does not say its width: COLUMNS, else 80" {
	on_terminal 80 --root "$ROOT" check
	cp "$T/out" "$T/80"
	COLUMNS='' on_terminal 0 --root "$ROOT" check
	cmp "$T/out" "$T/80"
	on_terminal 76 --root "$ROOT" check
	cp "$T/out" "$T/76"
	COLUMNS=76 on_terminal 0 --root "$ROOT" check
	cmp "$T/out" "$T/76"
}

@test "colours: on a terminal alone, not with NO_COLOR, not when it is dumb" {
	TERM=xterm on_terminal 80 --root "$ROOT" check
	has "$out" $'\033[31mFAIL\033[0m'
	sed 's/\x1b\[[0-9]*m//g' "$T/out" >"$T/plain"
	TERM=dumb on_terminal 80 --root "$ROOT" check
	cmp "$T/out" "$T/plain"
	TERM=xterm NO_COLOR=1 on_terminal 80 --root "$ROOT" check
	cmp "$T/out" "$T/plain"
	TERM='' on_terminal 80 --root "$ROOT" check
	cmp "$T/out" "$T/plain"
	TERM=xterm up --root "$ROOT" check
	case $out in *$'\033'*) fail 'colours in a pipe' ;; esac
	TERM=xterm on_terminal 80 --root "$ROOT" check --format tap
	case $out in *$'\033'*) fail 'colours in TAP' ;; esac
}

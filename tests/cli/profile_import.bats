#!/usr/bin/env bats
# profile import: what of tuned's profiles is taken. All that Debian ships are compared with
# tuned's own modules in tests/vm/tuned.t.
load ../lib/common

# import ARGS...: on the tree el9, whose README names its profiles.
import()
{
	up --root "$SRC/tests/roots/el9" profile import "$@"
}

@test "the text is a profile, which plans what was taken" {
	copy_root el9
	import tuned web --text
	expect 0
	has "$out" "# tuned's web, /etc/tuned/web/tuned.conf:12"
	mkdir -p "$ROOT/etc/uringprep/profiles"
	cp "$T/out" "$ROOT/etc/uringprep/profiles/mine.conf"
	# shellcheck disable=SC2046 # an option and its value
	up --root "$ROOT" $(facts el9) apply mine --dry-run --format json
	expect 0
	has "$out" "fs.aio-max-nr = 1048576\\n"
	has "$out" "net.core.somaxconn = 8192\\n"
}

@test "every line has a reason, or is taken" {
	import tuned web --format json
	expect 0
	perl -MJSON::PP -0777 -e '
		my $r = decode_json(<STDIN>);
		my @lines = map { @{ $_->{lines} } } @{ $r->{files} };
		die "none" unless @lines > 20;
		for (@lines) {
			die "$_->{line}: neither" if !$_->{taken} && !$_->{why};
			die "$_->{line}: both" if $_->{taken} && defined $_->{why};
		}
		die "taken" unless $r->{taken} == grep { $_->{taken} && $_->{key} ne "summary" } @lines;
		' <"$T/out" || fail "see above"
}

@test "a file of one's own, its includes looked up in the tree" {
	cd "$T"
	printf '[main]\ninclude=base\n[sysctl]\nvm.swappiness=<20\n' >tuned.conf
	import tuned tuned.conf --text
	expect 0
	has "$out" "# tuned's tuned.conf, tuned.conf:4
vm.swappiness=<20"
	mkdir site
	mv tuned.conf site
	import tuned site/tuned.conf
	expect 0
	has "$out" "/usr/lib/tuned/base/tuned.conf"
	printf '[main]\ninclude=gone, base\nsummary="a" # b\n[sysctl]\nvm.swappiness=1\n' >site/tuned.conf
	import tuned site/tuned.conf
	expect 0
	has "$out" "not all is here: gone: no such tuned profile"
	import tuned site/tuned.conf --text
	has "$out" "vm.swappiness=1"
	# Names that would end a comment or a value.
	cp site/tuned.conf 'site/a # "b'$'\n''c'
	import tuned 'site/a # "b'$'\n''c' --text
	expect 0
	has "$out" 'summary=from tuned'
}

@test "it writes nothing, and runs nothing that a profile names" {
	copy_root el9
	before=$(tree "$ROOT")
	printf '[sysctl]\nvm.swappiness=${f:exec:touch:%s}\n[script]\nscript=%s\n' "$T/ran" "$T/run" >"$T/t.conf"
	printf '#!/bin/sh\ntouch %s\n' "$T/ran" >"$T/run"
	chmod +x "$T/run"
	up --root "$ROOT" profile import tuned "$T/t.conf"
	expect 0
	has "$out" "holds a function"
	has "$out" "runs a program: not taken over"
	[ ! -e "$T/ran" ] || fail "it ran"
	[ "$before" = "$(tree "$ROOT")" ] || fail "the tree is changed"
}

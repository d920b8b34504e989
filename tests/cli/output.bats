#!/usr/bin/env bats
# Where the report goes, and what is said when it cannot; and calls without root's rights.
load ../lib/common

setup_more()
{
	copy_root el7
}

@test "a full stdout is exit 3 and one line" {
	status=0
	"$PROG" --root "$ROOT" check >/dev/full 2>"$T/err" || status=$?
	err=$(cat "$T/err")
	expect 3
	has "$err" stdout
	[ "$(wc -l <"$T/err")" -eq 1 ]
}

@test "a reader that has seen enough is no error to talk of" {
	"$PROG" check --list 2>"$T/err" | head -n 0
	[ ! -s "$T/err" ] || fail "$(cat "$T/err")"
}

@test "a closed stdout does not reach a file of ours" {
	"$PROG" --root "$ROOT" apply server --yes >&- 2>&- || true
	run grep -rl '"schema"\|Undo' "$ROOT/etc" "$ROOT/boot"
	[ -z "$output" ]
}

@test "--output holds what stdout would, and stdout is empty" {
	up --root "$ROOT" boot list
	expect 0
	cp "$T/out" "$T/direct"
	up --root "$ROOT" boot list --output "$T/file"
	expect 0
	[ -z "$out" ]
	cmp "$T/direct" "$T/file"
}

@test "a full disk leaves no half report" {
	[ "$(id -u)" -eq 0 ] || skip "only root can mount a full disk"
	mkdir "$T/disk"
	# shellcheck disable=SC2016 # for the inner shell
	unshare -m sh -c 'mount -t tmpfs -o size=4k none "$1/disk" || exit 99
		"$2" --root "$3" check --format json --output "$1/disk/report" \
			>"$1/out" 2>"$1/err"
		echo $? >"$1/code"; ls -A "$1/disk" >"$1/left"' sh "$T" "$PROG" "$ROOT" ||
		skip "no tmpfs can be mounted here"
	status=$(cat "$T/code") out=$(cat "$T/out") err=$(cat "$T/err")
	expect 3
	has "$err" "No space left"
	[ ! -s "$T/left" ] || fail "left: $(cat "$T/left")"
}

@test "no colours and nothing but ASCII where it is no terminal" {
	for command in check 'boot list' status 'apply server --dry-run'; do
		# shellcheck disable=SC2086 # two words
		up --root "$ROOT" $command
		! grep -qP '[^\x20-\x7e\t]' "$T/out" || fail "$command: not plain"
	done
}

@test "options may stand before the command" {
	up --root "$ROOT" boot list
	cp "$T/out" "$T/before"
	up boot list --root "$ROOT"
	expect 0
	cmp "$T/before" "$T/out"
}

@test "--version and --help are answers" {
	up --version
	expect 0
	[[ $out =~ ^uringprep\ [0-9]+\.[0-9]+\.[0-9]+$ ]]
	up --help
	expect 0
	has "$out" 'boot default'
	[ -z "$err" ]
}

@test "without root's rights: check, boot list and apply --dry-run work" {
	[ "$(id -u)" -eq 0 ] || skip 'not root: this is what all other tests see'
	command -v setpriv >/dev/null || skip 'setpriv is not here'
	cp "$PROG" "$T/prog"
	chmod 755 "$T" "$T/prog"
	for command in check 'boot list' 'apply server --dry-run' status; do
		status=0
		# shellcheck disable=SC2086 # two words
		setpriv --reuid 65534 --regid 65534 --clear-groups "$T/prog" $command \
			>"$T/out" 2>"$T/err" </dev/null || status=$?
		out=$(cat "$T/out")
		err=$(cat "$T/err")
		# 3: a file of the boot loader's that only root may read.
		case $command in
		'boot list') [ "$status" -le 1 ] || [ "$status" -eq 3 ] || fail "$command" ;;
		*) [ "$status" -le 1 ] || fail "$command: exit code $status" ;;
		esac
	done
}

@test "without root's rights: what cannot be read is said to be so" {
	[ "$(id -u)" -eq 0 ] || skip 'not root: this is what all other tests see'
	command -v setpriv >/dev/null || skip 'setpriv is not here'
	cp "$PROG" "$T/prog"
	chmod 755 "$T" "$T/prog"
	chmod 600 "$ROOT/boot/grub2/grub.cfg"
	status=0
	setpriv --reuid 65534 --regid 65534 --clear-groups "$T/prog" --root "$ROOT" boot list \
		>"$T/out" 2>"$T/err" </dev/null || status=$?
	out=$(cat "$T/out")
	err=$(cat "$T/err")
	has "$out$err" grub.cfg
	has "$out$err" 'ermission denied'
}

@test "one line on stderr, and no control character, whatever the path" {
	up --root $'/tmp/a\033[31m\nb' check
	expect 3
	[ "$(wc -l <"$T/err")" -eq 1 ] || fail "more lines"
	case $err in *$'\033'*) fail "an escape" ;; esac
}

@test "JSON is UTF-8, whatever bytes a title has" {
	copy_root debian12
	sed -i "s/menuentry 'Debian GNU.Linux'/menuentry 'D\xe9bian'/" "$ROOT/boot/grub/grub.cfg"
	up --root "$ROOT" boot list --format json
	expect 0
	perl -MEncode -e 'local $/; Encode::decode("UTF-8", <STDIN>, 1)' <"$T/out"
}

@test "an unknown command fails in JSON, when asked to" {
	up frob --format json
	expect 2
	has "$out" '"code": 2'
}

#!/usr/bin/env bats
# probe --write-seccomp: the profiles it writes are compiled by a real runtime (crun) and
# asked from inside. The base is podman's own, as its package installs it; Docker's is that
# with Docker's default (EPERM), for Docker 25 took the three names out of its list
# (moby#46762) and denies what it does not list.
load ../lib/common

PODMAN=/usr/share/containers/seccomp.json

# inside PROFILE ARGS: the program in a container under PROFILE ("-": none). crun 1.8
# wants either version of cgroups, not both: so a mount of our own, seen by it alone.
inside()
{
	local dir=$T/bundle.$((++bundles)) profile=$1
	shift
	mkdir "$dir"
	"$SRC/tests/lib/bundle" "$dir" "$profile" "$PROG" "$@"
	status=0
	# shellcheck disable=SC2016 # for the inner shell
	unshare -m sh -c 'mount -t cgroup2 none /sys/fs/cgroup
		exec crun --root "$1/state" --cgroup-manager=disabled run -b "$1" "$2"' \
		sh "$dir" "uringprep-${dir##*.}-$$" >"$T/out" 2>"$T/err" </dev/null || status=$?
	out=$(cat "$T/out")
	err=$(cat "$T/err")
}

# Containers need root and an io_uring to deny.
runtime()
{
	bundles=0
	[ "$(id -u)" -eq 0 ] || skip "only root can start containers here"
	[ "$(uname -m)" = x86_64 ] || skip "tests/lib/bundle knows x86-64 alone"
	command -v crun >/dev/null || skip "crun is not installed"
	inside - --version
	[ "$status" -eq 0 ] || skip "no container can be started here: $err"
	"$PROG" check --only uring.available >/dev/null || skip "no io_uring outside either"
}

denied()
{
	inside "$1" check --only uring.available
	expect 1
	has "$out" "denied by seccomp"
}

allowed()
{
	inside "$1" check --only uring.available
	expect 0
	has "$out" "PASS    uring.available"
}

write_profile()
{
	up probe --write-seccomp "$2" --base "$1"
	expect 0
}

# A profile of few rules, all that our program needs allowed.
small()
{
	cat <<END
{
  "defaultAction": "${1-SCMP_ACT_ALLOW}",
  "syscalls": [
    ${2-}
  ]
}
END
}

THREE='"io_uring_setup", "io_uring_enter", "io_uring_register"'

@test "podman's own profile denies; written, it allows, and differs by one rule" {
	[ -e "$PODMAN" ] || skip "$PODMAN is not installed"
	runtime
	denied "$PODMAN"
	write_profile "$PODMAN" "$T/uring.json"
	allowed "$T/uring.json"
	[ "$(diff "$PODMAN" "$T/uring.json" | grep -c '^[<>]')" -eq 3 ] || fail "more changed"
}

@test "nothing else is allowed than before" {
	[ -e "$PODMAN" ] || skip "$PODMAN is not installed"
	write_profile "$PODMAN" "$T/uring.json"
	perl -MJSON::PP -e '
		my ($base, $new) = map { local (@ARGV, $/) = $_; decode_json(<>) } @ARGV;
		my $rule = pop @{$new->{syscalls}};
		my $json = JSON::PP->new->canonical;
		die "more than a rule\n" if $json->encode($base) ne $json->encode($new);
		die "not the three\n" if "@{[sort @{$rule->{names}}]}" ne
			"io_uring_enter io_uring_register io_uring_setup";
		die "no allowing\n" if $rule->{action} ne "SCMP_ACT_ALLOW" || exists $rule->{args};
	' "$PODMAN" "$T/uring.json"
}

@test "Docker's way of denying, EPERM for what is not listed" {
	[ -e "$PODMAN" ] || skip "$PODMAN is not installed"
	runtime
	grep -v '"defaultErrno' "$PODMAN" >"$T/docker.json"
	denied "$T/docker.json"
	has "$out" EPERM
	write_profile "$T/docker.json" "$T/uring.json"
	allowed "$T/uring.json"
}

@test "a rule that denies by name hides a later one that allows: it loses the name" {
	runtime
	small SCMP_ACT_ALLOW '{ "names": [ '"$THREE"' ], "action": "SCMP_ACT_ERRNO", "errnoRet": 38 },
    { "names": [ '"$THREE"' ], "action": "SCMP_ACT_LOG" }' >"$T/base.json"
	denied "$T/base.json"
	write_profile "$T/base.json" "$T/uring.json"
	has "$out" "syscalls[0]  SCMP_ACT_ERRNO"
	allowed "$T/uring.json"
}

@test "a filter that kills" {
	runtime
	small SCMP_ACT_ALLOW '{ "names": [ "swapon", '"$THREE"' ], "action": "SCMP_ACT_KILL_PROCESS" }' \
		>"$T/base.json"
	denied "$T/base.json"
	write_profile "$T/base.json" "$T/uring.json"
	grep -q swapon "$T/uring.json" || fail "what else it kills is gone"
	allowed "$T/uring.json"
}

@test "allowed with some argument only: allowed with all" {
	[ -e "$PODMAN" ] || skip "$PODMAN is not installed"
	runtime
	perl -MJSON::PP -e 'local $/; my $p = decode_json(<>);
		push @{$p->{syscalls}}, {names => [qw(io_uring_setup io_uring_enter)],
			action => "SCMP_ACT_ALLOW",
			args => [{index => 0, value => 7777, op => "SCMP_CMP_EQ"}]};
		print encode_json($p)' "$PODMAN" >"$T/base.json"
	denied "$T/base.json"
	write_profile "$T/base.json" "$T/uring.json"
	allowed "$T/uring.json"
}

@test "what allows already is written as it is, and said to be so" {
	small SCMP_ACT_ERRNO '{ "names": [ '"$THREE"' ], "action": "SCMP_ACT_ALLOW" }' >"$T/base.json"
	write_profile "$T/base.json" "$T/uring.json"
	has "$out" "lets all three calls through as it is"
	cmp "$T/base.json" "$T/uring.json"
}

@test "a second run changes nothing; another text is not overwritten" {
	small SCMP_ACT_ERRNO >"$T/base.json"
	write_profile "$T/base.json" "$T/uring.json"
	cp "$T/uring.json" "$T/first"
	touch -d 2001-01-01 "$T/uring.json"
	write_profile "$T/base.json" "$T/uring.json"
	has "$out" "was there already"
	[ "$(date -r "$T/uring.json" +%Y)" = 2001 ] || fail "written anew"
	write_profile "$T/uring.json" "$T/again.json"
	cmp "$T/first" "$T/again.json"
	echo mine >"$T/mine.json"
	up probe --write-seccomp "$T/mine.json" --base "$T/base.json"
	expect 1
	has "$err" "mine.json: is there and holds something else"
	[ "$(cat "$T/mine.json")" = mine ]
}

@test "the base itself is kept, by whatever name it goes" {
	small SCMP_ACT_ERRNO >"$T/base.json"
	cp "$T/base.json" "$T/kept"
	ln "$T/base.json" "$T/other"
	ln -s base.json "$T/link"
	for name in base.json ./base.json other link; do
		up probe --write-seccomp "$T/$name" --base "$T/base.json"
		expect 2
		has "$err" "is the base itself"
	done
	cmp "$T/base.json" "$T/kept"
	ln -s nowhere "$T/dangling"
	up probe --write-seccomp "$T/dangling" --base "$T/base.json"
	expect 1
	[ ! -e "$T/nowhere" ] || fail "written through a link"
}

@test "what is no profile is refused, and nothing written" {
	local bad
	for bad in '' '[' '[]' '{}' '{"linux": {}}' '{"defaultAction": "ALLOW"}' \
		'{"defaultAction": "SCMP_ACT_ERRNO", "defaultAction": "SCMP_ACT_ALLOW"}' \
		'{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{"names": [1], "action": "SCMP_ACT_ALLOW"}]}'; do
		printf '%s' "$bad" >"$T/base.json"
		up probe --write-seccomp "$T/uring.json" --base "$T/base.json"
		expect 3
		has "$err" "--base: $T/base.json:"
		[ -z "$out" ]
		[ "$(cd "$T" && echo *)" = "base.json err out" ] || fail "something is left"
	done
	printf '{"defaultAction": "SCMP_ACT_ERRNO"}\0[]' >"$T/base.json"
	up probe --write-seccomp "$T/uring.json" --base "$T/base.json"
	expect 3
	has "$err" "NUL"
	{ printf '{"defaultAction": "SCMP_ACT_ERRNO", "x": "'
	head -c 2000000 /dev/zero | tr '\0' x
	printf '"}'; } >"$T/base.json"
	up probe --write-seccomp "$T/uring.json" --base "$T/base.json"
	expect 3
	has "$err" "too large"
}

@test "a full disk leaves no file" {
	[ "$(id -u)" -eq 0 ] || skip "only root can mount a full disk"
	[ -e "$PODMAN" ] || skip "$PODMAN is not installed"
	mkdir "$T/disk"
	# shellcheck disable=SC2016 # for the inner shell
	unshare -m sh -c 'mount -t tmpfs -o size=8k none "$1/disk" || exit 99
		"$2" probe --write-seccomp "$1/disk/uring.json" --base "$3" >"$1/out" 2>"$1/err"
		echo $? >"$1/code"; ls -A "$1/disk" >"$1/left"' sh "$T" "$PROG" "$PODMAN" ||
		skip "no tmpfs can be mounted here"
	status=$(cat "$T/code") out=$(cat "$T/out") err=$(cat "$T/err")
	expect 3
	has "$err" "No space left"
	[ ! -s "$T/left" ] || fail "left: $(cat "$T/left")"
}

@test "a format that it does not have is said before it writes" {
	small SCMP_ACT_ERRNO >"$T/base.json"
	up probe --write-seccomp "$T/uring.json" --base "$T/base.json" --format tap
	expect 2
	has "$err" "--format tap: shows findings alone; --write-seccomp has text, json"
	[ ! -e "$T/uring.json" ] || fail 'it was written'
}

@test "a path is quoted for the shell and for YAML" {
	small SCMP_ACT_ERRNO >"$T/base.json"
	write_profile "$T/base.json" "$T/my \"own\" \$profile.json"
	has "$out" "docker run --security-opt 'seccomp=$T/my \"own\" \$profile.json' IMAGE"
	has "$out" "security_opt: [\"seccomp=$T/my \\\"own\\\" \$profile.json\"]"
	has "$out" "localhostProfile: \"profiles/my \\\"own\\\" \$profile.json\""
}

@test "the report names the rule, the edits, the runtimes and what is not seen" {
	small SCMP_ACT_ERRNO '{ "names": [ "swapon", "io_uring_setup" ], "action": "SCMP_ACT_KILL" }' \
		>"$T/base.json"
	up probe --write-seccomp "$T/uring.json" --base "$T/base.json" --format json
	expect 0
	perl -MJSON::PP -e 'local $/; my $s = decode_json(<>)->{seccomp};
		die "added\n" if "@{$s->{added}}" ne "io_uring_setup io_uring_enter io_uring_register";
		die "edited\n" if JSON::PP->new->canonical->encode($s->{edited}) ne
			q([{"action":"SCMP_ACT_KILL","removed":["io_uring_setup"],"rule_removed":false,"where":"syscalls[0]"}]);
		die "already\n" if $s->{already_allowed} || !$s->{written};
		die "runtimes\n" if join(" ", map { $_->{name} } @{$s->{runtimes}}) ne
			"docker podman compose kubernetes kubernetes systemd";
		die "not seen\n" if $s->{not_seen} !~ /no system call.*unseen/;' "$T/out"
}

@test "systemd knows the names in its line, and has them in @aio" {
	command -v systemd-analyze >/dev/null || skip "systemd-analyze is not installed"
	small SCMP_ACT_ERRNO >"$T/base.json"
	write_profile "$T/base.json" "$T/uring.json"
	systemd-analyze syscall-filter @aio >"$T/aio"
	for name in io_uring_setup io_uring_enter io_uring_register; do
		grep -q "SystemCallFilter=.*$name" "$T/out" || fail "$name: not in the line"
		grep -qw "$name" "$T/aio" || fail "$name: not in @aio"
	done
}

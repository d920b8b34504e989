# Shared by the bats files: `load ../lib/common`.
#
#   $SRC        the source tree
#   $PROG       the program under test, absolute; `up ARGS` runs it
#   $T          a folder of this test's own, removed afterwards
#   copy_root NAME   copies tests/roots/NAME to $ROOT (= $T/root)
#   facts NAME       "--facts FILE" when there is one for that root

SRC=$(cd "${BATS_TEST_DIRNAME}/../.." && pwd)
case ${BUILD:=build} in
/*) PROG=$BUILD/uringprep ;;
*) PROG=$SRC/$BUILD/uringprep ;;
esac
export LC_ALL=C TERM=dumb
unset ANA_INSTALL_PATH

setup()
{
	T=$(mktemp -d "${TMPDIR:-/tmp}/uringprep-bats.XXXXXX")
	ROOT=$T/root
	if declare -F setup_more >/dev/null; then setup_more; fi
}

teardown()
{
	if declare -F teardown_more >/dev/null; then teardown_more; fi
	rm -rf "$T"
}

# Runs with stdout and stderr apart: $status, $out, $err (and files $T/out, $T/err).
up()
{
	status=0
	"$PROG" "$@" >"$T/out" 2>"$T/err" </dev/null || status=$?
	out=$(cat "$T/out")
	err=$(cat "$T/err")
}

copy_root()
{
	mkdir -p "$ROOT"
	cp -a "$SRC/tests/roots/$1/." "$ROOT"
}

facts()
{
	local file=$SRC/tests/roots/$1.facts.json
	if [ -e "$file" ]; then echo "--facts $file"; fi
}

# Fail with a sentence and what the last `up` gave.
fail()
{
	printf '%s\nstatus: %s\nstdout: %s\nstderr: %s\n' "$*" "${status-}" "${out-}" "${err-}"
	return 1
}

# expect CODE: the exit code of the last `up`.
expect()
{
	[ "$status" -eq "$1" ] || fail "exit code $status, expected $1"
}

# has TEXT PATTERN: TEXT contains PATTERN, literally.
has()
{
	case $1 in
	*"$2"*) ;;
	*) fail "not found: $2" ;;
	esac
}

# Names, kinds, modes, links and contents of a tree, without our own state folder.
tree()
{
	(
		cd "$1" || exit
		find . -path ./var/lib/uringprep -prune -o ! -path ./var ! -path ./var/lib \
			-printf '%p %y %m %l\n'
		find . -path ./var/lib/uringprep -prune -o -type f -exec sha256sum {} +
	) | LC_ALL=C sort
}

# Runs a script with /etc and /var/lib of its own and a network namespace of its own
# (net.core.somaxconn is per namespace), so that the host keeps what it has.
in_namespace()
{
	[ "$(id -u)" -eq 0 ] || skip "only root can make namespaces"
	"$PROG" check --only state.usable | grep -q 'this running system' ||
		skip "a chroot is not the running system: no live value is set in it"
	mkdir -p "$T/etc/uringprep/profiles" "$T/etc/sysctl.d" "$T/varlib"
	printf '[sysctl]\nnet.core.somaxconn=>9000\n' >"$T/etc/uringprep/profiles/backlog.conf"
	cat >"$T/script"
	# shellcheck disable=SC2016 # for the shell inside
	unshare --mount --net sh -euc '
		mount --bind "$1/etc" /etc
		mount --bind "$1/varlib" /var/lib
		up=$2
		. "$1/script"' sh "$T" "$PROG"
}

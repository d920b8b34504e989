#!/usr/bin/env bats
# Where we are: a container is told by its namespaces and marks, and what only the host can
# set is not judged there. The containers are namespaces with the marks that podman, docker
# and others leave; podman itself is in seccomp.bats.
load ../lib/common

setup_more()
{
	[ "$(id -u)" -eq 0 ] || skip "only root can make namespaces"
	# This host may be a container itself, or have an image's /.dockerenv: both are hidden.
	up check --only uring.disabled
	HERE=$(sed -n 's/^scope: *//p' "$T/out")
}

# contained SCRIPT ARGS...: uringprep ARGS where SCRIPT has made marks on a /run of its own,
# without a /.dockerenv of this host's.
contained()
{
	local script=$1
	shift
	status=0
	unshare --mount --pid --uts --ipc --cgroup --net --fork --mount-proc bash -euc '
		mount -t tmpfs none /run
		mkdir -p "$1/top/up" "$1/top/work" "$1/view"
		mount -t tmpfs none "$1/top"
		mkdir "$1/top/up" "$1/top/work"
		mount -t overlay none -o "lowerdir=/,upperdir=$1/top/up,workdir=$1/top/work" "$1/view"
		rm -f "$1/view/.dockerenv"
		for d in proc sys dev run; do mount --rbind /$d "$1/view/$d"; done
		mkdir -p "$1/view${3%/*}" && mount --bind "${3%/*}" "$1/view${3%/*}"
		cd "$1/view"
		pivot_root . mnt
		exec chroot . bash -euc "$2"'"'"'; shift 2; exec "$@"'"'"' x "$@"' \
		x "$T" "$script" "$PROG" "$@" >"$T/out" 2>"$T/err" </dev/null || status=$?
	out=$(cat "$T/out") err=$(cat "$T/err")
}

@test "each kind of container is named, with what shows it" {
	while IFS='|' read -r script want; do
		contained "$script" check --only uring.disabled
		has "$out" "$want"
	done <<-'END'
		: >/run/.containerenv|this container (podman, from /run/.containerenv)
		echo 'engine="podman-4.3.1"' >/run/.containerenv|this container (podman, from /run/.containerenv)
		echo 'engine="buildah-1.28.2"' >/run/.containerenv|this image build (buildah, from /run/.containerenv)
		: >/.dockerenv|this container (docker, from /.dockerenv)
		mkdir /run/systemd; echo systemd-nspawn >/run/systemd/container|this container (systemd-nspawn, from /run/systemd/container)
		mkdir /kaniko; : >/kaniko/executor|this image build (kaniko, from /kaniko/executor)
		mkdir -p /run/secrets/kubernetes.io|this container (kubernetes, from /run/secrets/kubernetes.io)
		:|this container (of a kind that cannot be told, from its pid namespace, not the machine's first)
	END
}

@test "what only the host can set is skipped there, with the reason" {
	contained ': >/run/.containerenv' check
	for id in boot.default_resolves boot.default_bootable boot.grubenv; do
		grep -q "^SKIP *$id *the host boots, and this is a container" "$T/out" || fail "$id"
	done
	for id in sysctl.aio_max_nr sysctl.swappiness; do
		grep -q "^SKIP *$id *only the host can set it" "$T/out" || fail "$id"
	done
	# A value of this network namespace, which can be set here.
	grep -q "^[PW]A[SR][SN] *sysctl.somaxconn" "$T/out" || fail somaxconn
	grep -q "^[A-Z]* *uring.available" "$T/out" || fail "io_uring was not asked"
}

@test "a read-only /proc/sys leaves nothing to set" {
	contained ': >/run/.containerenv; mount --bind /proc/sys /proc/sys; mount -o remount,bind,ro /proc/sys' \
		check --only sysctl.somaxconn
	has "$out" "SKIP    sysctl.somaxconn  only the host can set it: /proc/sys is read-only here"
}

@test "one other namespace is no container" {
	case $HERE in "this running system"*) ;; *) skip "this host is one: $HERE" ;; esac
	for flags in -n -i -u -m; do
		status=0
		unshare $flags "$PROG" check --only uring.disabled >"$T/out" 2>"$T/err" || status=$?
		out=$(cat "$T/out") err=$(cat "$T/err")
		has "$out" " this running system"
	done
	unshare -Ur "$PROG" check --only uring.disabled >"$T/out" 2>"$T/err" || true
	out=$(cat "$T/out")
	has "$out" "this running system, in a user namespace"
}

@test "a leftover /.dockerenv makes no container of a host" {
	case $HERE in "this running system"*) ;; *) skip "this host is one: $HERE" ;; esac
	unshare -m sh -c 'mount -t tmpfs none /run; : >/run/.containerenv; exec "$@"' x \
		"$PROG" check --only uring.disabled >"$T/out"
	has "$(cat "$T/out")" " this running system"
}

@test "recorded in a container, it is judged as one elsewhere" {
	contained ': >/run/.containerenv' check --record /dev/fd/3 --only uring.disabled \
		3>"$T/facts.json"
	copy_root debian12
	up --root "$ROOT" --facts "$T/facts.json" check --only boot.grubenv,sysctl.swappiness
	[ "$(grep -c ^SKIP "$T/out")" = 2 ] || fail "not skipped"
}

#!/usr/bin/env bash
# A real PostgreSQL with pgvector for the tests, on 127.0.0.1, without Docker.
#
#   scripts/postgres.sh start   starts it (installs it first where needed) and prints its URL
#   scripts/postgres.sh stop    stops it; POSTGRES_STOP_MODE=immediate pulls the plug
#   scripts/postgres.sh url     prints the URL
#
#   POSTGRES_PORT   port, default 54317; each port has its own data, so several can run side by side
#   POSTGRES_HOME   directory that keeps the installation and the data, default /var/tmp/trunkline-postgres
#   POSTGRES_FAST   1 gives up durability for speed (fsync and synchronous_commit off)
#
#   TEST_DATABASE_URL=$(scripts/postgres.sh start) npm test
#
# A native server with pgvector is used when there is one. Otherwise Debian 13's is unpacked into POSTGRES_HOME with
# debootstrap, which needs root and about a minute, once.
set -euo pipefail

port=${POSTGRES_PORT:-54317}
home=${POSTGRES_HOME:-/var/tmp/trunkline-postgres}
fast=${POSTGRES_FAST:-0}
stop_mode=${POSTGRES_STOP_MODE:-fast}
root=$home/trixie
packages=postgresql-17,postgresql-17-pgvector

say() { echo "postgres.sh: $*" >&2; }
fail() { say "$*"; exit 1; }

print_url() { echo "postgresql://postgres@127.0.0.1:$port/postgres"; }

has_native_vector() {
  command -v pg_config >/dev/null || return 1
  [ -x "$(pg_config --bindir)/initdb" ] && [ -f "$(pg_config --sharedir)/extension/vector.control" ]
}

# Where the data lies as the server sees it, where its programs are, and how a command is run as its owner.
if has_native_vector; then
  kind=native
  bin=$(pg_config --bindir)
  data=$home/data-$port
  run_as_owner() { if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }
else
  kind=debootstrap
  bin=/usr/lib/postgresql/17/bin
  data=/var/lib/postgresql/data-$port
  run_as_owner() { chroot "$root" runuser -u postgres -- env -u TMPDIR LC_ALL=C.UTF-8 "$@"; }
fi

install_chroot() {
  [ -e "$home/.complete" ] && return
  [ "$(id -u)" = 0 ] || fail "no PostgreSQL with pgvector here; installing one with debootstrap needs root"
  if ! command -v debootstrap >/dev/null; then
    say 'installing debootstrap'
    apt-get update -qq >&2
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq debootstrap >&2
  fi
  say "unpacking PostgreSQL 17 and pgvector into $root (about a minute, once)"
  # What an interrupted run left behind may still have mounts below it, so it is never removed with those in place.
  unmount_chroot
  rm -rf --one-file-system "$root"
  mkdir -p "$home"
  debootstrap --variant=minbase --include="$packages" trixie "$root" "${DEBIAN_MIRROR:-http://deb.debian.org/debian}" \
    >"$home/debootstrap.log" 2>&1 || { tail -n 20 "$home/debootstrap.log" >&2; fail 'debootstrap failed'; }
  touch "$home/.complete"
}

mount_chroot() {
  mountpoint -q "$root/proc" || mount -t proc proc "$root/proc"
  mountpoint -q "$root/dev" || mount --bind /dev "$root/dev"
  mountpoint -q "$root/dev/shm" || mount --bind /dev/shm "$root/dev/shm"
}

unmount_chroot() {
  local directory
  for directory in dev/shm dev proc; do
    if mountpoint -q "$root/$directory"; then umount "$root/$directory"; fi
  done
}

is_running() { run_as_owner "$bin/pg_ctl" status -D "$data" >/dev/null 2>&1; }

initialise() {
  local seen=$data
  if [ "$kind" = debootstrap ]; then seen=$root$data; fi
  [ -e "$seen/PG_VERSION" ] && return
  mkdir -p "$seen"
  chmod 755 "$home"
  if [ "$(id -u)" = 0 ]; then
    if [ "$kind" = debootstrap ]; then chroot "$root" chown postgres: "$data"; else chown postgres: "$data"; fi
  fi
  run_as_owner "$bin/initdb" -D "$data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 >&2
}

start() {
  if [ "$kind" = debootstrap ]; then
    install_chroot
    mount_chroot
  fi
  initialise
  if ! is_running; then
    local options="-c listen_addresses=127.0.0.1 -c port=$port -c unix_socket_directories= -c max_connections=200"
    if [ "$fast" = 1 ]; then options+=' -c fsync=off -c synchronous_commit=off -c full_page_writes=off'; fi
    run_as_owner "$bin/pg_ctl" start -w -t 30 -D "$data" -l "$data/server.log" -o "$options" >&2 </dev/null ||
      fail "it did not start; see $data/server.log"
  fi
  print_url
}

stop() {
  if [ "$kind" = debootstrap ] && [ ! -e "$home/.complete" ]; then return; fi
  if is_running; then run_as_owner "$bin/pg_ctl" stop -w -D "$data" -m "$stop_mode" >&2; fi
  # The mounts are shared by the servers of all ports: they stay while another one runs.
  if [ "$kind" = debootstrap ] && ! compgen -G "$root/var/lib/postgresql/data-*/postmaster.pid" >/dev/null; then
    unmount_chroot
  fi
}

case ${1:-} in
  start) start ;;
  stop) stop ;;
  url) print_url ;;
  *) fail 'usage: scripts/postgres.sh start|stop|url' ;;
esac

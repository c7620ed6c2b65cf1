#!/usr/bin/env bash
# A Redis for the tests, on 127.0.0.1, without Docker.
#
#   scripts/redis.sh start   starts it (installs it first where needed) and prints its URL
#   scripts/redis.sh stop    stops it; REDIS_STOP_MODE=kill pulls the plug
#   scripts/redis.sh url     prints the URL
#
#   REDIS_PORT   port, default 56379; several can run side by side
#   REDIS_HOME   directory for its log and process id, default /var/tmp/trunkline-redis
#
# It keeps nothing on disk.
set -euo pipefail

port=${REDIS_PORT:-56379}
home=${REDIS_HOME:-/var/tmp/trunkline-redis}
stop_mode=${REDIS_STOP_MODE:-shutdown}
pid_file=$home/redis-$port.pid
log_file=$home/redis-$port.log

say() { echo "redis.sh: $*" >&2; }
fail() { say "$*"; exit 1; }

print_url() { echo "redis://127.0.0.1:$port"; }

answers() { [ "$(redis-cli -h 127.0.0.1 -p "$port" ping 2>/dev/null)" = PONG ]; }

install() {
  if command -v redis-server >/dev/null && command -v redis-cli >/dev/null; then return; fi
  [ "$(id -u)" = 0 ] || fail 'no redis-server here; installing it needs root'
  say 'installing redis-server'
  apt-get update -qq >&2
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq redis-server >&2
}

start() {
  install
  mkdir -p "$home"
  if ! answers; then
    redis-server --bind 127.0.0.1 --port "$port" --save '' --appendonly no --daemonize yes --dir "$home" \
      --pidfile "$pid_file" --logfile "$log_file" >&2
    local tries=0
    until answers; do
      tries=$((tries + 1))
      [ "$tries" -lt 100 ] || fail "it did not start; see $log_file"
      sleep 0.1
    done
  fi
  print_url
}

stop() {
  if [ "$stop_mode" = kill ]; then
    if [ -s "$pid_file" ]; then kill -9 "$(cat "$pid_file")"; fi
    rm -f "$pid_file"
  elif command -v redis-cli >/dev/null && answers; then
    redis-cli -h 127.0.0.1 -p "$port" shutdown nosave >/dev/null 2>&1 || true
  fi
}

case ${1:-} in
  start) start ;;
  stop) stop ;;
  url) print_url ;;
  *) fail 'usage: scripts/redis.sh start|stop|url' ;;
esac

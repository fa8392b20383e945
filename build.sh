#!/usr/bin/env bash
# The one door: ./build.sh --target=Run|Test|Format|Audit|Smoke|Faults|Cluster|Bench [-- arguments for what is run]
# Wants the .NET 10 SDK, bash and coreutils. Everything else is restored, at pinned versions.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1
# No compiler or build node may outlive the build: whoever waits for our output to end would wait for them.
export MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_USE_MSBUILD_SERVER=0
[[ -t 1 ]] || export NO_COLOR=1
# A container's user may have no home that can be written to.
if [[ ! -w "${HOME:-/nonexistent}" ]]; then
  export HOME="$PWD/artifacts/home"
  mkdir -p "$HOME"
fi

target=Test
cake_arguments=()
while (($#)); do
  case "$1" in
    --target=*) target="${1#*=}" ;;
    --target | -t)
      target="${2:?--target wants a name}"
      shift
      ;;
    --)
      shift
      break
      ;;
    -h | --help)
      sed -n '2,3s/^# //p' "$0"
      exit 0
      ;;
    *) cake_arguments+=("$1") ;;
  esac
  shift
done

if ! command -v dotnet >/dev/null; then
  echo "dotnet is not on the PATH. The .NET 10 SDK is needed: https://dotnet.microsoft.com/download/dotnet/10.0" >&2
  exit 1
fi

cake() {
  dotnet tool restore --verbosity quiet >/dev/null || dotnet tool restore || return
  dotnet cake build.cake --target="$target" --settings_enablescriptcache=true "${cake_arguments[@]}"
}

# What runs in the foreground takes this process's place: its signals and its exit code are then its own.
become() {
  local assembly="$1/bin/Release/net10.0/$1.dll"
  shift
  echo "Building; the first time takes a minute or two."
  cake_arguments+=(--verbosity=quiet)
  cake
  exec dotnet "$assembly" "$@"
}

case "${target,,}" in
  run) become Presence.Host "$@" ;;
  smoke) become Presence.Benchmarks smoke "$@" ;;
  faults) become Presence.Benchmarks faults "$@" ;;
  cluster) become Presence.Benchmarks cluster "$@" ;;
  bench) become Presence.Benchmarks "$@" ;;
  test)
    # Cake ends with a table of its own, so the closing line is left in a file and said last.
    summary=artifacts/specs/summary
    rm -rf artifacts/specs
    code=0
    cake || code=$?
    if [[ ! -s $summary ]]; then
      echo "The specs did not run: see above."
      ((code)) || code=1
      mkdir -p artifacts/specs
      echo "0 passed, 1 failed" >"$summary"
    fi
    cat "$summary"
    exit "$code"
    ;;
  *)
    cake
    ;;
esac

#!/usr/bin/env bash
# Shows Fleet at work on this machine: builds it, starts a coordinator and two agents on the loopback address under a
# temporary folder, enrols them, backs up a real tree with rsync, and leaves nothing behind, also on Ctrl-C.
#
#   ./demo.sh
#
# Needs the .NET SDK. rsync and libsqlite3-0 are installed from Debian's packages if they are missing.
set -Eeuo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
root=$PWD

say() { printf '\n\033[1m== %s\033[0m\n' "$*"; }
show() { printf '$ fleet %s\n' "$*"; fleet "$@"; }

demo=$(mktemp -d "${TMPDIR:-/tmp}/fleet-demo.XXXXXX")
processes=()
cleanup() {
  local status=$? process
  trap '' INT TERM
  for process in "${processes[@]}"; do kill -TERM "$process" 2>/dev/null || true; done
  for process in "${processes[@]}"; do
    for _ in $(seq 100); do kill -0 "$process" 2>/dev/null || break; sleep 0.1; done
    kill -KILL "$process" 2>/dev/null || true
    wait "$process" 2>/dev/null || true
  done
  if [ "$status" -ne 0 ]; then
    for log in "$demo"/*.log; do
      if [ -s "$log" ]; then echo "--- ${log##*/}"; tail -n 15 "$log"; fi
    done >&2
  fi
  rm -rf "$demo"
  exit "$status"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

install_needs() {
  local missing=()
  command -v rsync >/dev/null || missing+=(rsync)
  /sbin/ldconfig -p | grep -q 'libsqlite3\.so\.0' || missing+=(libsqlite3-0)
  [ ${#missing[@]} -gt 0 ] || return 0
  say "Installing from Debian's packages, as they are missing: ${missing[*]}"
  if [ "$(id -u)" -ne 0 ]; then
    echo "this needs root; run: apt-get install ${missing[*]}" >&2
    exit 1
  fi
  export DEBIAN_FRONTEND=noninteractive
  apt-get install -qq -y --no-install-recommends "${missing[@]}" >/dev/null 2>&1 ||
    { apt-get update -qq && apt-get install -qq -y --no-install-recommends "${missing[@]}" >/dev/null; }
}

free_port() { # FROM
  local port=$1
  while (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do port=$((port + 1)); done
  echo "$port"
}

wait_for() { # WHAT COMMAND...
  local what=$1 deadline=$((SECONDS + 60))
  shift
  while [ $SECONDS -lt $deadline ]; do
    if "$@" >/dev/null 2>&1; then return 0; fi
    sleep 0.2
  done
  echo "demo.sh: not after 60 s: $what" >&2
  return 1
}

fleet() { "$root/artifacts/bin/Fleet.Cli/release/fleet" --address "https://127.0.0.1:$port" "$@"; }
agent=$root/artifacts/bin/Fleet.Agent/release/fleet-agent
all_online() { [ "$(fleet --json hosts | grep -o HOST_STATE_ONLINE | wc -l)" -eq 2 ]; }

install_needs
say "Building"
for project in Coordinator Agent Cli; do
  dotnet build "src/$project" -c Release -v quiet --nologo </dev/null
done

port=$(free_port 17443)
http_port=$(free_port 17480)
export FLEET_CREDENTIAL=$demo/coordinator/admin-credential.json

say "Starting a coordinator on 127.0.0.1:$port"
cat >"$demo/coordinator.yaml" <<X
listen: ["127.0.0.1:$port"]
http_listen: "127.0.0.1:$http_port"
state_directory: $demo/coordinator
X
"$root/artifacts/bin/Fleet.Coordinator/release/fleet-coordinator" run --config "$demo/coordinator.yaml" >"$demo/coordinator.log" 2>&1 &
processes+=($!)
wait_for "the coordinator answers" fleet status

say "Enrolling two agents with one token"
token=$(fleet token create --uses 2 --note demo 2>/dev/null)
for name in web1 nas1; do
  mkdir -p "$demo/$name" "$demo/backup/$name"
  cat >"$demo/$name/agent.yaml" <<X
name: $name
state_directory: $demo/$name/state
runtime_directory: $demo/$name/run
guard_file: $demo/$name/guard.yaml
metrics:
  interval: 2s
X
  # What each host allows: to read the .NET SDK's folder, and to write below its own backup folder.
  cat >"$demo/$name/guard.yaml" <<X
rsync:
  sources: [$(dirname "$(readlink -f "$(command -v dotnet)")")]
  destinations:
    - path: $demo/backup/$name
      allow: [copy, mirror, versions]
X
  "$agent" enroll --config "$demo/$name/agent.yaml" "https://127.0.0.1:$port" "$token"
  # Not in a function: what is stopped in the end would be the shell around it.
  "$agent" run --config "$demo/$name/agent.yaml" >"$demo/$name.log" 2>&1 &
  processes+=($!)
done
wait_for "both agents are online" all_online
show hosts

say "A policy for each: a mirror of the .NET SDK's folder, every minute"
source=$(dirname "$(readlink -f "$(command -v dotnet)")")/sdk
for name in web1 nas1; do
  cat <<X
policy: sdk-$name
hosts: [$name]
every: 1m
freshness: 10m
rsync:
  source: $source
  destination: $demo/backup/$name
  mode: mirror
  bandwidth_limit: 40MiB
---
X
done | sed '$d' >"$demo/policies.yaml"
cat "$demo/policies.yaml"
show apply -f "$demo/policies.yaml" --dry-run
show apply -f "$demo/policies.yaml"

say "Running one of them now, and following it"
show run sdk-web1
show run sdk-nas1

say "Is the copy what the original is?"
diff -r --no-dereference "$source" "$demo/backup/web1" && echo "byte for byte: $(find "$source" -type f | wc -l) files, $(du -sh "$source" | cut -f1)"

say "What happened"
show runs
show events --after 0
show metrics web1 | head -n 25

say "What needs attention"
show status

say "Done: stopping everything and removing $demo"

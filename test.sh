#!/usr/bin/env bash
# Builds everything and runs every test. The last line says how many passed and failed.
#
#   ./test.sh [--fast | --vm] [--filter PATTERN] [--no-install]
#
#   --fast             without the tests that boot machines (containers with systemd, virtual machines with real storage) and need root
#   --vm               only the tests on real pools and volume groups, in virtual machines, and all of these: two hours
#   --filter PATTERN   only tests whose full name matches, as in --filter '*Schedules*'
#   --no-install       do not install Debian packages that are missing
#
# What the tests need from Debian is installed with apt-get when it is missing and this runs as root.
set -Eeuo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
exec </dev/null

# The build's tools, the other gRPC implementations, shells that complete, the tools that actions run, and what the machines are made with.
needs=(
  dpkg-dev:dpkg-shlibdeps binutils:strip lintian:lintian
  nodejs:node npm:npm python3:/usr/bin/python3 protobuf-compiler:/usr/bin/protoc libprotobuf-dev:/usr/include/google/protobuf/timestamp.proto
  libsqlite3-0:/usr/lib/x86_64-linux-gnu/libsqlite3.so.0 python3-grpcio:/usr/lib/python3/dist-packages/grpc
  python3-protobuf:/usr/lib/python3/dist-packages/google/protobuf
  protobuf-compiler-grpc:/usr/bin/grpc_python_plugin
  libconfig-inifiles-perl:/usr/share/perl5/Config/IniFiles.pm libcapture-tiny-perl:/usr/share/perl5/Capture/Tiny.pm
  postgresql:/usr/bin/pg_createcluster zsh:zsh fish:fish rsync:rsync openssh-client:ssh openssh-server:/usr/sbin/sshd openssl:openssl procps:ps
)
machine_needs=(
  mmdebstrap:mmdebstrap systemd-container:systemd-nspawn iproute2:ip util-linux:nsenter
  qemu-system-x86:qemu-system-x86_64 qemu-utils:qemu-img e2fsprogs:mkfs.ext4 zstd:zstd xz-utils:xz
)
project_timeout=900
end_to_end_timeout=2400
# Nobody waits longer than an hour for this: a check in virtual machines that has not begun by vm_begin is skipped, and says so.
vm_begin=2880
vm_end=3360
vm_checks='check-fleet-zfs check-fleet-lvm check-fleet-replication' # what every run has time for
# What is run once more with its store on PostgreSQL.
on_postgres=(Audit Events Hosts Policies Runs Sessions Snapshots)
fast=no
vm=no
install=yes
filter=()

while [ $# -gt 0 ]; do
  case $1 in
    --fast) fast=yes; shift ;;
    --vm) vm=yes vm_checks=all; shift ;;
    --filter) filter=(-method "${2:?--filter needs a pattern}"); shift 2 ;;
    --no-install) install=no; shift ;;
    -h|--help) sed -n '2,11s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) echo "test.sh: unknown argument '$1' (see --help)" >&2; exit 2 ;;
  esac
done
[ "$fast" = yes ] || needs+=("${machine_needs[@]}")

install_needs() {
  local need package file missing=()
  for need in "${needs[@]}"; do
    package=${need%%:*} file=${need#*:}
    case $file in
      /usr/lib/x86_64-linux-gnu/*) file=/usr/lib/$(dpkg-architecture -qDEB_HOST_MULTIARCH 2>/dev/null || echo x86_64-linux-gnu)/${file##*/} ;;
    esac
    if [[ $file == /* ]]; then [ -e "$file" ] || missing+=("$package"); else command -v "$file" >/dev/null || missing+=("$package"); fi
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  if [ "$install" = no ] || [ "$(id -u)" -ne 0 ]; then
    echo "test.sh: these Debian packages are missing and are not installed (no root, or --no-install): ${missing[*]}" >&2
    return 0
  fi
  echo "test.sh: installing from Debian: ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  apt-get install -qq -y --no-install-recommends "${missing[@]}" >/dev/null 2>&1 ||
    { apt-get update -qq && apt-get install -qq -y --no-install-recommends "${missing[@]}" >/dev/null; }
}

# Packages that are unpacked and not installed: sanoid, whose choice retention is compared with, would bring ZFS and a timer along, and rsync 3.2.7
# is tried beside the release that is installed.
unpack() { # FOLDER PACKAGE [VERSION-PREFIX]
  local folder=artifacts/tools/$1 wanted=$2
  [ ! -d "$folder/usr" ] || return 0
  if [ "$install" = no ]; then
    echo "test.sh: the package $2${3:+ $3} is not unpacked in $folder (--no-install)" >&2
    return 0
  fi
  [ -n "$(apt-cache madison "$2")" ] || apt-get update -qq
  [ $# -lt 3 ] || wanted=$2=$(apt-cache madison "$2" | awk -v prefix="$3" 'index($3, prefix) == 1 && !found++ { print $3 }')
  if [[ $wanted == *= ]]; then
    echo "test.sh: this Debian has no $2 $3" >&2
    return 0
  fi
  rm -rf "$folder" && mkdir -p "$folder"
  (cd "$folder" && { apt-get download -qq "$wanted" || { apt-get update -qq && apt-get download -qq "$wanted"; }; }) >/dev/null 2>&1
  dpkg-deb -x "$folder/$2"_*.deb "$folder"
}

# The virtual machines' image takes minutes to build when none is cached, so it is built beside everything else, and gives way to it.
image_process=
start_image() {
  nice -n 19 tests/rig/vm-image >artifacts/test-logs/vm-image.log 2>&1 &
  image_process=$!
}
await_image() {
  wait "$image_process" || { tail -n 30 artifacts/test-logs/vm-image.log; echo "test.sh: the image of the virtual machines was not built" >&2; }
  export FLEET_TEST_VM=$vm_checks
  [ "$vm" = yes ] || export FLEET_TEST_VM_UNTIL=$(($(date +%s) + vm_begin - SECONDS))
}

passed=0
failed=0
skipped=0

run_project() { # PROJECT-FILE [LABEL ARGUMENT...]
  local name log summary total errors failures skips status=0 limit=$project_timeout live=() label=${2:+.$2} selected=("${@:3}")
  name=$(basename "$1" .csproj)
  [ "$name" != Fleet.EndToEnd ] || limit=$end_to_end_timeout
  # The scripts in the machines say how far they are.
  [ "$name" != Fleet.Vm ] || { limit=$([ "$vm" = yes ] && echo 10800 || echo $((vm_end > SECONDS + 60 ? vm_end - SECONDS : 60))); live=(-showLiveOutput); }
  log=artifacts/test-logs/$name$label.log
  echo "== $name${label:+ (${label#.})}"
  timeout --kill-after=30 "$limit" "artifacts/bin/$name/debug/$name" -noColor -noLogo "${live[@]}" "${selected[@]}" "${filter[@]}" >"$log" 2>&1 || status=$?
  summary=$(grep -E "^ +$name +Total: " "$log" | tail -n 1 || true)
  if [[ $summary =~ Total:\ ([0-9]+),\ Errors:\ ([0-9]+),\ Failed:\ ([0-9]+),\ Skipped:\ ([0-9]+) ]]; then
    total=${BASH_REMATCH[1]} errors=${BASH_REMATCH[2]} failures=${BASH_REMATCH[3]} skips=${BASH_REMATCH[4]}
  else
    total=0 errors=0 failures=0 skips=0
  fi
  echo "   ${summary:-no summary: ended with exit code $status (124: not finished after $limit s)}"
  passed=$((passed + total - failures - skips))
  failed=$((failed + failures + errors))
  skipped=$((skipped + skips))
  if [ "$skips" -gt 0 ]; then grep -E '\[SKIP\]' -A 1 "$log" || true; fi
  if [ "$status" -ne 0 ] || [ "$((failures + errors))" -gt 0 ]; then
    [ "$((failures + errors))" -gt 0 ] || failed=$((failed + 1))
    grep -vE '^ *(Starting|Finished|Discover)' "$log" | tail -n 150
    echo "   whole log: $log"
  elif [ "$total" -eq 0 ] && [ ${#filter[@]} -eq 0 ]; then
    echo "   a test project without tests is a mistake"
    failed=$((failed + 1))
  fi
}

install_needs
unpack sanoid sanoid
unpack rsync-3.2.7 rsync 3.2.7-
# No compiler or build server may outlive this script.
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 MSBUILDDISABLENODEREUSE=1
mkdir -p artifacts/test-logs
[ "$fast" = yes ] || start_image
dotnet build Fleet.sln -v quiet --nologo -p:UseSharedCompilation=false
dotnet format Fleet.sln --verify-no-changes --no-restore
eng/changelog --check

for project in tests/*/*.csproj; do
  if ! grep -q '<IsTestProject>true' "$project"; then continue; fi
  case $project in
    *Fleet.Vm*) [ "$fast" = no ] || continue ;;
    *Fleet.EndToEnd*) [ "$fast$vm" = nono ] || continue ;;
    *) [ "$vm" = no ] || continue ;;
  esac
  if [[ $project == *Fleet.Vm* ]]; then await_image; fi
  run_project "$project"
  if [[ $project == *Coordinator.Tests* && ${#filter[@]} -eq 0 ]]; then
    classes=()
    for room in "${on_postgres[@]}"; do classes+=(-class "*.$room.*"); done
    FLEET_TEST_STORE=postgres run_project "$project" postgres "${classes[@]}" -trait- Store=Sqlite
  fi
done

[ "$skipped" -eq 0 ] || echo "$skipped skipped"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]

# For check-fleet-*: an agent in a VM, its coordinator and `fleet` on this machine, where they run at full speed. To be sourced, with the name
# of the VM in $vm and further options of vm-run in vm_options; then start_fleet, what the host shall look like, and install_agent.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
bin=$(cd "$here/../../artifacts/bin" && pwd)
work=$(mktemp -d)
port=$((20000 + RANDOM % 10000))
export FLEET_CREDENTIAL=$work/state/admin-credential.json FLEET_CONFIG=''

fleet() { "$bin/Fleet.Cli/debug/fleet" --address "https://127.0.0.1:$port" --timeout 1m "$@"; }
in_vm() { "$here/vm-run" exec "$vm" -i -t 120 -- "$1"; }
ok() { echo "ok: $*"; }
fail() { echo "NOT OK: $*" >&2; in_vm 'journalctl -n 30 --no-pager -u fleet-agent' </dev/null >&2 || true; tail -n 20 "$work/coordinator.log" >&2; exit 1; }
await() { local i; for i in {1..200}; do "$@" >/dev/null 2>&1 && return; sleep 1; done; fail "waited in vain for: $*"; }
same() { [[ $2 == "$3" ]] && ok "$1" || fail "$1: expected <$2>, found <$3>"; }
has() { [[ $3 == *"$2"* ]] && ok "$1" || fail "$1: expected <$2> in <$3>"; }
is_online() { fleet hosts --state online | grep -q nas; }
clean_up() {
  "$here/vm-run" stop "$vm" --kill >/dev/null 2>&1 || true
  [[ -z ${coordinator-} ]] || kill "$coordinator" 2>/dev/null || true
  rm -rf "$work"
}
trap clean_up EXIT
# on|off: what ntpd or chronyd tell the kernel; a VM of the rig has neither
synchronised() {
  in_vm "python3 - $1" <<'PY'
import ctypes, struct, sys
libc = ctypes.CDLL(None)
timex = ctypes.create_string_buffer(208)
libc.adjtimex(timex)
status = struct.unpack_from('i', timex, 40)[0]
status = status & ~0x40 if sys.argv[1] == 'on' else status | 0x40
struct.pack_into('I', timex, 0, 0x10 | 0x04 | 0x08)   # status, maximum error, estimated error
struct.pack_into('q', timex, 24, 1000)
struct.pack_into('q', timex, 32, 1000)
struct.pack_into('i', timex, 40, status)
sys.exit(libc.adjtimex(timex) < 0)
PY
}
guard() { in_vm 'cat >/etc/fleet/guard.yaml.new && chmod 640 /etc/fleet/guard.yaml.new && mv /etc/fleet/guard.yaml.new /etc/fleet/guard.yaml'; }
write() { in_vm "dd if=/dev/urandom of='$1' bs=64K count=1 conv=fsync status=none" </dev/null; }
# a coordinator, and a VM with one scratch disk and no agent yet
start_fleet() {
  mkdir -m 700 "$work/state"
  cat >"$work/coordinator.yaml" <<Y
listen: ["127.0.0.1:$port"]
http_listen: "off"
server_names: [10.0.2.2]
state_directory: $work/state
Y
  chmod 600 "$work/coordinator.yaml"
  "$bin/Fleet.Coordinator/debug/fleet-coordinator" run --config "$work/coordinator.yaml" >"$work/coordinator.log" 2>&1 &
  coordinator=$!
  "$here/vm-run" start "$vm" --disks 1 --disk-size 1G --mem 2G ${vm_options[@]+"${vm_options[@]}"} >/dev/null
  in_vm 'mkdir -p -m 750 /etc/fleet && mkdir -m 700 /var/lib/fleet-agent' </dev/null
}
# The agent's package that is newer than everything that goes into it, if there is one. Those of the end-to-end tests will do as well; their
# 99.0.0 is an upgrade to try.
newest_package() {
  local root=$here/../.. deb
  deb=$(find "$root"/artifacts/{packages,end-to-end-packages} -name 'fleet-agent_*.deb' ! -name '*_99.0.0_*' -printf '%T@ %p\n' 2>/dev/null | sort -rn | sed -n '1s/^[^ ]* //p') || true
  [[ -z $deb || -n $(find "$root"/{proto,packaging,src} "$root"/Directory.* -newer "$deb" -type f -print -quit) ]] || echo "$deb"
}
# from its package, which is built if it is missing or older than its sources, under systemd; enrolled as nas, and online
install_agent() {
  local root=$here/../.. deb token i
  deb=$(newest_package)
  if [[ -z $deb ]]; then
    echo "building the package of the agent"
    "$root/packaging/build.sh" --only fleet-agent --no-lintian --compression 1 --output "$root/artifacts/packages" >"$work/package.log" 2>&1 || fail "the package: $(tail -n 5 "$work/package.log")"
    deb=$(newest_package)
    [[ -n $deb ]] || fail "the package was built but is not there"
  fi
  "$here/vm-run" put "$vm" "$deb" /root/fleet-agent.deb
  in_vm 'dpkg -i --force-confold /root/fleet-agent.deb >/root/dpkg.log 2>&1 || { cat /root/dpkg.log; exit 1; }' </dev/null || fail "the package does not install"
  await fleet status
  token=$(fleet token create --json | python3 -c 'import json,sys; print(json.load(sys.stdin)["secret"])')
  # On a busy machine the emulator may need more than the 20 s of a call. Nothing was sent then.
  for i in 1 2 3 4 5 6; do
    in_vm "fleet-agent enroll https://10.0.2.2:$port $token --name nas" </dev/null && break
    ((i < 6)) || fail "enroll"
  done
  in_vm 'systemctl enable -q fleet-agent && systemctl restart fleet-agent' </dev/null
  await is_online
  ok "coordinator and agent are up"
}
# the newest run of a policy
run_of() { fleet runs --policy "$1" --limit 1 --json | python3 -c 'import json,sys; print(json.load(sys.stdin)["runs"][0]["runId"])'; }

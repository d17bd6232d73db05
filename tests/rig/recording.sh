# Sourced by record-zfs and record-lvm inside the VM: keeps what a command prints, byte for byte.
out=/root/recorded/unsorted
limit=120   # seconds for one command
mkdir -p "$out"
trap 'echo "recording: line $LINENO failed: $BASH_COMMAND" >&2' ERR

# TOOL RELEASE: from here on below the folder of this release, what was recorded before included
recording() {
  mv "$out" "/root/recorded/$1-${2:?no release of $1}"
  out=/root/recorded/$1-$2
}

# NAME COMMAND...: a command that may fail
rec() { rec_input "$1" /dev/null "${@:2}"; }

# NAME FILE COMMAND...: the same with FILE as standard input
rec_input() {
  local name=$1 input=$2 code=0 word line='LC_ALL=C TZ=UTC'
  shift 2
  [[ ! -e $out/$name.exit ]] || { echo "recording: $name comes twice" >&2; return 1; }
  for word; do
    [[ $word =~ ^[A-Za-z0-9_@%+=:,./#-]+$ ]] && line+=" $word" || line+=" ${word@Q}"
  done
  [[ $input == /dev/null ]] || line+=" <${input##*/}"
  printf '%s\n' "$line" >"$out/$name.command"
  LC_ALL=C TZ=UTC timeout -k 2 "$limit" "$@" <"$input" >"$out/$name.stdout" 2>"$out/$name.stderr" || code=$?
  printf '%s\n' "$code" >"$out/$name.exit"
  echo "$name: $code"
}

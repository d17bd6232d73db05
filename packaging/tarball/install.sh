#!/bin/sh
# Installs what lies beside this script: program, unit, manual page, and configuration where there is none yet.
# For distributions without dpkg; on Debian and its kin, install the .deb file.
#
#   ./install.sh [--root DIR]
#
#   --root DIR   into this folder instead of /, without starting anything: for images
set -eu

root=
case ${1-} in
  '') ;;
  --root) root=${2:?--root needs a folder} ;;
  *) sed -n '2,7s/^# \{0,1\}//p' "$0"; exit 2 ;;
esac
cd "$(dirname "$0")"

machine=$(cat ARCHITECTURE)
if [ -z "$root" ] && [ "$(uname -m)" != "$machine" ]; then
  echo "install.sh: this is built for $machine, and the machine is $(uname -m)" >&2
  exit 1
fi

find usr lib etc \( -type f -o -type l \) 2>/dev/null | while read -r file; do
  to=$root/$file
  case $file in
    etc/*) if [ -e "$to" ]; then echo "install.sh: $to is kept as it is"; continue; fi ;;
  esac
  mkdir -p "$(dirname "$to")"
  # Beside it and then in its place: a program that runs cannot be written.
  cp -P -p "$file" "$to.new"
  mv -f "$to.new" "$to"
done

if [ -z "$root" ] && [ -d /run/systemd/system ]; then
  for unit in lib/systemd/system/*.service; do
    [ -e "$unit" ] || continue
    systemctl daemon-reload
    systemctl enable "${unit##*/}"
    systemctl restart "${unit##*/}"
  done
fi

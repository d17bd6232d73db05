#!/usr/bin/env bash
# Builds fleet-agent, fleet-coordinator and fleet-cli as .deb files, for the architecture of this machine or another one.
#
#   packaging/build.sh [--version V] [--output DIR] [--only PACKAGE]... [--arch amd64|arm64] [--tarball] [--compression 0-9] [--no-lintian]
#
#   --arch ARCH   for another architecture than this machine's: agent and CLI, with Debian's gcc-aarch64-linux-gnu,
#                 libc6-dev-arm64-cross and qemu-user
#   --tarball     also agent and CLI as .tar.gz, with an install.sh, for distributions without dpkg
#
# The binaries carry their own .NET runtime: the host needs none. Agent and CLI are compiled ahead of time
# (NativeAOT) where the toolchain for it can be restored, else trimmed, ReadyToRun and one file; which one it was is printed.
# Needs the .NET SDK, dpkg-dev, gzip and lintian. Results are reproducible: time stamps are those of the last commit.
set -Eeuo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(dirname "$here")
version=
output=$root/artifacts/packages
compression=6
lintian=yes
tarball=no
arch=
packages=()

usage() { sed -n '2,13s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; }
die() { echo "build.sh: $*" >&2; exit 2; }

while [ $# -gt 0 ]; do
  case $1 in
    --version) version=${2:?--version needs a value}; shift 2 ;;
    --output) output=${2:?--output needs a folder}; shift 2 ;;
    --only) packages+=("${2:?--only needs a package}"); shift 2 ;;
    --compression) compression=${2:?--compression needs a level}; shift 2 ;;
    --no-lintian) lintian=no; shift ;;
    --arch) arch=${2:?--arch needs an architecture}; shift 2 ;;
    --tarball) tarball=yes; shift ;;
    -h|--help) usage; exit 0 ;;
    *) die "unknown argument '$1' (see --help)" ;;
  esac
done
[ -n "$version" ] || version=$(sed -n 's:.*<Version>\(.*\)</Version>.*:\1:p' "$root/Directory.Build.props")
[[ $version =~ ^[0-9]+(\.[0-9]+){2}$ ]] || die "version '$version' is not of the form 1.2.3"

for tool in dotnet dpkg-deb dpkg-shlibdeps gzip strip; do
  command -v "$tool" >/dev/null || die "$tool is missing (Debian packages: dpkg-dev, binutils, gzip; dotnet is the .NET SDK)"
done
here_arch=$(dpkg --print-architecture)
arch=${arch:-$here_arch}
case $arch in
  amd64) rid=linux-x64; machine=x86_64 ;;
  arm64) rid=linux-arm64; machine=aarch64 ;;
  *) die "no .NET runtime for $arch" ;;
esac
cross= # What the names of the tools for another architecture begin with.
if [ "$arch" != "$here_arch" ]; then
  cross=$machine-linux-gnu-
  for tool in "${cross}gcc" "${cross}objcopy" "${cross}objdump" "${cross}strip" "qemu-$machine"; do
    command -v "$tool" >/dev/null || die "$tool is missing (Debian packages: gcc-${machine//_/-}-linux-gnu, libc6-dev-$arch-cross, qemu-user)"
  done
fi
if [ ${#packages[@]} -eq 0 ]; then
  packages=(fleet-agent fleet-coordinator fleet-cli)
  [ -z "$cross" ] || packages=(fleet-agent fleet-cli)
fi
[ -z "$cross" ] || [[ " ${packages[*]} " != *" fleet-coordinator "* ]] || die "the coordinator is built on the architecture that it runs on"

SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git -C "$root" log -1 --format=%ct 2>/dev/null || stat -c %Y "$root/Directory.Build.props")}
export SOURCE_DATE_EPOCH
work=$(mktemp -d "${TMPDIR:-/tmp}/fleet-packages.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'echo "build.sh: line $LINENO failed: $BASH_COMMAND" >&2' ERR
mkdir -p "$output"

# Its own artifacts folder, so that a build of the same tree without a runtime identifier is left alone.
artifacts=$root/artifacts/packaging${cross:+-$arch}
publish() { # PROJECT FOLDER [PROPERTY...]
  local project=$1 folder=$2
  shift 2
  dotnet publish "$root/$project" -c Release -r "$rid" --self-contained -o "$folder" -v quiet --nologo \
    --artifacts-path "$artifacts" -p:Version="$version" -p:ContinuousIntegrationBuild=true \
    -p:DebugType=embedded -p:GenerateDocumentationFile=true "$@" </dev/null
}

# Whether the NativeAOT compiler and its runtime pack restore here, and a linker is there for them. Asked once.
can_compile_ahead() {
  [ -n "${ahead:-}" ] || { if try_compiler; then ahead=yes; else ahead=no; fi; }
  [ "$ahead" = yes ]
}

try_compiler() {
  [ -n "$cross" ] || command -v clang >/dev/null || command -v gcc >/dev/null || return 1
  mkdir -p "$work/aot"
  cat >"$work/aot/probe.csproj" <<'X'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><TargetFramework>net10.0</TargetFramework><OutputType>Exe</OutputType><PublishAot>true</PublishAot></PropertyGroup>
</Project>
X
  (cd "$work/aot" && timeout 120 dotnet restore -r "$rid" -v quiet </dev/null >"$work/aot/log" 2>&1)
}

# Ahead of time where that can be done, else with the runtime in the file.
publish_ahead() { # PACKAGE PROJECT FOLDER
  if can_compile_ahead; then
    echo "$1: NativeAOT"
    if [ -n "$cross" ]; then cross_linker; fi
    publish "$2" "$3" -p:PublishAot=true ${cross:+"-p:CppCompilerAndLinker=$work/linker" "-p:ObjCopyName=${cross}objcopy"}
  elif [ -n "$cross" ]; then
    die "the NativeAOT compiler for $rid does not restore here"
  else
    echo "$1: the NativeAOT toolchain does not restore here: trimmed, ReadyToRun, single file"
    publish "$2" "$3" -p:PublishTrimmed=true -p:PublishReadyToRun=true -p:PublishSingleFile=true
  fi
}

# The compiler's targets give the linker an option that only clang has: which target is meant. gcc is made for one.
cross_linker() {
  cat >"$work/linker" <<X
#!/bin/sh
for word; do shift; case \$word in --target=*) ;; *) set -- "\$@" "\$word" ;; esac; done
exec ${cross}gcc "\$@"
X
  chmod +x "$work/linker"
}

publish_agent() { publish_ahead fleet-agent src/Agent "$1"; }

publish_cli() { publish_ahead fleet-cli src/Cli "$1"; }

# ASP.NET Core and Dapper look types up by reflection: the coordinator stays whole. Of it only the framework is compiled beforehand: to
# compile the rest, too, would start it half a second sooner and take 10 MB of memory for good (bench/README.md).
publish_coordinator() { publish src/Coordinator "$1" -p:PublishSingleFile=true; }

install_file() { install -D -m "$1" "$2" "$3"; } # MODE FROM TO
install_gzip() { mkdir -p "$(dirname "$2")"; gzip -9n <"$1" >"$2"; chmod 644 "$2"; } # FROM TO

# The program and what it needs beside it go to /usr/lib/PACKAGE, the command on the PATH is a link to it.
install_program() { # PACKAGE EXECUTABLE PUBLISHED TREE COMMAND-FOLDER
  local folder=$4/usr/lib/$1
  mkdir -p "$folder" "$4/$5"
  find "$3" \( -name '*.pdb' -o -name '*.dbg' \) -delete
  find "$3" \( -name '*.xml' -o -name '*.staticwebassets.*' -o -name 'appsettings*.json' -o -name web.config \) -delete
  find "$3" -type f -printf '%P\n' | while read -r file; do
    case $file in
      "$2") install_file 755 "$3/$file" "$folder/$file" ;;
      *) install_file 644 "$3/$file" "$folder/$file" ;;
    esac
  done
  find "$folder" -name '*.so' -exec "${cross}strip" --strip-unneeded {} +
  ln -s "../lib/$1/$2" "$4/$5/$2"
}

tree_fleet_agent() { # TREE
  publish_agent "$work/out-agent"
  install_program fleet-agent fleet-agent "$work/out-agent" "$1" usr/sbin
  install_file 644 "$here/fleet-agent/fleet-agent.service" "$1/lib/systemd/system/fleet-agent.service"
  install_file 640 "$here/fleet-agent/agent.yaml" "$1/etc/fleet/agent.yaml"
  install_file 640 "$here/fleet-agent/guard.yaml" "$1/etc/fleet/guard.yaml"
  install_gzip "$here/fleet-agent/fleet-agent.8" "$1/usr/share/man/man8/fleet-agent.8.gz"
}

tree_fleet_coordinator() {
  publish_coordinator "$work/out-coordinator"
  install_program fleet-coordinator fleet-coordinator "$work/out-coordinator" "$1" usr/sbin
  install_file 644 "$here/fleet-coordinator/fleet-coordinator.service" "$1/lib/systemd/system/fleet-coordinator.service"
  install_file 644 "$here/fleet-coordinator/sysusers.conf" "$1/usr/lib/sysusers.d/fleet-coordinator.conf"
  install_file 644 "$here/fleet-coordinator/no-namespaces.conf" "$1/usr/share/fleet-coordinator/no-namespaces.conf"
  install_file 640 "$here/fleet-coordinator/coordinator.yaml" "$1/etc/fleet/coordinator.yaml"
  install_gzip "$here/fleet-coordinator/fleet-coordinator.8" "$1/usr/share/man/man8/fleet-coordinator.8.gz"
}

install_completion() { # SHELL TO; the program prints it, so that there is one source
  ${cross:+qemu-$machine -L "/usr/${cross%-}"} "$work/out-cli/fleet" completion "$1" >"$work/completion"
  install_file 644 "$work/completion" "$2"
}

tree_fleet_cli() {
  publish_cli "$work/out-cli"
  install_program fleet-cli fleet "$work/out-cli" "$1" usr/bin
  install_completion bash "$1/usr/share/bash-completion/completions/fleet"
  install_completion zsh "$1/usr/share/zsh/vendor-completions/_fleet"
  install_completion fish "$1/usr/share/fish/vendor_completions.d/fleet.fish"
  install_gzip "$here/fleet-cli/fleet.1" "$1/usr/share/man/man1/fleet.1.gz"
}

# What the program is linked with, as Debian package relations.
shared_library_depends() { # TREE
  if [ -n "$cross" ]; then
    cross_depends "$1"
    return
  fi
  mkdir -p "$work/shlibs/debian"
  : >"$work/shlibs/debian/control"
  find "$1/usr/lib" -type f \( -perm -100 -o -name '*.so' \) -print0 |
    (cd "$work/shlibs" && xargs -0 dpkg-shlibdeps -O --ignore-missing-info 2>/dev/null) | sed -n 's/^shlibs:Depends=//p'
}

# dpkg-shlibdeps wants the other architecture's packages installed. The few libraries that are linked are all named here.
cross_depends() { # TREE
  local libraries newest
  find "$1/usr/lib" -type f \( -perm -100 -o -name '*.so' \) -exec "${cross}objdump" -p {} + >"$work/linked"
  libraries=$(sed -n 's/^ *NEEDED *//p' "$work/linked" | sort -u | grep -vxE 'ld-linux-.*|lib(c|m|dl|rt|pthread)\.so\.[0-9]+' || true)
  newest=$(grep -oE '\bGLIBC_[0-9.]+' "$work/linked" | sed 's/GLIBC_//' | sort -V | tail -n 1)
  printf 'libc6 (>= %s)' "$newest"
  for library in $libraries; do
    case $library in
      libgcc_s.so.1) printf ', libgcc-s1' ;;
      libstdc++.so.6) printf ', libstdc++6' ;;
      libz.so.1) printf ', zlib1g (>= 1:1.1.4)' ;;
      *) echo "build.sh: which package has $library?" >&2; return 1 ;;
    esac
  done
}

# The package's files and install.sh, under one folder.
pack_tarball() { # PACKAGE TREE
  local name=$1-$version-linux-$arch tar=$output/$1-$version-linux-$arch.tar.gz
  mkdir -p "$work/tarball/$name"
  cp -a "$2/." "$work/tarball/$name"
  rm -r "$work/tarball/$name/DEBIAN" "$work/tarball/$name/usr/share/lintian" "$work/tarball/$name/usr/share/doc/$1/changelog.gz"
  install_file 755 "$here/tarball/install.sh" "$work/tarball/$name/install.sh"
  echo "$machine" >"$work/tarball/$name/ARCHITECTURE"
  find "$work/tarball/$name" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
  tar --create --directory "$work/tarball" --sort=name --format=gnu --owner=0 --group=0 --numeric-owner "$name" | gzip "-${compression/#0/1}n" >"$tar"
  printf '%s  %s packed\n' "$tar" "$(du -h --apparent-size "$tar" | cut -f1)"
}

build() { # PACKAGE
  local package=$1 tree=$work/$1 doc=$work/$1/usr/share/doc/$1 date depends deb
  mkdir -p "$tree/DEBIAN" "$doc"
  chmod 755 "$tree"
  "tree_${package//-/_}" "$tree"

  install_file 644 "$here/copyright" "$doc/copyright"
  date=$(date -u -R -d "@$SOURCE_DATE_EPOCH")
  printf '%s (%s) unstable; urgency=medium\n\n  * Release %s: see CHANGELOG.md in the source.\n\n -- %s  %s\n' \
    "$package" "$version" "$version" "$(sed -n 's/^Maintainer: //p' "$here/$package/control")" "$date" >"$work/changelog"
  install_gzip "$work/changelog" "$doc/changelog.gz"
  if [ -f "$here/$package/lintian-overrides" ]; then
    install_file 644 "$here/$package/lintian-overrides" "$tree/usr/share/lintian/overrides/$package"
  fi

  for script in postinst prerm postrm; do
    if [ -f "$here/$package/$script" ]; then install_file 755 "$here/$package/$script" "$tree/DEBIAN/$script"; fi
  done
  find "$tree" -path "$tree/etc/*" -type f -printf '/%P\n' | sort >"$tree/DEBIAN/conffiles"
  [ -s "$tree/DEBIAN/conffiles" ] || rm "$tree/DEBIAN/conffiles"
  (cd "$tree" && find . \( -path ./DEBIAN -o -path ./etc \) -prune -o -type f -printf '%P\0' | sort -z | xargs -0 md5sum) \
    >"$tree/DEBIAN/md5sums"
  depends=$(shared_library_depends "$tree")
  sed -e "s/@VERSION@/$version/" -e "s/@ARCHITECTURE@/$arch/" -e "s/@SHLIBS@/$depends/" \
    -e "s/@SIZE@/$(du -sk --apparent-size --exclude=DEBIAN "$tree" | cut -f1)/" "$here/$package/control" >"$tree/DEBIAN/control"
  find "$tree" -type d -exec chmod 755 {} +
  find "$tree" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +

  deb=$output/${package}_${version}_$arch.deb
  dpkg-deb --root-owner-group -Zxz "-z$compression" --build "$tree" "$deb" >/dev/null
  printf '%s  %s installed, %s packed\n' "$deb" "$(du -sh --apparent-size "$tree" | cut -f1)" "$(du -h --apparent-size "$deb" | cut -f1)"
  built+=("$deb")
  if [ "$tarball" = yes ] && [ "$package" != fleet-coordinator ]; then pack_tarball "$package" "$tree"; fi
}

built=()
for package in "${packages[@]}"; do
  [ -f "$here/$package/control" ] || die "no such package: $package"
  build "$package"
done

if [ "$lintian" = yes ]; then
  command -v lintian >/dev/null || die "lintian is missing (Debian package: lintian); --no-lintian skips the check"
  lintian --allow-root --fail-on error --tag-display-limit 0 "${built[@]}"
  echo "lintian: no error"
fi

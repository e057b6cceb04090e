#!/usr/bin/env bash
# Puts XGBoost into <root>/.native/: libxgboost.so.0 with the two libraries it needs beside the usual ones (libdmlc.so.0,
# libgomp.so.1).
#
#   build/provision-xgboost.sh ROOT
#
# Where the system has XGBoost it is copied from there; else Debian's packages are downloaded and unpacked, which needs neither
# root nor an installation. What is checked: apt compares every package with the hash in its signed lists; a package of a version
# that is known here must have the SHA-256 pinned below as well. Debian may update a package within a release, so that another
# version is taken as apt gives it, and named.
#
# Safe to start any number of times at once: a file lock lets one fetch, the others find the files. Exit 0: they are there.
# Exit 1: they are not, and the reason is on stdout once; for a minute after a failure further calls exit 1 silently.
set -euo pipefail

root=${1:?usage: provision-hdf5.sh ROOT}
native=$root/.native
file=$native/libxgboost.so.0
failed=$native/.xgboost.failed
packages=(libxgboost0 libdmlc0 libgomp1)
export PATH=$PATH:/usr/sbin:/sbin LC_ALL=C

pinned() { # a package file's name → its SHA-256, nothing for one that is not known
  case $1 in
    libxgboost0_1.7.4-1_amd64.deb) echo 91a9c8a05c732e0ae8f5d85172c3a0f49bcf3aecdd671ecf8bb82566a42efb9d ;;
    libdmlc0_0.5-1_amd64.deb) echo 110b0ec2715ec0a047ff797cd215f999b7f7bbdc276685fd0021a45a74cfffe5 ;;
    libgomp1_12.2.0-14+deb12u1_amd64.deb) echo 48fec46bda7f5b1638b9e959889bfbc20491247d402d120bb152687eb48143d7 ;;
  esac
}

[[ -f $file ]] && exit 0
mkdir -p "$native"
exec 9>"$native/.xgboost.lock"
flock 9
[[ -f $file ]] && exit 0
if [[ -n $(find "$failed" -newermt '-60 seconds' 2>/dev/null) ]]; then
  exit 1
fi

work=$(mktemp -d "$native/.fetch-xgboost.XXXXXX")
trap 'rm -rf "$work"' EXIT

fail() {
  touch "$failed"
  echo "XGBoost was not fetched: $1. The build goes on; training trees needs it." \
    "Next: apt-get install libxgboost0, or run build/provision-xgboost.sh $root again, or set ENGINE_XGBOOST=/path/to/libxgboost.so.0."
  exit 1
}

# The libraries are taken under the names they are loaded by; libxgboost comes last, so that where it is, all is there. A rename
# inside one file system is atomic: nobody ever sees a part of a file.
take() { # the folder they were found in, where they come from
  local name
  for name in libgomp.so.1 libdmlc.so.0 libxgboost.so.0; do
    if [[ -e $1/$name ]]; then
      cp -L "$1/$name" "$work/$name"
      mv -f "$work/$name" "$native/$name"
    fi
  done
  rm -f "$failed"
  echo "XGBoost from $2 is in $file"
}

installed=$(ldconfig -p 2>/dev/null | sed -n 's/.*libxgboost\.so\.0 .*=> //p' | head -n 1)
if [[ -n $installed ]]; then
  take "$(dirname "$installed")" "$installed"
  exit 0
fi

command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || fail "the system has none, and no apt-get and dpkg-deb to fetch Debian's"
own=()
if ! (cd "$work" && apt-get download "${packages[@]}") >"$work/log" 2>&1; then
  # No package lists, or old ones: fetch them into the temporary folder, beside the system's.
  mkdir -p "$work/lists/partial" "$work/cache/archives/partial"
  own=(-o "Dir::State::lists=$work/lists" -o "Dir::Cache=$work/cache")
  apt-get "${own[@]}" update >"$work/log" 2>&1 || fail "apt-get update: $(tail -n 1 "$work/log")"
  (cd "$work" && apt-get "${own[@]}" download "${packages[@]}") >"$work/log" 2>&1 || fail "apt-get download: $(tail -n 1 "$work/log")"
fi

versions=()
for deb in "$work"/*.deb; do
  name=$(basename "$deb" | sed 's/%3a/:/g')
  expected=$(pinned "$name")
  found=$(sha256sum "$deb" | cut -d ' ' -f 1)
  [[ -z $expected || $found == "$expected" ]] || fail "$name: SHA-256 is $found, expected $expected"
  [[ -n $expected ]] && versions+=("${name%.deb}") || versions+=("${name%.deb} (not pinned, as apt verified it)")
  dpkg-deb -x "$deb" "$work/unpacked" || fail "$name cannot be unpacked"
done

library=$(find "$work/unpacked" -name 'libxgboost.so.0' | head -n 1)
[[ -n $library ]] || fail "Debian's package holds no libxgboost.so.0"
take "$(dirname "$library")" "${versions[*]}"

#!/usr/bin/env bash
# Puts The HDF Group's libhdf5 into <root>/.native/: libhdf5_serial.so.103 with the two libraries it needs beside the usual ones
# (libsz.so.2, libaec.so.0).
#
#   build/provision-hdf5.sh ROOT
#
# Where the system has libhdf5 it is copied from there; else Debian's packages are downloaded and unpacked, which needs neither
# root nor an installation. What is checked: apt compares every package with the hash in its signed lists; a package of a version
# that is known here must have the SHA-256 pinned below as well. Debian may update a package within a release, so that another
# version is taken as apt gives it, and named.
#
# Safe to start any number of times at once: a file lock lets one fetch, the others find the files. Exit 0: they are there.
# Exit 1: they are not, and the reason is on stdout once; for a minute after a failure further calls exit 1 silently.
set -euo pipefail

root=${1:?usage: provision-hdf5.sh ROOT}
native=$root/.native
file=$native/libhdf5_serial.so.103
failed=$native/.hdf5.failed
packages=(libhdf5-103-1 libsz2 libaec0)
export PATH=$PATH:/usr/sbin:/sbin LC_ALL=C

pinned() { # a package file's name → its SHA-256, nothing for one that is not known
  case $1 in
    libhdf5-103-1_1.10.8+repack1-1_amd64.deb) echo 25d7c1c734f054b8f3f94f2d4e12484462b058ebc81ced239d2abe97a301ab23 ;;
    libsz2_1.0.6-1+b1_amd64.deb) echo a8513083422773f2862cff32e43feb4b2133b4aaad6f9633ba31eb34530580a9 ;;
    libaec0_1.0.6-1+b1_amd64.deb) echo 8a403015309664cff739053569062eb99fa92646029191d056a587a3fabd1845 ;;
  esac
}

[[ -f $file ]] && exit 0
mkdir -p "$native"
exec 9>"$native/.hdf5.lock"
flock 9
[[ -f $file ]] && exit 0
if [[ -n $(find "$failed" -newermt '-60 seconds' 2>/dev/null) ]]; then
  exit 1
fi

work=$(mktemp -d "$native/.fetch-hdf5.XXXXXX")
trap 'rm -rf "$work"' EXIT

fail() {
  touch "$failed"
  echo "HDF5 was not fetched: $1. The build goes on; .h5 files need it." \
    "Next: apt-get install libhdf5-103-1, or run build/provision-hdf5.sh $root again, or set ENGINE_HDF5=/path/to/libhdf5_serial.so.103."
  exit 1
}

# The libraries are taken under the names they are loaded by; libhdf5 comes last, so that where it is, all is there. A rename
# inside one file system is atomic: nobody ever sees a part of a file.
take() { # the folder they were found in, where they come from
  local name
  for name in libaec.so.0 libsz.so.2 libhdf5_serial.so.103; do
    if [[ -e $1/$name ]]; then
      cp -L "$1/$name" "$work/$name"
      mv -f "$work/$name" "$native/$name"
    fi
  done
  rm -f "$failed"
  echo "HDF5 from $2 is in $file"
}

installed=$(ldconfig -p 2>/dev/null | sed -n 's/.*libhdf5_serial\.so\.103 .*=> //p' | head -n 1)
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

library=$(find "$work/unpacked" -name 'libhdf5_serial.so.103' | head -n 1)
[[ -n $library ]] || fail "Debian's package holds no libhdf5_serial.so.103"
take "$(dirname "$library")" "${versions[*]}"

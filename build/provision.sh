#!/usr/bin/env bash
# Puts ONNX Runtime's shared library into <root>/.native/: one file, checked against a pinned SHA-256.
#
#   build/provision.sh ROOT [ARCH]      ARCH: x64 (default: this machine's) or arm64
#
# Safe to start any number of times at once: a file lock lets one fetch, the others find the file. The library is taken
# out of the npm package onnxruntime-node with `npm pack`, which runs no scripts. Exit 0: the file is there. Exit 1: it is
# not, and the reason is on stdout once; for a minute after a failure further calls exit 1 silently, so that a build
# of many projects says it once.
set -euo pipefail

root=${1:?usage: provision.sh ROOT [ARCH]}
arch=${2:-$(uname -m)}
version=1.30.0
case $arch in
  x64 | x86_64) arch=x64 sha256=ffb75a925ba05e47b235bb66e3e3911714a80b328a9c9425539feb204aa32a23 ;;
  arm64 | aarch64) arch=arm64 sha256=1f549d46250b005580b597f4164984aaf75b3bcb9f3aeb07c7f8a8fe60b23c76 ;;
  *) echo "ONNX Runtime: no library is pinned for '$arch'. Set ENGINE_ONNXRUNTIME=/path/to/libonnxruntime.so."; exit 1 ;;
esac

native=$root/.native
file=$native/libonnxruntime.so.1
failed=$native/.onnxruntime.failed
[[ -f $file ]] && exit 0
mkdir -p "$native"

exec 9>"$native/.onnxruntime.lock"
flock 9
[[ -f $file ]] && exit 0
if [[ -n $(find "$failed" -newermt '-60 seconds' 2>/dev/null) ]]; then
  exit 1
fi

work=$(mktemp -d "$native/.fetch.XXXXXX")
trap 'rm -rf "$work"' EXIT

fail() {
  touch "$failed"
  echo "ONNX Runtime $version was not fetched: $1. The build goes on; --inference ort|both needs it." \
    "Next: run build/provision.sh $root again, or set ENGINE_ONNXRUNTIME=/path/to/libonnxruntime.so."
  exit 1
}

command -v npm >/dev/null || fail "npm is not installed"
member=package/bin/napi-v6/linux/$arch/libonnxruntime.so.1
(cd "$work" && npm pack --ignore-scripts "onnxruntime-node@$version") >"$work/log" 2>&1 || fail "npm pack: $(tail -n 1 "$work/log")"
tar -xzf "$work/onnxruntime-node-$version.tgz" -C "$work" "$member" 2>"$work/log" || fail "tar: $(tail -n 1 "$work/log")"
found=$(sha256sum "$work/$member" | cut -d ' ' -f 1)
[[ $found == "$sha256" ]] || fail "SHA-256 is $found, expected $sha256"

# A rename inside one file system is atomic: nobody ever sees a part of the file.
mv -f "$work/$member" "$file"
rm -f "$failed"
echo "ONNX Runtime $version for linux-$arch is in $file"

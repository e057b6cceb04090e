#!/usr/bin/env bash
# Puts ONNX Runtime's shared library into <root>/.native/: one file of the npm package onnxruntime-node (provision-npm.sh says how).
#
#   build/provision.sh ROOT [ARCH]      ARCH: x64 (default: this machine's) or arm64
set -euo pipefail

root=${1:?usage: provision.sh ROOT [ARCH]}
arch=${2:-$(uname -m)}
case $arch in
  x64 | x86_64) arch=x64 sha256=ffb75a925ba05e47b235bb66e3e3911714a80b328a9c9425539feb204aa32a23 ;;
  arm64 | aarch64) arch=arm64 sha256=1f549d46250b005580b597f4164984aaf75b3bcb9f3aeb07c7f8a8fe60b23c76 ;;
  *) echo "ONNX Runtime: no library is pinned for '$arch'. Set ENGINE_ONNXRUNTIME=/path/to/libonnxruntime.so."; exit 1 ;;
esac

title="ONNX Runtime" version=1.30.0 package=onnxruntime-node member=package/bin/napi-v6/linux/$arch/libonnxruntime.so.1
name=libonnxruntime.so.1 needs="--inference ort|both needs it" override=ENGINE_ONNXRUNTIME script=provision.sh
source "$(dirname "$0")/provision-npm.sh"

#!/usr/bin/env bash
# Puts NVRTC, CUDA's run-time compiler, with the library it loads by name, into <root>/.native/ (provision-debian.sh says how). It is not free
# software: Debian keeps it in non-free, which most machines do not list.
#
#   build/provision-nvrtc.sh ROOT
set -euo pipefail

root=${1:?usage: provision-nvrtc.sh ROOT}
title=NVRTC libraries=(libnvrtc-builtins.so.11.8 libnvrtc.so.11.2) packages=(libnvrtc11.2 libnvrtc-builtins11.8)
component=non-free
needs="compiling kernels for CUDA needs it" override=ENGINE_NVRTC script=provision-nvrtc.sh

pinned() {
  case $1 in
    libnvrtc11.2_11.8.89~11.8.0-5~deb12u1_amd64.deb) echo 051b70a3d8737eae470b4158e234cf112c803f631b2c77ae60a24a1146309c22 ;;
    libnvrtc-builtins11.8_11.8.89~11.8.0-5~deb12u1_amd64.deb) echo e446e112c304b86a35925bea6a3991a866a29736fac261adb218ec29efb49bb8 ;;
  esac
}

source "$(dirname "$0")/provision-debian.sh"

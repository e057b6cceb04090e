#!/usr/bin/env bash
# Puts The HDF Group's libhdf5, with the two libraries it needs beside the usual ones, into <root>/.native/ (provision-debian.sh says how).
#
#   build/provision-hdf5.sh ROOT
set -euo pipefail

root=${1:?usage: provision-hdf5.sh ROOT}
title=HDF5 libraries=(libaec.so.0 libsz.so.2 libhdf5_serial.so.103) packages=(libhdf5-103-1 libsz2 libaec0)
needs=".h5 files need it" override=ENGINE_HDF5 script=provision-hdf5.sh

pinned() {
  case $1 in
    libhdf5-103-1_1.10.8+repack1-1_amd64.deb) echo 25d7c1c734f054b8f3f94f2d4e12484462b058ebc81ced239d2abe97a301ab23 ;;
    libsz2_1.0.6-1+b1_amd64.deb) echo a8513083422773f2862cff32e43feb4b2133b4aaad6f9633ba31eb34530580a9 ;;
    libaec0_1.0.6-1+b1_amd64.deb) echo 8a403015309664cff739053569062eb99fa92646029191d056a587a3fabd1845 ;;
  esac
}

source "$(dirname "$0")/provision-debian.sh"

#!/usr/bin/env bash
# Puts XGBoost, with the two libraries it needs beside the usual ones, into <root>/.native/ (provision-debian.sh says how).
#
#   build/provision-xgboost.sh ROOT
set -euo pipefail

root=${1:?usage: provision-xgboost.sh ROOT}
title=XGBoost libraries=(libgomp.so.1 libdmlc.so.0 libxgboost.so.0) packages=(libxgboost0 libdmlc0 libgomp1)
needs="training trees needs it" override=ENGINE_XGBOOST script=provision-xgboost.sh

pinned() {
  case $1 in
    libxgboost0_1.7.4-1_amd64.deb) echo 91a9c8a05c732e0ae8f5d85172c3a0f49bcf3aecdd671ecf8bb82566a42efb9d ;;
    libdmlc0_0.5-1_amd64.deb) echo 110b0ec2715ec0a047ff797cd215f999b7f7bbdc276685fd0021a45a74cfffe5 ;;
    libgomp1_12.2.0-14+deb12u1_amd64.deb) echo 48fec46bda7f5b1638b9e959889bfbc20491247d402d120bb152687eb48143d7 ;;
  esac
}

source "$(dirname "$0")/provision-debian.sh"

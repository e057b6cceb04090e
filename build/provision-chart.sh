#!/usr/bin/env bash
# Puts Chart.js into <root>/.native/: one file of the npm package chart.js, which reports carry inside (provision-npm.sh says how).
#
#   build/provision-chart.sh ROOT
set -euo pipefail

root=${1:?usage: provision-chart.sh ROOT}
title=Chart.js version=4.6.1 package=chart.js member=package/dist/chart.umd.min.js
sha256=87364cc2b2a76a6684929e7d6b80b18a897794db38400caff1fcf1791c6925d2
name=chart.umd.min.js needs="\`lab report\` needs it for its page" override=ENGINE_CHART script=provision-chart.sh
source "$(dirname "$0")/provision-npm.sh"

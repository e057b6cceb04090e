# Fetches one file out of an npm package into <root>/.native/, checked against a pinned SHA-256. Sourced by the scripts that say which:
#
#   root, title, version   where to, and what it is called
#   package, member        the npm package, and the file in it
#   sha256                 of that file
#   name                   what it is called in .native/
#   needs, override        what needs it, and the variable that names another; script: who sources this
#
# `npm pack` runs no scripts. provision-once.sh says what happens when it is started several times, and when it fails.
title="$title $version" advice="" example=${name%.1}
source "$(dirname "$0")/provision-once.sh"

command -v npm >/dev/null || fail "npm is not installed"
(cd "$work" && npm pack --ignore-scripts "$package@$version") >"$work/log" 2>&1 || fail "npm pack: $(tail -n 1 "$work/log")"
tar -xzf "$work/$package-$version.tgz" -C "$work" "$member" 2>"$work/log" || fail "tar: $(tail -n 1 "$work/log")"
found=$(sha256sum "$work/$member" | cut -d ' ' -f 1)
[[ $found == "$sha256" ]] || fail "SHA-256 is $found, expected $sha256"

# A rename inside one file system is atomic: nobody ever sees a part of the file.
mv -f "$work/$member" "$file"
rm -f "$failed"
echo "$title is in $file"

# Puts libraries of Debian packages into <root>/.native/. Sourced by the scripts that say which:
#
#   root, title            where to, and what it is called
#   libraries              file names in the order in which they are loaded; the last is the one that was asked for
#   packages               Debian's packages of them; the first is that of the last library
#   component              Debian's part that they are in, where it is not main
#   pinned FILE            a package file's name → its SHA-256, nothing for one that is not known
#   needs, override        what needs them, and the variable that names another; script: who sources this
#
# Where the system has the library it is copied from there; else Debian's packages are downloaded and unpacked, which needs neither
# root nor an installation. What is checked: apt compares every package with the hash in its signed lists; a package of a version
# that is known must have its pinned SHA-256 as well. Debian may update a package within a release, so that another version is
# taken as apt gives it, and named.
#
# provision-once.sh says what happens when it is started several times, and when it fails.
name=${libraries[-1]} advice="apt-get install ${packages[0]}, or " example=${libraries[-1]}
source "$(dirname "$0")/provision-once.sh"
export PATH=$PATH:/usr/sbin:/sbin LC_ALL=C

# The libraries are taken under the names they are loaded by; the one asked for comes last, so that where it is, all is there. A rename
# inside one file system is atomic: nobody ever sees a part of a file.
take() { # the folder they were found in, where they come from
  local library
  for library in "${libraries[@]}"; do
    if [[ -e $1/$library ]]; then
      cp -L "$1/$library" "$work/$library"
      mv -f "$work/$library" "$native/$library"
    fi
  done
  rm -f "$failed"
  echo "$title from $2 is in $file"
}

installed=$(ldconfig -p 2>/dev/null | sed -n "s/.*[[:space:]]${name//./\\.} .*=> //p" | head -n 1)
if [[ -n $installed ]]; then
  take "$(dirname "$installed")" "$installed"
  exit 0
fi

command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || fail "the system has none, and no apt-get and dpkg-deb to fetch Debian's"
own=()
if ! (cd "$work" && apt-get download "${packages[@]}") >"$work/log" 2>&1; then
  # No package lists, or old ones, or not the packages': fetch them into the temporary folder, beside the system's.
  mkdir -p "$work/lists/partial" "$work/cache/archives/partial"
  own=(-o "Dir::State::lists=$work/lists" -o "Dir::Cache=$work/cache")
  apt-get "${own[@]}" update >"$work/log" 2>&1 || fail "apt-get update: $(tail -n 1 "$work/log")"
  if [[ -n ${component:-} ]]; then
    # The system's release, from where the system has it.
    apt-get "${own[@]}" indextargets --format 'deb $(REPO_URI) $(RELEASE)' 'Created-By: Packages' | sed -n "\\|/debian/ [a-z]*\$|s/\$/ $component/p" >"$work/sources.list"
    own+=(-o "Dir::Etc::sourcelist=$work/sources.list" -o "Dir::Etc::sourceparts=-")
    apt-get "${own[@]}" update >"$work/log" 2>&1 || fail "apt-get update: $(tail -n 1 "$work/log")"
  fi
  (cd "$work" && apt-get "${own[@]}" download "${packages[@]}") >"$work/log" 2>&1 || fail "apt-get download: $(tail -n 1 "$work/log")"
fi

versions=()
for deb in "$work"/*.deb; do
  package=$(basename "$deb" | sed 's/%3a/:/g')
  expected=$(pinned "$package")
  found=$(sha256sum "$deb" | cut -d ' ' -f 1)
  [[ -z $expected || $found == "$expected" ]] || fail "$package: SHA-256 is $found, expected $expected"
  [[ -n $expected ]] && versions+=("${package%.deb}") || versions+=("${package%.deb} (not pinned, as apt verified it)")
  dpkg-deb -x "$deb" "$work/unpacked" || fail "$package cannot be unpacked"
done

library=$(find "$work/unpacked" -name "$name" | head -n 1)
[[ -n $library ]] || fail "Debian's package holds no $name"
take "$(dirname "$library")" "${versions[*]}"

# What all that is fetched into <root>/.native/ has in common. Sourced by provision-npm.sh and provision-debian.sh, which say:
#
#   root, title            where to, and what it is called
#   name                   the file in .native/ that is there when all is done
#   needs, override        what needs it, and the variable that names another; script: who was started
#   advice, example        what else can be done about a failure, ending in "or ", or nothing; a file that override might name
#
# Behind it there are native, file, work (a folder in .native/ that goes away at the end), failed, and fail REASON.
#
# Safe to start any number of times at once: a file lock lets one fetch, the others find the file. Exit 0: it is there. Exit 1: it is not, and
# the reason is on stdout once; for a minute after a failure further calls exit 1 silently, so that a build of many projects says it once.
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
  echo "$title was not fetched: $1. The build goes on; $needs." \
    "Next: ${advice}run build/$script $root again, or set $override=/path/to/$example."
  exit 1
}

#!/bin/sh
# Kept on hosts by pulumi-ferry: takes a snapshot of a volume. $1 the folder with its settings, $2 "check":
# only whether it can be done, "run", or "now": as "run", and by all means.
. ./task.sh
. ./snapshot-copy.sh
umask 077
here=$1 action=$2
if [ "$action" = check ]; then
  command -v rsync >/dev/null || fail "it has no rsync; install it there"
  exit 0
fi
exec 9>"$here/../lock"
if [ "$action" = now ]; then flock 9; else flock -n 9 || exit 0; fi
path=$(living) || exit 1
beside=${path%/*}/ferry-snapshots
[ "$(stat -c %d "$path")" = "$(stat -c %d "${path%/*}")" ] ||
  fail "the volume's data is mounted from elsewhere, and has no room beside it for snapshots"
mkdir -p "$beside"
rm -rf "$beside"/.new.*
new=$(mktemp -d "$beside/.new.XXXXXXXX") || fail "no folder can be made in $beside"
container=$(docker ps -q --filter "volume=$(setting volume)" --filter "label=pulumi-ferry.service=$(setting service)" |
  head -n 1)
quiet=
end() {
  [ -z "$quiet" ] || hook resume
  quiet=
}
trap 'end; rm -rf "$new" "$new.list"' EXIT
trap 'exit 143' HUP INT TERM
hook() { # $1 which: its seconds, and then its words, in a file
  [ -n "$container" ] && [ -s "$here/$1" ] || return 0
  xargs -0 -a "$here/$1" timeout "$(setting "$1-seconds")" docker exec "$container" >/dev/null 2>&1
}
if [ -s "$here/quiesce" ]; then
  quiet=yes
  hook quiesce || fail "the replica's quiesce command failed"
fi
name=$(date -u +%Y%m%dT%H%M%SZ)
while [ -e "$beside/$name" ]; do sleep 1; name=$(date -u +%Y%m%dT%H%M%SZ); done
copied=yes
copy_to "$path" "$new" "$(newest "$beside")" 2>"$here/../said" || copied=
end
[ -n "$copied" ] || fail "it cannot be copied: $(tail -n 1 "$here/../said")"
sync -f "$new"
mv -T "$new" "$beside/$name" || fail "it cannot be put in its place"
succeeded "$name"
keep=$(setting keep)
names "$beside" | head -n "-$keep" | while read -r old; do rm -rf "${beside:?}/$old"; done
names "$beside" | tr '\n' ' ' >"$here/../list"

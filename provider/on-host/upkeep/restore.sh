#!/bin/sh
# Fills a volume's empty folder, $1, from a repository. Settings come as for a task. What comes takes
# the folder's place in one step, so that a restore that was killed leaves it empty.
. ./task.sh
. ./restic.sh
umask 077
action=restore beside=$(dirname "$1")
rm -rf "$beside"/ferry-filling.*
new=$(mktemp -d "$beside/ferry-filling.XXXXXXXX") || exit 1
trap 'rm -rf "$new"' EXIT
trap 'exit 143' TERM INT HUP
here=$new/settings
mkdir "$here"
while read -r name text; do printf %s "$text" | base64 -d >"$here/$name"; done
use_repository "$here"
said=$new/said
patient --no-cache restore "$(setting snapshot)" --tag "volume=$(setting id)" --target "$new/content" >/dev/null ||
  fail "$(reason "$said")"
# It has all of the path that the volume had, of which the last folder is it.
content=$(find "$new/content" -type d -name _data -path '*/volumes/*' -print -prune -quit)
[ -n "$content" ] || fail "there is no volume in that backup"
find "$content" \( -type f -o -type d \) -exec sync {} +
mv -T "$content" "$1" || exit 1
: >"$beside/ferry-filled"
sync "$beside/ferry-filled" "$beside"

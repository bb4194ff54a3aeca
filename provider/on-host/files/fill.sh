#!/bin/sh
# $1 a volume's empty folder; what is to be in it comes as an archive on standard input. It takes the
# folder's place in one step, so that a fill that was killed leaves it empty.
set -eu

beside=$(dirname "$1")
umask 077
rm -rf "$beside"/ferry-filling.*
new=$(mktemp -d "$beside/ferry-filling.XXXXXXXX")
trap 'rm -rf "$new"' EXIT
trap 'exit 143' TERM INT HUP
tar -C "$new" -xpf -
cat >/dev/null
[ -f "$new/whole" ] || { echo "the archive came cut short" >&2; exit 1; }
find "$new" \( -type f -o -type d \) -exec sync {} +
mv -T "$new/content" "$1"
: >"$beside/ferry-filled"
sync "$beside/ferry-filled" "$beside"

#!/bin/sh
# $1 the folder of a replica, $2 the content's name; its archive on standard input. It is there
# whole, under its name, or not at all. What was there by that name may be mounted: it is put aside,
# and goes with what nobody needs any more.
set -eu

. ./listing.sh
dir=$1 name=$2
umask 077
mkdir -p "$dir"
new=$(mktemp -d "$dir/.new.XXXXXXXX")
trap 'rm -rf "$new"' EXIT
trap 'exit 143' TERM INT HUP
tar -C "$new" -xpf -
cat >/dev/null
[ -f "$new/whole" ] || { echo "the archive came cut short" >&2; exit 1; }
rm "$new/whole"
sum_of "$new" >"$new/sum"
find "$new" -exec sync {} +
[ ! -e "$dir/$name" ] || mv -T "$dir/$name" "$new.old"
mv -T "$new" "$dir/$name"
sync "$dir"

#!/bin/sh
# Fills a volume's empty folder, $1, from a snapshot, $3 or "latest", of Docker volume $2 on this host.
. ./snapshot-copy.sh
umask 077
beside=${1%/*} from=${1%/*/*}/$2/ferry-snapshots
name=$3
[ "$name" != latest ] || name=$(newest "$from")
if [ -z "$name" ] || [ ! -d "$from/$name" ]; then
  echo "this host has no snapshot '$3' of Docker volume '$2'; it has: $(names "$from" | tr '\n' ' ')" >&2
  exit 1
fi
rm -rf "$beside"/ferry-filling.*
new=$(mktemp -d "$beside/ferry-filling.XXXXXXXX") || exit 1
trap 'rm -rf "$new"' EXIT
trap 'exit 143' TERM INT HUP
mkdir "$new/content"
copy_to "$from/$name" "$new/content" "" || exit 1
sync -f "$new"
mv -T "$new/content" "$1" || exit 1
: >"$beside/ferry-filled"
sync "$beside/ferry-filled" "$beside"

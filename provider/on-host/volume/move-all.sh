#!/bin/sh
# $1 the old folder, $2 the new one, on the same file system: everything in it is renamed, and so
# keeps all that it has. An entry that is there already was moved by a run that was interrupted.
set -eu
. ./on-disk.sh
cd "$1"
find . -mindepth 1 -maxdepth 1 -exec mv -n -t "$2" -- {} +
chmod --reference="$1" "$2"
chown --reference="$1" "$2"
treeOnDisk "$2"
# Its snapshots lie beside it.
[ ! -d "${1%/*}/ferry-snapshots" ] || mv -n -T "${1%/*}/ferry-snapshots" "${2%/*}/ferry-snapshots"
[ -z "$(find . -mindepth 1 -maxdepth 1 -print | head -n 1)" ] || { echo "some of it could not be moved" >&2; exit 1; }

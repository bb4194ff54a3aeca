#!/bin/sh
# $1 the folder of a replica, then the names of what stays there. Folders that others use as well go
# only when they are empty.
set -eu

dir=$1
shift
[ -d "$dir" ] || exit 0
for each in "$dir"/* "$dir"/.[!.]*; do
  for name; do
    [ "$each" != "$dir/$name" ] || continue 2
  done
  rm -rf "$each"
done
rmdir "$dir" /var/lib/ferry/files /var/lib/ferry 2>/dev/null || true

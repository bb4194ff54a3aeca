#!/bin/sh
# $1 a folder, $2 where it goes, beside it. It goes in one step, or not at all; one that is gone went
# before.
set -eu
[ -d "$1" ] || exit 0
if [ -e "$2" ]; then
  echo "'$2' is there already" >&2
  exit 1
fi
mv -T -- "$1" "$2"
sync -- "$(dirname -- "$1")"

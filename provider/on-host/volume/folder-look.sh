#!/bin/sh
# $1 a folder's path. Prints what is there: "absent", "empty", "found" (with something in it), "file", or
# "linked" and where it really is; then the bytes that are free where it is or will be.
LC_ALL=C
export LC_ALL
there=$1
while [ ! -e "$there" ] && [ ! -L "$there" ]; do there=$(dirname "$there"); done
real=$(readlink -f -- "$there")
if [ "$real" != "$there" ]; then
  echo "linked ${real%/}${1#"$there"}"
elif [ "$there" != "$1" ]; then
  echo absent
elif [ ! -d "$1" ]; then
  echo file
elif [ -n "$(find "$1" -mindepth 1 -maxdepth 1 -print -quit)" ]; then
  echo found
else
  echo empty
fi
stat -f -c '%a %S' -- "$there" | awk '{ printf "%.0f\n", $1 * $2 }'

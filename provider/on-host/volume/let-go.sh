#!/bin/sh
# $1 a folder, $2 seconds. Waits until nothing is mounted there any more; 46 when something still is.
# Spaces in a mount's path are written as \040.
path=$(printf '%s' "$1" | sed 's/ /\\040/g')
left=$2
while cut -d ' ' -f 5 /proc/1/mountinfo | grep -qxF -e "$path"; do
  [ "$left" -gt 0 ] || exit 46
  left=$((left - 1))
  sleep 1
done

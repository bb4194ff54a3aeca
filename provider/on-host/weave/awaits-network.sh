#!/bin/sh
# $1 the first process of a container. Says "waits" when its program has not begun because it waits
# for its network: Weave puts a program of its own, /w/w, before it, which makes way once the
# address is there. Where Docker's own init is the first process, that one is its child.
set -u
for pid in "$1" $(cat "/proc/$1/task/$1/children" 2>/dev/null); do
  if [ "$(readlink "/proc/$pid/exe")" = /w/w ]; then
    echo waits
    exit 0
  fi
done

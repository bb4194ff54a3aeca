#!/bin/sh
# $1 the folder that the folders of all replicas lie in.

. ./there.sh
there "$1" || exit 0
for file in "$1"/*/journal.json "$1"/*/placement.json; do
  there "$file" || continue
  cat -- "$file" || exit 1
  echo
done

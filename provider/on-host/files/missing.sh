#!/bin/sh
# $1 the folder of a replica, then names of contents: prints those that are not as they were put.

. ./listing.sh
dir=$1
shift
for name; do
  put=$(cat "$dir/$name/sum" 2>/dev/null) && [ "$(sum_of "$dir/$name")" = "$put" ] && continue
  printf '%s\n' "$name"
done 2>/dev/null

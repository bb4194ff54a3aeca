#!/bin/sh
# $1 replica's part of the token: ends connections that moves of this replica have kept, and
# removes their keys.
for dir in "/run/ferry-move-$1-"*; do
  [ -d "$dir" ] || continue
  [ ! -e "$dir/config" ] || ssh -F "$dir/config" -O exit ferry-source >/dev/null 2>&1
  rm -rf "$dir"
done

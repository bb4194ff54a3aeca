#!/bin/sh
# $1 folder, $2 the lease, $3 the text that must be there, or nothing, $4 the text that takes its place,
# or nothing. 47 when it is another text. Under a lock, which is the folder itself; on disk at the end.
set -eu

dir=$1 path=$2 before=$3 text=$4
umask 077
mkdir -p "$dir"
exec 9<"$dir"
if command -v flock >/dev/null 2>&1; then flock -w 30 9; fi
now=
if [ -e "$path" ]; then now=$(cat -- "$path"); fi
[ "$now" = "$before" ] || exit 47
if [ -n "$text" ]; then
  tmp=$(mktemp "$dir/.ferry.XXXXXXXX")
  trap 'rm -f "$tmp"' EXIT
  trap 'exit 143' TERM INT HUP
  printf '%s\n' "$text" >"$tmp"
  sync "$tmp"
  mv -f "$tmp" "$path"
  sync "$dir"
else
  rm -f "$path"
  sync "$dir"
  rmdir "$dir" "${dir%/*}" 2>/dev/null || true
fi

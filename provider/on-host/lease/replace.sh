#!/bin/sh
# $1 folder, $2 the lease, $3 the text that must be there, or nothing, $4 the text that takes its place,
# or nothing. 47 when it is another text. Under a lock, which is the folder itself; on disk at the end.
# The folder goes with its last lease, so whoever has waited for it looks whether it is still there.
set -eu

dir=$1 path=$2 before=$3 text=$4
umask 077
command -v flock >/dev/null || { echo "flock is not installed there (it is part of util-linux)" >&2; exit 127; }
held=
for _ in 1 2 3 4 5 6 7 8 9 10; do
  mkdir -p "$dir"
  { command exec 9<"$dir"; } 2>/dev/null || continue
  flock -w 30 9 || break
  if [ "$dir" -ef /proc/self/fd/9 ]; then held=yes; break; fi
done
[ -n "$held" ] || { echo "somebody else holds $dir" >&2; exit 1; }
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

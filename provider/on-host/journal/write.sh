#!/bin/sh
# $1 folder, $2 the journal, $3 what versions before wrote in its place, $4 the new text, $5 what
# must not be in the old one, or nothing. A temporary file, fsync, rename, fsync of the folder;
# under a lock that the cutover takes as well. The lock is the folder itself, so that it leaves nothing
# behind.
set -eu

. ./there.sh
dir=$1 path=$2 before=$3 text=$4 unless=$5
umask 077
mkdir -p "$dir"
exec 9<"$dir"
if command -v flock >/dev/null 2>&1; then flock -w 30 9; fi
if [ -n "$unless" ] && there "$path"; then
  found=0
  grep -qF -e "$unless" "$path" || found=$?
  case $found in 0) exit 45 ;; 1) ;; *) exit 1 ;; esac
fi
tmp=$(mktemp "$dir/.ferry.XXXXXXXX")
trap 'rm -f "$tmp"' EXIT
trap 'exit 143' TERM INT HUP
printf '%s' "$text" >"$tmp"
sync "$tmp"
mv -f "$tmp" "$path"
rm -f "$before"
sync "$dir"

#!/bin/sh
# Writes standard input to a file so that it is either all there or as it was before: a temporary
# file beside it, with its final mode before any content, its length compared (a cut connection looks
# like the end of the input), fsync, rename, fsync of the folder. $1 the file, $2 its folder, $3 its
# mode, $4 its length.
set -eu
path=$1 dir=$2 mode=$3 size=$4
if [ -d "$path" ]; then echo "it is a folder" >&2; exit 1; fi
mkdir -p "$dir"
umask 077
tmp=$(mktemp "$dir/.ferry.XXXXXXXX")
trap 'rm -f "$tmp"' EXIT
trap 'exit 143' TERM INT HUP
chmod "$mode" "$tmp"
cat >"$tmp"
if [ "$(wc -c <"$tmp" | tr -d ' ')" != "$size" ]; then echo "the content was truncated" >&2; exit 1; fi
sync "$tmp"
mv -f "$tmp" "$path"
sync "$dir"

#!/bin/sh
# $1 the folder, then name and size of each file, whose contents follow one another on standard
# input.
set -eu
umask 077
mkdir -p "$1"
cd "$1"
shift
while [ $# -gt 0 ]; do
  head -c "$2" >"$1"
  [ "$(wc -c <"$1")" -eq "$2" ] || { echo "the content was truncated" >&2; exit 1; }
  shift 2
done

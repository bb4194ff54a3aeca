#!/bin/sh
# $1 a folder's path, $2 what it was before: all in it goes, and it itself where it was "made". What
# another file system has in it stays, and is an error.
set -eu
[ -d "$1" ] || exit 0
find "$1" -mindepth 1 -maxdepth 1 -exec rm -rf --one-file-system -- {} +
[ "$2" != made ] || rmdir -- "$1"

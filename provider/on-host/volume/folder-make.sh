#!/bin/sh
# $1 a folder's path: made where it is not there.
set -eu
[ -d "$1" ] || { umask 022; mkdir -p -- "$1"; }
sync -- "$1" "$(dirname -- "$1")"

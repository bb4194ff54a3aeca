#!/bin/sh
# $1 the copy's folder, before the first round. Says "found" where it is not empty. Files of
# several names go, as the source may have taken them apart since, and rsync would write through
# all of them.
set -eu
[ -n "$(find "$1" -mindepth 1 -print -quit)" ] || exit 0
find "$1" -xdev -type f -links +1 -exec rm -f {} +
echo found

#!/bin/sh
# $@ folders of the copy: what has been written to them survives a power cut.
. ./on-disk.sh
for path in "$@"; do treeOnDisk "$path" || exit 1; done

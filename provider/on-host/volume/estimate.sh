#!/bin/sh
# $@ folders: the space that they take, in bytes.
du -s -B1 -- "$@" | awk '{ total += $1 } END { printf "%.0f\n", total }'

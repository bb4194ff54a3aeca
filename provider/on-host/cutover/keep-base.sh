#!/bin/sh
# $1 the move's folder on the source, $@ the volumes' numbers: their last round was compared, and
# may be built upon.
set -eu
here=$1
shift
for n in "$@"; do mv "$here/cut/next-$n" "$here/cut/base-$n"; done

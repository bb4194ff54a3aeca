#!/bin/sh
# $1 the beginning of tokens. Folders that others use as well go only when they are empty.
. ./untrace.sh
untrace "/var/lib/ferry/moves/$1"*
rm -rf "/var/lib/ferry/moves/$1"*
rmdir /var/lib/ferry/moves /var/lib/ferry 2>/dev/null
exit 0

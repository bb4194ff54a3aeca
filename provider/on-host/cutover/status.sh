#!/bin/sh
# $1 the file that a cutover holds while it runs: on the target all along, on the source while it does
# something.
. ./arp-mute.sh
[ -e "$1" ] || { echo none; exit 0; }
# Opened for reading: flock itself would make one that was taken away just now, and nobody would take that away.
(exec 9<"$1" && ! flock -n 9) 2>/dev/null && { echo running; exit 0; }
unmute "$1"
echo none

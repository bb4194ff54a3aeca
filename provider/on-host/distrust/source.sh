#!/bin/sh
# Made by Ferry for the time of one move.
#
# The source's side, run by the move's key. $1 the move's folder, $3 the volume's number, $4 since
# which beginning of a round: 1 the last one, 2 the one before. Lists the files that changed since
# then, and all in folders that have another place, while anything may still change: what vanishes
# is nobody's, and what changes now is younger than the next look's beginning.
. ../host/wall.sh
set -u
LC_ALL=C
export LC_ALL
lists_of=$1/cut
case $4 in
  1) began=$lists_of/next-$3 folders=$lists_of/dirs-$3 ;;
  2) began=$lists_of/last-$3 folders=$lists_of/was-$3 ;;
  *) exit 1 ;;
esac
IFS= read -r path <"$1/$3" && cd "$path" || exit 1
# 3: the file system does not keep the time of every change.
[ -s "$began" ] && read -r since offset <"$began" || exit 3
read -r up _ </proc/uptime
# After the clock was set, everything may have changed.
awk -v now="$(wall)" -v up="$up" -v was="$offset" \
  'BEGIN { d = now - up - was; exit d > -0.4 && d < 0.4 ? 0 : 1 }' || since=0
find . -xdev \( -type d -fprintf "$lists_of/now-$3" '%D:%i/%p\0' \) -o -type f -newerct "@$since" -print0 2>/dev/null
sort -z "$lists_of/now-$3" | comm -z -23 - "$folders" | sed -z 's|^[0-9:]*/||' |
  xargs -0 -r sh -c 'find "$@" -maxdepth 1 -type f -print0' all 2>/dev/null
exit 0

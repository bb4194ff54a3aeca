#!/bin/sh
# Small files, in as many streams as there are processors. Says "all FILES" first; each stream now
# and then "STREAM BYTES FILES".
set -u
umask 077
count=$(ssh -F "$1" ferry-source "few-$2" </dev/null 2>/dev/null) || exit 0
# Some shells run what is in a figure.
case $count in '' | *[!0-9]*) exit 0 ;; esac
# More streams only wait for each other on the target's file system; fewer files than these are left to rsync, as a stream
# costs as much as it saves.
most_streams=4
files_per_stream=2000
streams=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1)
[ "$streams" -le $most_streams ] || streams=$most_streams
[ "$streams" -le $((count / files_per_stream)) ] || streams=$((count / files_per_stream))
[ "$streams" -eq 0 ] || echo "all $count"
stream=0
while [ "$stream" -lt "$streams" ]; do
  stream=$((stream + 1))
  ssh -F "$1" ferry-source "few-$2-$stream-$streams" </dev/null 2>/dev/null |
    python3 -ISB "$4/entries" "$3" /dev/null "$4/few-stats-$stream" "$stream" 2>/dev/null &
done
wait
exit 0

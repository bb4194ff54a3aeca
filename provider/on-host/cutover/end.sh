#!/bin/sh
# On the source, when the target is out of reach: ends the conversation of a cutover, so that nothing
# of it goes on over there, and waits for the target's word that nothing runs there any more;
# without it, for as long as the target needs to notice. What is being done is done to its end. $1
# the file that is held meanwhile, $2 seconds for that, $3 seconds for the target. Says "ended"
# when there was one.
talks() { [ "$(cut -d' ' -f22 "/proc/$pid/stat" 2>/dev/null)" = "$birth" ]; }
[ -e "$1" ] && read -r pid birth here <"$1" && talks || exit 0
exec 9<"$1"
flock -w "$2" 9 || { echo "its word to the source is still being done" >&2; exit 1; }
echo ended
# It may have come to its own end meanwhile.
! talks || kill -KILL "$pid"
flock -u 9
read -r up _ </proc/uptime
until=$((${up%.*} + $3))
until [ -e "$here/left" ] || [ "${up%.*}" -gt "$until" ]; do
  sleep 0.1
  read -r up _ </proc/uptime
done
exit 0

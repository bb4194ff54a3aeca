#!/bin/sh
# The cutover, as one command on the target. It goes on to its end whatever becomes of its caller, and
# writes what came of it to "result" beside it. $1 the folder with all that it needs, $2 the file
# to hold while it runs.
#
# Nothing can be acknowledged by the target before commit: its program waits behind the start barrier until
# the copies are compared, and the inbound block refuses clients until the source's journal says
# "committed".
set -u
LC_ALL=C
export LC_ALL
here=$1
lock_file=$2
cd "$here" || exit
trap '' HUP INT TERM PIPE
. ./target-lock.sh
attributes=$here/attributes
. ./facts.sh
. ./arp-mute.sh
. ../host/milliseconds.sh

IFS= read -r directory <./directory
read -r container <./container
read -r barrier <./gate
read -r patience <./patience
read -r address <./address
IFS= read -r journal <./journal
step=fence
session=
guard=
start=
pid=
reason=
lost=
mark=$(milliseconds)
. ../volume/on-disk.sh
. ./target-record.sh
. ./target-source.sh
. ./target-container.sh
. ./target-inbound.sh
. ./target-network.sh
. ./target-copy.sh
. ./target-compare.sh
. ./target-ready.sh
. ./target-back.sh

# ---- before anything stops
rm -f result figures differences severed gone to from pid ./*-said
echo "$step" >./step
mkfifo to from || { reason="no FIFO could be made"; finish back; }
ssh -F config ferry-source cut <to >from 2>session-said 6>&- 9>&- &
session=$!
exec 7>to 8<from
must ask ready ready
listening=${answer#ready}
rm -f "$barrier"
mkfifo -m 0444 "$barrier" || { reason="the start barrier could not be set up"; back; }
health_test
put delta || { reason="its journal could not be written"; back; }
if mute; then
  bring &
  start=$!
  wait "$start" || { reason=$(cat bring-said); back; }
  read -r pid <./pid
  waiting || { reason="it got no address on the network"; back; }
fi
# All but the last of it while the source still serves.
copiesOnDisk || unsaved
guard &
guard=$!
must ask fence fenced

# ---- from here on nobody answers
enter stop
printf 'stop\n' >&7
must hear down
down=$(milliseconds)
if [ -n "$muted" ]; then
  { lift; announce; repeat; } &
  unmuting=$!
else
  bring &
  start=$!
  unmuting=$start
fi
must hear gone
changed=${answer#gone}

enter "final delta"
copy_changed

enter compare
copiesOnDisk 6>&- &
saving=$!
compare_changed
[ ! -s bring-said ] || { reason=$(cat bring-said); back; }
wait "$saving" || unsaved
put compared || { reason="its journal could not be written"; back; }

enter start
wait "$unmuting"
[ -n "$muted" ] || [ -s pid ] && [ ! -s bring-said ] || { reason=$(cat bring-said); back; }
read -r pid <./pid
put starting || { reason="its journal could not be written"; back; }
must ask opening opening
exec 5<>"$barrier"
echo >&5
rm -f "$barrier"

enter ready
until_ready

enter commit
unguard
must ask commit committed
unshut iptables || unshut iptables
up=$(milliseconds)
[ ! -e "/proc/$pid/net/if_inet6" ] || unshut ip6tables
# What cannot be set now is set by whoever looks next.
[ ! -s restart ] || docker update --restart="$(cat restart)" "$container" >/dev/null 2>restart-said
put home || put home
took
echo "down $((up - down))" >>figures
announce
repeat
unmute "$lock_file"
for stats in stats-*; do [ ! -e "$stats" ] || cat "$stats" >>figures; done
exec 7>&-
finish committed

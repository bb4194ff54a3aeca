#!/bin/sh
# Takes a snapshot of each volume, before what is about to be done to its replica. $@ the volumes'
# folders; one of which this host takes no snapshots has none.
for volume; do
  settings=/var/lib/ferry/upkeep/$volume/snapshots/settings
  [ ! -e "$settings/program" ] || sh "$settings/program" "$settings" now || exit 1
done

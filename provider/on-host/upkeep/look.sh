#!/bin/sh
# What has become of what a host does for a volume. $1 the volume's folder. Says the host's time, and
# for each task what its settings are known by, whether its timer runs, when it last succeeded and
# with what, when it has failed since, and what there is of it.
echo "now $(date +%s)"
for dir in "/var/lib/ferry/upkeep/$1"/*; do
  [ -d "$dir/settings" ] || continue
  task=${dir##*/}
  echo "$task stamp $(cat "$dir/settings/stamp")"
  echo "$task timer $(systemctl is-active "pulumi-ferry-$task-$1.timer")"
  for said in last failure list; do
    [ ! -s "$dir/$said" ] || echo "$task $said $(head -n 1 "$dir/$said")"
  done
done

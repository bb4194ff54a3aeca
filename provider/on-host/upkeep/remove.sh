#!/bin/sh
# The host does nothing more for a volume. $1 the volume's folder, $2 the tasks that stay, with
# spaces around each. What they have made elsewhere stays: a repository, snapshots.
dir=/var/lib/ferry/upkeep/$1
for task in backup snapshots; do
  case $2 in *" $task "*) continue ;; esac
  unit=pulumi-ferry-$task-$1
  if [ -e "/etc/systemd/system/$unit.timer" ]; then
    systemctl disable --quiet --now "$unit.timer"
    systemctl stop "$unit.service"
    rm -f "/etc/systemd/system/$unit.timer" "/etc/systemd/system/$unit.service"
    systemctl daemon-reload
    systemctl reset-failed "$unit.service" 2>/dev/null
  fi
  rm -rf "${dir:?}/$task"
done
rmdir "$dir" /var/lib/ferry/upkeep /var/lib/ferry 2>/dev/null
exit 0

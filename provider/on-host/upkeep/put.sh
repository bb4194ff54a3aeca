#!/bin/sh
# Has the host do one thing for a volume by a timer of its own. $1 the volume's folder, $2 the task,
# $3 seconds from one run to the next, $4 the program. Settings come by standard input, a line for
# each: its name and its text in base64. Nothing is changed where the program's check fails.
set -eu
umask 077
dir=/var/lib/ferry/upkeep/$1/$2 unit=pulumi-ferry-$2-$1
if [ ! -d /run/systemd/system ]; then echo "it has no systemd, whose timers do it" >&2; exit 1; fi
mkdir -p "$dir"
new=$(mktemp -d "$dir/new.XXXXXXXX")
trap 'rm -rf "$new"; rmdir "$dir" "${dir%/*}" /var/lib/ferry/upkeep 2>/dev/null || :' EXIT
trap 'exit 143' HUP INT TERM
printf %s "$4" >"$new/program"
while read -r name text; do printf %s "$text" | base64 -d >"$new/$name"; done
sh "$new/program" "$new" check
cat >"$new/service" <<UNIT
# Written by pulumi-ferry.
[Unit]
Description=The $2 of volume $1
After=docker.service network-online.target

[Service]
Type=oneshot
ExecStart=/bin/sh $dir/settings/program $dir/settings run
UNIT
cat >"$new/timer" <<UNIT
# Written by pulumi-ferry.
[Unit]
Description=The $2 of volume $1

[Timer]
OnActiveSec=1s
OnUnitActiveSec=$3s
AccuracySec=1s

[Install]
WantedBy=timers.target
UNIT
systemctl stop "$unit.timer" 2>/dev/null || :
install -m 644 "$new/service" "/etc/systemd/system/$unit.service"
install -m 644 "$new/timer" "/etc/systemd/system/$unit.timer"
rm -rf "$dir/settings"
mv -T "$new" "$dir/settings"
systemctl daemon-reload
systemctl enable --quiet --now "$unit.timer"

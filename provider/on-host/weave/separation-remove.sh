#!/bin/sh
# Undoes separation-put for a deployment; with the last one, all of it. $1 the deployment's file.
. ./path.sh
folder=/var/lib/ferry/separation program=/usr/local/lib/pulumi-ferry/keep-apart
unit=pulumi-ferry-keep-apart.service
if [ ! -d "$folder" ]; then exit 0; fi
rm -f "$folder/$1"
"$program" "$1" || exit
if [ -n "$(find "$folder" -name '????????' -type f)" ]; then exit 0; fi
systemctl disable --quiet $unit
rm -f /etc/systemd/system/$unit "$program" "$folder/docker-bridge"
systemctl daemon-reload
rmdir "$folder" /usr/local/lib/pulumi-ferry /var/lib/ferry 2>/dev/null
exit 0

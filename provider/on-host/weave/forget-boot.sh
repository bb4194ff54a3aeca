#!/bin/sh
# Removes what BOOT put there, and nothing else.
if [ -e /etc/systemd/system/pulumi-ferry-weave.service ] && head -n 2 /etc/systemd/system/pulumi-ferry-weave.service | grep -q '^# Written by pulumi-ferry'; then
  systemctl disable --quiet --now pulumi-ferry-weave.service
  rm -f /etc/systemd/system/pulumi-ferry-weave.service
  systemctl daemon-reload
  systemctl reset-failed pulumi-ferry-weave.service 2>/dev/null
fi
for file in /etc/weave.conf /usr/local/lib/pulumi-ferry/weave-launch; do
  if [ -e "$file" ] && head -n 2 "$file" | grep -q '^# Written by pulumi-ferry'; then rm -f "$file"; fi
done
rmdir /usr/local/lib/pulumi-ferry 2>/dev/null
exit 0

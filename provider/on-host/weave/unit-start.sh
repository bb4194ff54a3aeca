#!/bin/sh
# $1 the unit, $2 "changed" where its files are new.
if [ "$2" = changed ]; then
  systemctl daemon-reload || exit
  how=restart
else how=start; fi
systemctl enable --quiet "$1" || exit
# One that systemd has given up is refused a start until that is forgotten.
systemctl reset-failed "$1" 2>/dev/null
exec systemctl "$how" "$1"

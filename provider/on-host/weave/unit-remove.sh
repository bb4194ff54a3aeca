#!/bin/sh
# $1 the unit, $2 its file, $3 its script. Missing is success.
if [ -e "$2" ]; then
  systemctl disable --quiet --now "$1"
  rm -f "$2"
  systemctl daemon-reload
fi
rm -f "$3"
rmdir "${3%/*}" 2>/dev/null || true

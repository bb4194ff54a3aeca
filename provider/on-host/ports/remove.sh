#!/bin/sh
# Undoes put for a deployment. $1 its id. Missing is success.
. ./names.sh
if made_as >/dev/null; then docker rm -f "$container" >/dev/null || exit; fi
rm -rf "$folder"
rmdir "${folder%/*}" /var/lib/ferry 2>/dev/null
exit 0

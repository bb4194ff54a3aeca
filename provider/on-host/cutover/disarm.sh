#!/bin/sh
# On the source: whoever has the key cuts over no more. What is being done is done to its end. $1 the
# key's folder, $2 the file that is held meanwhile, $3 seconds.
if [ ! -e "$2" ] || ! flock -w "$3" "$2" rm -rf "$1/cut" "$2"; then rm -rf "$1/cut"; fi

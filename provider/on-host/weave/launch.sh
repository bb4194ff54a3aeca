#!/bin/sh
# As run.sh, for a launch: what is left of a relaunch that was interrupted goes first.
. ./path.sh
. ./dockers-api.sh
. ./arguments.sh
. ./former.sh
if [ -n "$(state "$former")" ]; then docker rm -f "$former" >/dev/null 2>&1; fi
exec timeout -k 10 "$limit" env "$@" </dev/null

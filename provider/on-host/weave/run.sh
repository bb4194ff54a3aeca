#!/bin/sh
# $1 and $2 as arguments.sh has them; then NAME=VALUE words and the command. SIGKILL follows 10 s
# later, so that a command that hangs does not outlive its caller for long.
. ./path.sh
. ./dockers-api.sh
. ./arguments.sh
exec timeout -k 10 "$limit" env "$@" </dev/null

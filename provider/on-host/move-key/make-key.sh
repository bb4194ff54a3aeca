#!/bin/sh
# $1 token: the key's folder, for root only, on a file system that forgets.
set -eu
umask 077
dir="/run/ferry-move-$1"
mkdir "$dir"
ssh-keygen -q -t ed25519 -N '' -C "ferry-move-$1" -f "$dir/key"
cat "$dir/key.pub"

#!/bin/sh
# $1 a folder of the copy: sockets go. rsync makes them along with pipes, and nobody listens to the
# copy of one. Their folders keep their times, which are compared.
# shellcheck disable=SC2016 # for the shell inside
find "$1" -xdev -type s -printf '%h\0' | sort -z -u | xargs -0 -r sh -c '
  for folder; do
    time=$(stat -c %.9Y -- "$folder") &&
      find "$folder" -mindepth 1 -maxdepth 1 -type s -delete &&
      touch -c -m -d "@$time" -- "$folder" || exit
  done' drop

#!/bin/sh
# How busy the host is, $1 times, a second apart: a line each of its load, CPUs, memory in KiB (all,
# and what is free for the asking) and the most of what /proc/pressure tells of the last ten seconds.
times=$1
while :; do
  read -r load _ </proc/loadavg
  total=0 available=0
  while read -r name value _; do
    case $name in MemTotal:) total=$value ;; MemAvailable:) available=$value ;; esac
  done </proc/meminfo
  most=
  for kind in cpu memory io; do
    [ -r "/proc/pressure/$kind" ] || continue
    read -r _ average _ <"/proc/pressure/$kind" 2>/dev/null || continue
    most="$most ${average#avg10=}"
  done
  printf 'ferry-load %s %s %s %s%s\n' "$load" "$(nproc)" "$total" "$available" "$most"
  times=$((times - 1))
  [ "$times" -gt 0 ] || exit 0
  sleep 1
done

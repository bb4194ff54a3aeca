#!/bin/sh
# $1 the ssh_config: bytes per second of the best of eight stretches, within three seconds. A
# stretch that a busy machine has held up, or the beginning of a connection, says nothing about the
# link.
. ../host/milliseconds.sh
timeout 3 ssh -F "$1" ferry-source rate </dev/null 2>/dev/null | {
  head -c 1 >/dev/null
  best=0
  # The clock's own grain (../host/milliseconds.sh).
  tick=10
  for _ in 1 2 3 4 5 6 7 8; do
    began=$(milliseconds)
    bytes=$(head -c 2097152 | wc -c)
    rate=$((bytes * 1000 / ($(milliseconds) - began + tick)))
    [ "$bytes" -ge 2097151 ] || { [ "$best" -gt 0 ] || best=$rate; break; }
    [ "$rate" -le "$best" ] || best=$rate
  done
  echo "$best"
}

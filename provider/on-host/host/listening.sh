#!/bin/sh
# The kernel's lists of sockets, each behind its name.
for of in tcp tcp6 udp udp6; do
  echo "$of"
  cat "/proc/net/$of" 2>/dev/null
done
exit 0

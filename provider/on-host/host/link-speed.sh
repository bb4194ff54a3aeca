#!/bin/sh
# The speed of the link by which a host reaches an address, in Mbit/s as the kernel has it. Virtual
# ones have none.
# $1 is the address.
device=$(ip -o route get "$1" 2>/dev/null | sed -n 's/.* dev \([^ ]*\).*/\1/p' | head -n 1)
[ -n "$device" ] && cat "/sys/class/net/$device/speed" 2>/dev/null
exit 0

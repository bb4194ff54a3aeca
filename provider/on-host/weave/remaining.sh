#!/bin/sh
# What there is for 'weave reset' to remove; rules and links are left over when one was interrupted.
. ./path.sh
. ./remains.sh
if iptables-save 2>/dev/null | grep -q '^:WEAVE'; then echo "its rules"; fi
# shellcheck disable=SC2010 # the kernel's names
if ls /sys/class/net | grep -q '^vethwe'; then echo "containers' links"; fi
exit 0

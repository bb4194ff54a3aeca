#!/bin/sh
# Dry run: nothing is loaded. A directory called `bridge` tells a bridge from a datapath of Open
# vSwitch.
. ./path.sh
if [ -d /sys/module/openvswitch ] || modprobe -n -q openvswitch 2>/dev/null; then echo yes; else echo no; fi
if [ -d /sys/class/net/datapath ]; then echo datapath
elif [ -d /sys/class/net/weave/bridge ]; then echo bridge
elif [ -d /sys/class/net/weave ]; then echo datapath
else echo none; fi

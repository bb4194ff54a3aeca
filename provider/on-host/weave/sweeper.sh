#!/bin/sh
# Written by pulumi-ferry. Takes ended containers' addresses off the Weave network (weaveworks/weave#3406).
. ./sweep.sh
sweep
docker events --filter type=container --filter event=die | while read -r _; do sweep; done

#!/bin/sh
# Written by pulumi-ferry. Takes ended containers' addresses off the Weave network (weaveworks/weave#3406),
# and links that a router left unfinished.
. ./collect-links.sh
look() {
  sweep
  # No attach takes as long.
  if [ -n "$unfinished" ]; then (sleep 5; collect_unfinished "$unfinished") & fi
}
look
docker events --filter type=container --filter event=die --filter event=start |
  while read -r _; do look; done

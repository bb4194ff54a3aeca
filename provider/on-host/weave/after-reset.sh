#!/bin/sh
# What 'weave reset' leaves: the plug-in for Kubernetes, which every launch unpacks (18 MB), the
# proxy's dead socket, and the chains by which later releases see that somebody flushed the rules. A
# table of iptables that is empty then stays: whoever looks into one makes it, and iptables before
# 1.8.10 cannot remove it. Where a kubelet is, the plug-in may be in use.
# Then what Ferry itself put there. Prints what else is still there, which should be nothing.
. ./path.sh
if [ ! -d /var/lib/kubelet ]; then
  rm -f /opt/cni/bin/weave-net /opt/cni/bin/weave-ipam /opt/cni/bin/weave-plugin-* /etc/cni/net.d/10-weave.conflist
  rmdir /opt/cni/bin /opt/cni
fi 2>/dev/null
docker rm -f pulumi-ferry-former-weave >/dev/null 2>&1
rm -f /var/run/weave/weave.sock
rmdir /var/run/weave/etc /var/run/weave 2>/dev/null
for table in mangle nat filter; do
  iptables -w -t $table -F WEAVE-CANARY && iptables -w -t $table -X WEAVE-CANARY
done >/dev/null 2>&1
. ./remains.sh
if [ -e /var/lib/ferry/weave/fetched-images ]; then
  # One that a container of somebody's uses stays: Docker refuses.
  while IFS= read -r image; do docker rmi "$image"; done </var/lib/ferry/weave/fetched-images >/dev/null 2>&1
fi
rm -f /var/lib/ferry/weave/fetched-images /var/lib/ferry/weave/removed.json /var/lib/ferry/weave/origin.json
rmdir /var/lib/ferry/weave /var/lib/ferry 2>/dev/null
exit 0

#!/bin/sh
# Whether the host keeps a deployment's services apart as they come by standard input: "there", or
# what is not as it should be. $1 the deployment's file. Looks, and changes nothing.
. ./path.sh
if ! cmp -s - "/var/lib/ferry/separation/$1"; then echo "other rules"; exit; fi
hooked() { ebtables --concurrent -L "$1" 2>/dev/null | grep -q -e "-j FERRY-APART-$2 *\$"; }
if ! { hooked FORWARD "$1-[AB]" && hooked INPUT "$1-[AB]" && hooked FORWARD DOCKER && hooked INPUT ON-HOST; }; then
  echo "no rules"
  exit
fi
if [ "$(systemctl is-enabled pulumi-ferry-keep-apart.service 2>/dev/null)" != enabled ]; then echo "nothing at boot"; exit; fi
echo there

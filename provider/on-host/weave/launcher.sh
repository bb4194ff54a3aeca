#!/bin/sh
# Written by pulumi-ferry: launches Weave's router with the settings in /etc/weave.conf.
PATH="$PATH:/usr/local/bin:/usr/local/sbin:/usr/sbin:/sbin"
export PATH
set -f
# shellcheck disable=SC1007 # empty
weave=weave launch= expose= names=
while IFS= read -r line || [ -n "$line" ]; do
  # shellcheck disable=SC2163 # what it says
  case $line in
    '#'*) ;;
    FERRY_WEAVE=*) weave=${line#*=} ;;
    FERRY_LAUNCH=*) launch=${line#*=} ;;
    FERRY_EXPOSE=*) expose=${line#*=} ;;
    FERRY_NAME=*) names="$names;${line#*=}" ;;
    *=*) export "$line" ;;
  esac
done </etc/weave.conf || exit 1
. ./dockers-api.sh
case $(docker inspect --type container -f '{{.State.Running}} {{.State.Restarting}}' weave 2>/dev/null) in
  *true*) ;;
  *)
    if [ -d /sys/class/net/weave/bridge ] && [ ! -d /sys/class/net/datapath ]; then
      export WEAVE_NO_FASTDP=1
    elif [ ! -d /sys/class/net/weave ] && [ ! -d /sys/module/openvswitch ] &&
      ! modprobe -n -q openvswitch 2>/dev/null; then
      export WEAVE_NO_FASTDP=1
    fi
    # shellcheck disable=SC2086 # its words
    "$weave" launch $launch || exit 1
    ;;
esac
if [ -z "$expose$names" ]; then exit 0; fi
tries=60
until "$weave" status >/dev/null 2>&1; do
  tries=$((tries - 1))
  if [ "$tries" -le 0 ]; then echo "the router does not answer" >&2; exit 1; fi
  sleep 1
done
code=0
# shellcheck disable=SC2086 # its words
if [ -n "$expose" ]; then timeout 60 "$weave" expose $expose >/dev/null || code=1; fi
IFS=';'
for name in $names; do
  IFS=' '
  # shellcheck disable=SC2086 # its words
  if [ -n "$name" ]; then timeout 60 "$weave" dns-add $name || code=1; fi
done
exit $code

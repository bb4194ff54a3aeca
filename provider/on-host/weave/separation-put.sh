#!/bin/sh
# Has the host keep a deployment's services apart from now on, before containers start as well.
# $1 the deployment's file, which comes by standard input, and $2 its length; $3 the program that
# keeps it, $4 the unit that runs that at boot. Says "there" in the end, or what keeps it from that.
. ./path.sh
folder=/var/lib/ferry/separation program=/usr/local/lib/pulumi-ferry/keep-apart
unit=pulumi-ferry-keep-apart.service
umask 077
new=$(mktemp /run/pulumi-ferry-separation.XXXXXXXX) || exit 1
trap 'rm -f "$new"' EXIT
trap 'exit 143' HUP INT TERM
cat >"$new"
if [ "$(wc -c <"$new" | tr -d ' ')" != "$2" ]; then echo "the rules were truncated" >&2; exit 1; fi
if ! command -v ebtables >/dev/null; then echo no-ebtables; exit; fi
if [ ! -d /run/systemd/system ]; then echo no-systemd; exit; fi
if [ -e /sys/class/net/weave ] && [ ! -d /sys/class/net/weave/bridge ]; then echo no-bridge; exit; fi
set -e
put() { # $1 a file, $2 its place, $3 its mode
  if cmp -s "$1" "$2"; then return 0; fi
  # shellcheck disable=SC2174 # the folders above are there
  mkdir -p -m 755 "${2%/*}"
  tmp=$(mktemp "${2%/*}/.ferry.XXXXXXXX")
  cat "$1" >"$tmp"
  chmod "$3" "$tmp"
  sync "$tmp"
  mv -f "$tmp" "$2"
  sync "${2%/*}"
}
text() { printf %s "$1" >"$new.text"; put "$new.text" "$2" "$3"; rm -f "$new.text"; }
address=$(docker network inspect -f '{{range .IPAM.Config}}{{.Gateway}} {{end}}' bridge)
if [ -z "${address%% *}" ]; then address=$(ip -4 -o addr show dev docker0 | awk '{ sub(/\/.*/, "", $4); print $4 }'); fi
text "${address%% *}
" "$folder/docker-bridge" 644
put "$new" "$folder/$1" 644
text "$3" "$program" 755
if [ "$(systemctl is-enabled $unit 2>/dev/null)" != enabled ] || ! printf %s "$4" | cmp -s - /etc/systemd/system/$unit; then
  text "$4" /etc/systemd/system/$unit 644
  systemctl daemon-reload
  systemctl enable --quiet $unit
fi
"$program" "$1"
echo there

#!/bin/sh
# What is there, in one word, and whose file is in the way. $1: length of the wanted settings,
# which come by standard input; $2: "write" to put them there; $3 and $4: the launcher and the unit.
size=$1 act=$2
if [ ! -d /run/systemd/system ]; then cat >/dev/null; echo unsupported; exit; fi
for file in /etc/weave.conf /usr/local/lib/pulumi-ferry/weave-launch /etc/systemd/system/pulumi-ferry-weave.service; do
  if [ -e "$file" ] && ! head -n 2 "$file" | grep -q '^# Written by pulumi-ferry'; then
    cat >/dev/null; echo "foreign $file"; exit
  fi
done
for folder in /etc/systemd/system /run/systemd/system /usr/local/lib/systemd/system /usr/lib/systemd/system /lib/systemd/system; do
  if [ -e "$folder/weave.service" ]; then cat >/dev/null; echo "foreign $folder/weave.service"; exit; fi
done
umask 077
new=$(mktemp -d /run/pulumi-ferry-boot.XXXXXXXX) || exit 1
tmp=
trap 'rm -rf "$new" "$tmp"' EXIT
trap 'exit 143' HUP INT TERM
cat >"$new/conf"
if [ "$(wc -c <"$new/conf" | tr -d ' ')" != "$size" ]; then echo "the settings were truncated" >&2; exit 1; fi
printf %s "$3" >"$new/launcher"
printf %s "$4" >"$new/unit"
enabled=$(systemctl is-enabled pulumi-ferry-weave.service 2>/dev/null)
if [ "$enabled" = enabled ] && cmp -s "$new/conf" /etc/weave.conf && cmp -s "$new/launcher" /usr/local/lib/pulumi-ferry/weave-launch &&
  cmp -s "$new/unit" /etc/systemd/system/pulumi-ferry-weave.service; then
  echo current; exit
fi
if [ -e /etc/weave.conf ] || [ -e /etc/systemd/system/pulumi-ferry-weave.service ]; then found=outdated; else found=none; fi
if [ "$act" != write ]; then echo $found; exit; fi
set -e
put() { # $1 a file, $2 its place, $3 its mode
  # shellcheck disable=SC2174 # the folders above are there
  mkdir -p -m 755 "${2%/*}"
  tmp=$(mktemp "${2%/*}/.ferry.XXXXXXXX")
  cat "$1" >"$tmp"
  chmod "$3" "$tmp"
  sync "$tmp"
  mv -f "$tmp" "$2"
  sync "${2%/*}"
}
put "$new/conf" /etc/weave.conf 600
put "$new/launcher" /usr/local/lib/pulumi-ferry/weave-launch 755
put "$new/unit" /etc/systemd/system/pulumi-ferry-weave.service 644
systemctl daemon-reload
systemctl enable --quiet pulumi-ferry-weave.service
echo current

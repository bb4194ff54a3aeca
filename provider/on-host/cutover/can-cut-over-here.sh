#!/bin/sh
# What a cutover needs of the target, tried out where nobody is disturbed; says what is missing.
for program in docker nsenter unshare iptables mkfifo flock setsid xargs comm timeout; do
  command -v "$program" >/dev/null 2>&1 || { echo "it has no '$program'"; exit 1; }
done
{ printf 'a\0' | grep -qz a && printf 'a\0' | sed -z 's|a|b|' && printf 'a\0' | sort -z; } >/dev/null ||
  { echo "its grep, sed or sort do not know -z"; exit 1; }
unshare -n sh -c '
  iptables -w 5 -N FERRY-DOOR &&
  iptables -w 5 -A FERRY-DOOR -p tcp -m conntrack --ctstate NEW,INVALID -j REJECT --reject-with tcp-reset &&
  iptables -w 5 -A FERRY-DOOR -m conntrack --ctstate NEW,INVALID -j DROP' >/dev/null 2>&1 ||
  { echo "its iptables cannot refuse new connections"; exit 1; }

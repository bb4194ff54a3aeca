#!/bin/sh
# $1 how another peer is dialled, an IPv4 address or a name. What is at work on this host to keep its
# packets out, a line each: its name, whether it lets in Weave's TCP port, its UDP ports, and what the
# bridge carries, and where: yes, no, or unread where rules decide that are not understood here.
# Looks, and changes nothing. Chains that firewalld and ufw have made are told as theirs.
PATH="$PATH:/usr/local/bin:/usr/local/sbin:/usr/sbin:/sbin"
LC_ALL=C
export PATH LC_ALL
. ../host/rules.sh
have() { command -v "$1" >/dev/null 2>&1; }
say() { printf 'ferry-firewall %s %s %s %s %s\n' "$@"; }
# Of two answers, the one that tells more of what is shut.
both() { case "$1 $2" in *no*) echo no ;; *unread*) echo unread ;; *) echo yes ;; esac; }

peer=$1
case $peer in
  *[!0-9.]*) peer=$(getent ahostsv4 "$1" 2>/dev/null | awk 'NR == 1 { print $1 }') ;;
esac
route=$(ip -o route get "$peer" 2>/dev/null | head -n 1)
word_after() { printf '%s\n' "$route" | sed -n "s/.* $1 \([^ ]*\).*/\1/p"; }
device=$(word_after dev)
own=$(word_after src)

from_peer() { printf '%s\n' "$rules" | lets_in "${device:-?}" '?' "${peer:-?}" "${own:-?}" "$@"; }
tcp() { from_peer tcp 6783; }
udp() { both "$(from_peer udp 6783)" "$(from_peer udp 6784)"; }
# $1 and $2 the devices that it comes in by and goes out by.
bridge() { printf '%s\n' "$rules" | lets_in "$1" "$2" '*' '*' '*' '*'; }

if have firewall-cmd && [ "$(firewall-cmd --state 2>&1)" = running ]; then
  # A zone with networks of its own goes before that of the device.
  zone=$(firewall-cmd --get-active-zones 2>/dev/null | awk '
    $1 == "sources:" { for (at = 2; at <= NF; at++) print zone, $at; next }
    $1 != "interfaces:" { zone = $1 }' | while read -r name network; do
    rules=$(printf 'accept 1 * * %s * * *\ndrop 1 * * * * * *' "$network")
    case $(tcp) in yes) echo "$name" ;; unread) echo '?' ;; esac
  done | head -n 1)
  if [ -z "$zone" ] && [ -n "$device" ]; then
    zone=$(firewall-cmd --get-zone-of-interface="$device" 2>/dev/null) || zone=$(firewall-cmd --get-default-zone)
  fi
  shut=no
  if [ -n "$(firewall-cmd --zone="$zone" --list-rich-rules 2>/dev/null)" ]; then shut=unread; fi
  all() { [ "$(firewall-cmd --permanent --zone="$zone" --get-target 2>/dev/null)" = ACCEPT ]; }
  port() {
    case $zone in '' | '?') echo unread && return ;; esac
    if all || firewall-cmd --zone="$zone" --query-port="$1" >/dev/null 2>&1; then echo yes; else echo "$shut"; fi
  }
  trusted=no
  if [ "$(firewall-cmd --get-zone-of-interface=weave 2>/dev/null)" = trusted ]; then trusted=yes; fi
  say firewalld "$(port 6783/tcp)" "$(both "$(port 6783/udp)" "$(port 6784/udp)")" "$trusted" "${zone#\?}"
  exit 0
fi

if have ufw && status=$(ufw status verbose 2>/dev/null) && printf '%s\n' "$status" | grep -qi '^Status: active'; then
  rules=$(printf '%s\n' "$status" | rules_of_ufw)
  say ufw "$(tcp)" "$(udp)" "$(bridge weave '*')" ""
  exit 0
fi

# A chain that lets all of it in is none to tell of.
say_shut() { case "$2 $3 $4" in "yes yes yes") ;; *) say "$@" ;; esac; }

if have iptables && rules=$(iptables -S INPUT 2>/dev/null); then
  rules=$(printf '%s\n' "$rules" | rules_of_iptables)
  say_shut iptables "$(tcp)" "$(udp)" yes INPUT
fi

# Peers speak IPv4. What iptables has made there was told above.
if have nft; then
  nft list chains 2>/dev/null | awk '
    $1 == "table" { family = $2; table = $3 }
    $1 == "chain" { chain = $2 }
    /type filter hook (input|forward) / && family ~ /^(ip|inet)$/ &&
    family " " table " " chain !~ /^ip filter (INPUT|FORWARD)$/ {
      print family, table, chain, (/hook input/ ? "input" : "forward")
    }' | while read -r family table chain hook; do
    rules=$(nft list chain "$family" "$table" "$chain" 2>/dev/null </dev/null | rules_of_nft)
    case $hook in
      input) say_shut nft "$(tcp)" "$(udp)" yes "$family $table $chain" ;;
      *) say_shut nft yes yes "$(bridge weave weave)" "$family $table $chain" ;;
    esac
  done
fi
exit 0

#!/bin/sh
# $1 another peer's address. What is at work on this host to keep packets out, a line each: its
# name, whether it lets in Weave's TCP port, its UDP ports, and what the bridge carries, and where.
# Looks, and changes nothing. Chains that firewalld and ufw have made are told as theirs.
# shellcheck disable=SC2329 # "yes" and "both" call them by name
PATH="$PATH:/usr/local/bin:/usr/local/sbin:/usr/sbin:/sbin"
LC_ALL=C
export PATH LC_ALL
have() { command -v "$1" >/dev/null 2>&1; }
yes() { if "$@" >/dev/null 2>&1; then echo yes; else echo no; fi; }
both() { "$@" 6783 && "$@" 6784; }
say() { printf 'ferry-firewall %s %s %s %s %s\n' "$@"; }

if have firewall-cmd && [ "$(firewall-cmd --state 2>&1)" = running ]; then
  device=$(ip -o route get "$1" 2>/dev/null | sed -n 's/.* dev \([^ ]*\).*/\1/p' | head -n 1)
  zone=$(firewall-cmd --get-zone-of-interface="$device" 2>/dev/null) || zone=
  [ -n "$zone" ] || zone=$(firewall-cmd --get-default-zone)
  all() { [ "$(firewall-cmd --permanent --zone="$zone" --get-target 2>/dev/null)" = ACCEPT ]; }
  tcp() { all || firewall-cmd --zone="$zone" --query-port=6783/tcp; }
  udp() { all || firewall-cmd --zone="$zone" --query-port="$1/udp"; }
  bridge() { [ "$(firewall-cmd --get-zone-of-interface=weave)" = trusted ]; }
  say firewalld "$(yes tcp)" "$(yes both udp)" "$(yes bridge)" "$zone"
  exit 0
fi

if have ufw && ufw status 2>/dev/null | grep -qi '^Status: active'; then
  rules=$(ufw status | grep -v ' ALLOW OUT ')
  rule() { printf '%s\n' "$rules" | grep -Eq "^($1) +ALLOW"; }
  tcp() { rule "Anywhere|6783(/tcp)?"; }
  udp() { rule "Anywhere|6783:6784(/udp)?|$1(/udp)?"; }
  bridge() { rule "Anywhere on weave"; }
  say ufw "$(yes tcp)" "$(yes both udp)" "$(yes bridge)" ""
  exit 0
fi

# A chain may accept by its policy, and drop in its last rule: what is behind that counts for nothing.
last='^-A INPUT -j \(DROP\|REJECT\)\( \|$\)'
if have iptables && iptables -S INPUT 2>/dev/null | grep -q -e '^-P INPUT DROP' -e "$last"; then
  rules=$(iptables -S INPUT | sed "/$last/q")
  rule() { printf '%s\n' "$rules" | grep -Eq -- "-p $1 .*dports? [0-9:,]*($2|6783:6784)[0-9:,]* .*-j ACCEPT"; }
  tcp() { rule tcp 6783; }
  udp() { rule udp "$1"; }
  say iptables "$(yes tcp)" "$(yes both udp)" yes INPUT
fi

if have nft; then
  nft list chains 2>/dev/null | awk '
    $1 == "table" { family = $2; table = $3 }
    $1 == "chain" { chain = $2 }
    /hook (input|forward) .*policy drop/ && chain !~ /^(INPUT|FORWARD)$/ {
      print family, table, chain, (/hook input/ ? "input" : "forward")
    }' | while read -r family table chain hook; do
    rules=$(nft list chain "$family" "$table" "$chain" 2>/dev/null)
    rule() { printf '%s\n' "$rules" | grep -Eq "$1.*accept"; }
    if [ "$hook" = input ]; then
      tcp() { rule 'tcp dport .*6783'; }
      udp() { rule "udp dport .*($1|6783-6784)"; }
      say nft "$(yes tcp)" "$(yes both udp)" yes "$family $table $chain"
    else
      bridge() { rule 'ifname "?weave'; }
      say nft yes yes "$(yes bridge)" "$family $table $chain"
    fi
  done
fi
exit 0

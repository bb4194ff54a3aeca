# Part of the target's side: the inbound block, which keeps clients from its container. Works with "$pid".
shut() { # new connections from outside are refused, and nothing else
  for tables in iptables ip6tables; do
    [ "$tables" = iptables ] || [ -e "/proc/$pid/net/if_inet6" ] || continue
    if ! { inside "$tables" -w 5 -N FERRY-DOOR &&
      inside "$tables" -w 5 -A FERRY-DOOR -p tcp -m conntrack --ctstate NEW,INVALID -j REJECT --reject-with tcp-reset &&
      inside "$tables" -w 5 -A FERRY-DOOR -m conntrack --ctstate NEW,INVALID -j DROP &&
      inside "$tables" -w 5 -I INPUT ! -i lo -j FERRY-DOOR; } 2>>door-said; then
      # Without tables for it, a host has no address of this kind that a client could have used.
      [ "$tables" = ip6tables ] && ! inside ip -6 -o address show scope global | grep -q . || return 1
    fi
  done
}
unshut() { inside "$1" -w 5 -D INPUT ! -i lo -j FERRY-DOOR 2>>door-said || inside "$1" -w 5 -F FERRY-DOOR 2>>door-said; }

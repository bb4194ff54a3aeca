/**
 * Shell functions of a cut on the target about its container: up to its gate, behind the door and
 * the veil, announced, watched over, and seen to stand still. They use the names that the cut's
 * script sets: "$container", "$pid", "$held", "$address", "$session".
 */
export const CONTAINER = `process() { # of the container, as soon as there is one
  early=/run/containerd/io.containerd.runtime.v2.task/moby/$container/init.pid
  if [ -s "$early" ]; then cat "$early"; else docker inspect -f '{{.State.Pid}}' "$container" 2>/dev/null; fi
}
inside() { nsenter -t "$pid" -n "$@"; }
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
# The veil: where the network is a Linux bridge with tables, nothing that claims the address leaves this host's containers,
# while what the source sends from it still comes in. Behind it the target can be attached while the source serves.
veiled=
veil() {
  [ -n "$address" ] && [ -e /sys/class/net/weave/bridge ] && [ -e /sys/class/net/weave/brif/vethwe-bridge ] || return 1
  unveil "$held"
  : >"$(veil_of "$held")"
  {
    ebtables --concurrent -N "$(chain_of "$held")" -P RETURN &&
      ebtables --concurrent -A "$(chain_of "$held")" -p ARP --arp-ip-src "$address" -j DROP &&
      ebtables --concurrent -A "$(chain_of "$held")" -p IPv4 --ip-src "$address" -j DROP &&
      ebtables --concurrent -I FORWARD -i ! vethwe-bridge -j "$(chain_of "$held")" &&
      ebtables --concurrent -I INPUT -i ! vethwe-bridge -j "$(chain_of "$held")"
  } >/dev/null 2>&1 && veiled=yes && return 0
  unveil "$held"
  return 1
}
lift() { ebtables --concurrent -F "$(chain_of "$held")" >/dev/null 2>&1; } # at once; what is left hides nothing
announce() { # the address is here now: the kernel says so when a link's own address is set
  inside sh -c 'echo 1 >/proc/sys/net/ipv4/conf/ethwe/arp_notify && ip link set dev ethwe address "$(cat /sys/class/net/ethwe/address)"' 2>/dev/null
}
stands() { # nothing of the container runs
  case $(docker inspect -f '{{.State.Running}}' "$container" 2>&1) in
    false | *"No such"*) return 0 ;;
  esac
  return 1
}
# Whoever has ended the conversation waits for this.
gone() { [ -e gone ] || ssh -F config ferry-source left </dev/null >/dev/null 2>&1 6>&- && : >gone; }
# Without the source's word nothing of it may run here: who serves there again cannot tell what goes on here. It looks where the
# cut itself does not listen, and goes on until the cut has come to its end.
guard() {
  exec 6>&- 7>&- 8>&-
  while [ -e "/proc/$session/exe" ]; do sleep 0.1; done
  : >severed
  while [ ! -e result ] && [ -d "/proc/$$" ]; do
    docker kill "$container" >/dev/null 2>&1
    # One that is only being started is the cut's own to stop.
    [ ! -s pid ] || ! stands || gone
    sleep 0.1
  done
}
unguard() {
  kill -KILL "$guard" 2>/dev/null
  wait "$guard" 2>/dev/null
}
repeat() { # arping takes a second for every time: nobody waits for it, least of all the source at the end of their conversation
  [ -n "$address" ] || return 0
  {
    exec 6>&- 7>&- 8>&-
    inside arping -q -c 2 -A -I ethwe "$address" >/dev/null 2>&1
  } &
}
gated() { # one of these processes is the gate
  for each; do
    head -c 8 "/proc/$each/cmdline" 2>/dev/null | grep -q "^/.ferry/" && return
  done
  return 1
}
children() { cat "/proc/$1/task/$1/children" 2>/dev/null || pgrep -P "$1"; }
waiting() { # at its gate: past Weave's own wait for the address. Behind Docker's own init the gate is that one's child
  tries=0
  until gated "$pid" || gated $(children "$pid"); do
    tries=$((tries + 1))
    [ -d "/proc/$pid" ] && [ "$tries" -lt 3000 ] || return 1
    sleep 0.01
  done
}

bring() { # the container up to its gate, behind the door
  docker start "$container" >/dev/null 2>start-said &
  starting=$!
  tries=0
  until pid=$(process); [ "\${pid:-0}" -gt 0 ] 2>/dev/null && [ -e "/proc/$pid/ns/net" ] &&
    [ "$(readlink "/proc/$pid/ns/net")" != "$(readlink /proc/self/ns/net)" ]; do
    tries=$((tries + 1))
    [ "$tries" -lt 3000 ] && kill -0 "$starting" 2>/dev/null || break
    sleep 0.01
  done
  wait "$starting" || { echo "it did not start: $(CAUSE start-said)" >bring-said; return 1; }
  pid=$(process)
  case $pid in '' | 0 | *[!0-9]*) echo "it ended at once" >bring-said; return 1 ;; esac
  echo "$pid" >pid
  shut || { echo "its address could not be shut off from clients: $(tail -n 1 door-said)" >bring-said; return 1; }
}

`;

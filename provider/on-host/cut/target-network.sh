# Part of the target's side: hidden behind the veil, and announced. Works with "$pid", "$held" and
# "$address".
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
  # shellcheck disable=SC2016 # for the shell inside
  inside sh -c 'echo 1 >/proc/sys/net/ipv4/conf/ethwe/arp_notify && ip link set dev ethwe address "$(cat /sys/class/net/ethwe/address)"' 2>/dev/null
}
repeat() { # arping takes a second for every time: nobody waits for it, least of all the source at the end of their conversation
  [ -n "$address" ] || return 0
  {
    exec 6>&- 7>&- 8>&-
    inside arping -q -c 2 -A -I ethwe "$address" >/dev/null 2>&1
  } &
}

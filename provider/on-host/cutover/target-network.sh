# Part of the target's side: hidden behind the ARP mute, and announced. Works with "$pid", "$lock_file" and
# "$address".
# The ARP mute: where the network is a Linux bridge with tables, nothing that claims the address leaves this host's containers,
# while what the source sends from it still comes in. Behind it the target can be attached while the source serves.
muted=
mute() {
  [ -n "$address" ] && is_bridged || return 1
  unmute "$lock_file"
  : >"$(mute_file_of "$lock_file")"
  {
    ebtables --concurrent -N "$(chain_of "$lock_file")" -P RETURN &&
      ebtables --concurrent -A "$(chain_of "$lock_file")" -p ARP --arp-ip-src "$address" -j DROP &&
      ebtables --concurrent -A "$(chain_of "$lock_file")" -p IPv4 --ip-src "$address" -j DROP &&
      ebtables --concurrent -I FORWARD -i ! "$uplink" -j "$(chain_of "$lock_file")" &&
      ebtables --concurrent -I INPUT -i ! "$uplink" -j "$(chain_of "$lock_file")"
  } >/dev/null 2>&1 && muted=yes && return 0
  unmute "$lock_file"
  return 1
}
lift() { ebtables --concurrent -F "$(chain_of "$lock_file")" >/dev/null 2>&1; } # at once; what is left hides nothing
announce() { # the address is here now: the kernel says so when a link's own address is set
  # shellcheck disable=SC2016 # for the shell inside
  inside sh -c 'echo 1 >"/proc/sys/net/ipv4/conf/$1/arp_notify" && ip link set dev "$1" address "$(cat "/sys/class/net/$1/address")"' sh "$own_link" 2>/dev/null
}
repeat() { # arping takes a second for every time: nobody waits for it, least of all the source at the end of their conversation
  [ -n "$address" ] || return 0
  {
    exec 6>&- 7>&- 8>&-
    inside arping -q -c 2 -A -I "$own_link" "$address" >/dev/null 2>&1
  } &
}

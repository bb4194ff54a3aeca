# Part: how Weave's containers are linked, for the switch-over.
# shellcheck disable=SC2034 # for whoever takes this in
own_link=ethwe # a container's, in its own namespace
# shellcheck disable=SC2034
uplink=vethwe-bridge # by which other hosts' packets come onto the bridge
link_of() { echo "vethwepl$1"; } # the host's end of the link of process $1
is_bridged() { # by a Linux bridge, with tables, and not by Open vSwitch
  [ -e /sys/class/net/weave/bridge ] && [ -e "/sys/class/net/weave/brif/$uplink" ]
}

#!/bin/sh
# Runs one host until it is powered off: host-supervisor.sh COMMAND... (systemd-nspawn and its arguments).
# Environment: FERRY_LAB_MACHINE, FERRY_LAB_CGROUPS, FERRY_LAB_BRIDGE, FERRY_LAB_CABLE, FERRY_LAB_ADDRESS.
# A host gets a new network namespace and cable at every boot, as a real one loses its bridges and rules when it reboots.
# The namespace is made out here, so that nobody has to watch for a cable's outer end and raise it.
set -u

for dir in $FERRY_LAB_CGROUPS; do
  echo $$ >"$dir/cgroup.procs" || exit 1
done

unplug() {
  ip netns delete "$FERRY_LAB_MACHINE" 2>/dev/null
  ip link delete "$FERRY_LAB_CABLE" 2>/dev/null
}

plug_in() {
  ip netns add "$FERRY_LAB_MACHINE" &&
    ip link add "$FERRY_LAB_CABLE" type veth peer name eth0 netns "$FERRY_LAB_MACHINE" &&
    ip link set "$FERRY_LAB_CABLE" master "$FERRY_LAB_BRIDGE" up &&
    ip -n "$FERRY_LAB_MACHINE" address add "$FERRY_LAB_ADDRESS" dev eth0 &&
    ip -n "$FERRY_LAB_MACHINE" link set eth0 up &&
    ip -n "$FERRY_LAB_MACHINE" link set lo up
}

# nspawn says 133 when its guest asks for a reboot; anything else is a power-off or a power cut.
rebooted=133
code=$rebooted
while [ "$code" = "$rebooted" ]; do
  unplug
  plug_in || exit 1
  # Entered before nspawn starts, not by its own option: that mounts /sys first, and the host would see our links there.
  LD_LIBRARY_PATH=$FERRY_LAB_LIBRARIES nsenter --net="/run/netns/$FERRY_LAB_MACHINE" "$@"
  code=$?
  echo "nspawn ended with $code"
done
unplug

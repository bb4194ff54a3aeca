# Part: takes the addresses of ended containers off the network. Changes nothing that is in use.
#
# Weave 2.4 and later (2.6.5 was measured; weaveworks/weave#3406) keeps the network namespace of
# every container that it has attached open for as long as the router runs. A container that has
# ended, or was restarted, so leaves behind a namespace without a process, which still has the
# container's address and answers for it on the overlay: clients that happen to hear it first are
# refused. The address is only free once the host's end of that link is gone.
#
# The host's end is called `vethwepl` and the process id of the container that it was made for. It
# is dead when that process has ended, when its number now belongs to a process of the host itself,
# or when that process has another link called `ethwe`. A process that has none yet is being
# attached right now, or its link is unfinished: a router that is killed in between never finishes
# it, and refuses to make another one of that name, so the container waits for its address for good.
# `sweep` leaves those in `unfinished`, " NAME:INDEX ...". What is there some seconds later as well
# is taken off, and the router, which tries again and again, makes a whole one.
#
# What a line of Docker's events says is not looked at, so no `--format` is asked for: Docker 29 dropped
# the field that was, and the sweeper died of it.
sweep() {
  unfinished=
  for link in /sys/class/net/vethwepl*; do
    pid=${link##*/vethwepl}
    case $pid in '' | *[!0-9]*) continue ;; esac
    peer=$(cat "$link/iflink" 2>/dev/null) || continue
    namespace=$(readlink "/proc/$pid/ns/net" 2>/dev/null) || namespace=
    if [ -n "$namespace" ] && [ "$namespace" != "$(readlink /proc/1/ns/net)" ]; then
      attached=$(nsenter -t "$pid" -n ip -o link show dev ethwe 2>/dev/null | cut -d: -f1)
      if [ -z "$attached" ]; then
        unfinished="$unfinished vethwepl$pid:$(cat "$link/ifindex" 2>/dev/null)"
        continue
      fi
      [ "$attached" != "$peer" ] || continue
    fi
    ip link delete "vethwepl$pid" 2>/dev/null || [ ! -e "$link" ]
  done
}

# Sweeps, and takes off what is unfinished and was so before. $1: `unfinished` of then.
collect_unfinished() {
  sweep
  for one in $unfinished; do
    case "$1 " in *" $one "*) ip link delete "${one%:*}" 2>/dev/null ;; esac
  done
}

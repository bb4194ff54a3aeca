# Part of the target's side: its container, up to its start barrier, and seen to stand still. Works with
# "$container", and sets "$pid".
process() { # of the container, as soon as there is one
  early=/run/containerd/io.containerd.runtime.v2.task/moby/$container/init.pid
  if [ -s "$early" ]; then cat "$early"; else docker inspect -f '{{.State.Pid}}' "$container" 2>/dev/null; fi
}
inside() { nsenter -t "$pid" -n "$@"; }
stands() { # nothing of the container runs
  case $(docker inspect -f '{{.State.Running}}' "$container" 2>&1) in
    false | *"No such"*) return 0 ;;
  esac
  return 1
}
at_barrier() { # one of these processes is the start barrier
  for each; do
    head -c 8 "/proc/$each/cmdline" 2>/dev/null | grep -q "^/.ferry/" && return
  done
  return 1
}
children() { cat "/proc/$1/task/$1/children" 2>/dev/null || pgrep -P "$1"; }
waiting() { # at its start barrier: past the network's own wait for the address. Behind Docker's own init the start barrier is that one's child
  tries=0
  # shellcheck disable=SC2046 # each of them
  until at_barrier "$pid" || at_barrier $(children "$pid"); do
    tries=$((tries + 1))
    [ -d "/proc/$pid" ] && [ "$tries" -lt 3000 ] || return 1
    sleep 0.01
  done
}

bring() { # the container up to its start barrier, behind the inbound block
  docker start "$container" >/dev/null 2>start-said &
  starting=$!
  tries=0
  until pid=$(process); [ "${pid:-0}" -gt 0 ] 2>/dev/null && [ -e "/proc/$pid/ns/net" ] &&
    [ "$(readlink "/proc/$pid/ns/net")" != "$(readlink /proc/self/ns/net)" ]; do
    tries=$((tries + 1))
    { [ "$tries" -lt 3000 ] && kill -0 "$starting" 2>/dev/null; } || break
    sleep 0.01
  done
  wait "$starting" || { echo "it did not start: $(CAUSE start-said)" >bring-said; return 1; }
  pid=$(process)
  case $pid in '' | 0 | *[!0-9]*) echo "it ended at once" >bring-said; return 1 ;; esac
  echo "$pid" >pid
  shut || { echo "its address could not be shut off from clients: $(tail -n 1 door-said)" >bring-said; return 1; }
}

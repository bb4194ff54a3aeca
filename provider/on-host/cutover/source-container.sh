# Part of the source's side: what each word does to its container. Works with what source.sh has read.
. ../network.sh
alive() { [ -d "/proc/$pid" ] && [ "$(born "$pid")" = "$birth" ]; }

ready() {
  # shellcheck disable=SC2046 # its words, one by one
  set -- $(docker inspect -f '{{.State.Running}} {{.State.Pid}} {{.Config.StopSignal}}' "$container")
  [ "${1-}" = true ] || { say "no its container does not run"; return; }
  pid=$2 signal=${3-SIGTERM}
  birth=$(born "$pid")
  link=$(link_of "$pid")
  [ -e "/sys/class/net/$link" ] || { say "no its link to the network is not there"; return; }
  say "ready $(listening)"
}
listening() { # "tcp:18EB udp:0035": not on loopback, from the range that the kernel gives out marked with ?
  # Not by read: it asks for a byte at a time, and the kernel gives this file only from its beginning.
  low=$(cut -f 1 /proc/sys/net/ipv4/ip_local_port_range)
  for of in tcp tcp6 udp udp6; do
    awk -v of="${of%6}" -v low="${low:-32768}" '
      BEGIN { for (i = 0; i < 16; i++) digit[sprintf("%X", i)] = i }
      NR > 1 && ($4 == (of == "tcp" ? "0A" : "07")) {
        split($2, at, ":")
        if (at[1] ~ /7F$/ || at[1] == "00000000000000000000000001000000") next
        port = 0
        for (i = 1; i <= 4; i++) port = port * 16 + digit[substr(at[2], i, 1)]
        if (port >= low && of == "udp") next
        printf "%s:%s%s ", of, at[2], (port >= low ? "?" : "")
      }' "/proc/$pid/net/$of" 2>/dev/null
  done
}
fence() {
  journaled "$lists_of/before" "$lists_of/fenced" || return
  state=fenced
  docker update --restart=no "$container" >/dev/null 2>"$lists_of/said" || { say "no $(CAUSE "$lists_of/said")"; return; }
  say fenced
}
stop() {
  journaled "$lists_of/fenced" "$lists_of/stopped" || return
  state=stopped
  { alive && ip link set "$link" down; } || { say "no its link could not be taken down"; return; }
  say down
  kill -s "${signal#SIG}" "$pid" 2>/dev/null || docker kill --signal "$signal" "$container" >/dev/null 2>&1
  (sleep "$timeout"; kill -KILL "$pid") >/dev/null 2>&1 </dev/null &
  timer=$!
  looked=0
  while [ -d "/proc/$pid" ]; do
    looked=$((looked + 1))
    [ $((looked % 50)) -ne 0 ] || alive || break
    sleep 0.004
  done
  kill "$timer" 2>/dev/null
  said=gone
  for base in "$here"/[0-9]*; do
    [ -e "$base" ] || continue
    n=${base##*/}
    if [ ! -e "$lists_of/content" ] && changes "$n"; then
      said="$said $n:$(which_of "$n")"
    else said="$said $n:all"; fi
  done
  say "$said"
}
again() {
  case $state in
    home) return 0 ;;
    fenced) swap "$lists_of/fenced" "$lists_of/home" || swap "$lists_of/stopped" "$lists_of/home" ;;
    *) swap "$lists_of/stopped" "$lists_of/home" ;;
  esac || { echo "its journal was changed by somebody else" >"$lists_of/said"; return 1; }
  state=home
  if alive; then ip link set "$link" up 2>/dev/null
  else
    # Docker's start does nothing while it has not noticed that the process has ended.
    tries=0
    while [ "$(docker inspect -f '{{.State.Running}} {{.State.Pid}}' "$container")" = "true $pid" ]; do
      tries=$((tries + 1))
      [ "$tries" -lt 300 ] || return 1
      sleep 0.1
    done
    ip link delete "$link" 2>/dev/null
  fi
  docker start "$container" >/dev/null 2>"$lists_of/said" && docker update --restart="$policy" "$container" >/dev/null 2>"$lists_of/said"
}

# Part of the target's side: whether its container does what it did on the source. Works with "$container",
# "$pid" and "$listening".
health_test() { # its image's own, as words ended by NUL; nothing when it has none
  docker inspect -f '{{with .Config.Healthcheck}}{{range .Test}}{{printf "%s\x00" .}}{{end}}{{end}}' "$container" | sed -z '/^\n$/d' >./test
  case $(head -z -n 1 test | tr -d '\0\n') in
    CMD) tail -z -n +2 test >health ;;
    CMD-SHELL) { printf '/bin/sh\0-c\0'; tail -z -n +2 test; } >health ;;
    *) : >health ;;
  esac
}
listens() { # on every port on which the source did; what was heard once is not asked for again
  [ -z "$heard" ] || return 0
  for each in $listening; do
    port=${each#*:}
    case $each in tcp:*) ports=tcp state=0A ;; *) ports=udp state=07 ;; esac
    case $port in *'?') [ "$loops" -lt 200 ] || continue; port=${port%'?'} ;; esac
    grep -qs ":$port .* $state " "/proc/$pid/net/$ports" "/proc/$pid/net/${ports}6" || return 1
  done
  heard=yes
}
healthy() { [ ! -s health ] || xargs -0 -a health timeout 30 docker exec "$container" >/dev/null 2>health-said; }
until_ready() {
  read -r up _ </proc/uptime
  until=$((${up%.*} + patience))
  [ -e same-program ] || listening=$(for each in $listening; do echo "${each%'?'}?"; done)
  heard=
  steady=0
  [ -n "$listening" ] || [ -s health ] || steady=40
  loops=0
  # Asking costs no process but the look itself: what stands still here is the client.
  until [ "$loops" -ge "$steady" ] && listens && healthy; do
    loops=$((loops + 1))
    [ ! -e severed ] || { reason="the connection to the source was lost"; back; }
    [ -d "/proc/$pid" ] || { reason="its program ended at once"; back; }
    read -r up _ </proc/uptime
    [ "${up%.*}" -le "$until" ] || { reason="it is not ready after $patience s"; back; }
    sleep 0.008
  done
  [ -d "/proc/$pid" ] || { reason="its program ended at once"; back; }
}

import { MILLISECONDS } from "../host-clock";
import { FACTS } from "./facts-script";
import { COMPARING, COPYING } from "./target-copy-script";
import { CONTAINER } from "./target-container-script";
import { VEIL } from "./veil-script";

/**
 * The cut, as one command on the target. It goes on to its end whatever becomes of its caller, and
 * writes what came of it to "result" beside it. $1 the folder with all that it needs, $2 the file
 * to hold while it runs.
 *
 * Nothing can be acknowledged by the target before commit: its program waits behind the gate until
 * the copies are compared, and the door refuses clients until the source's journal says
 * "committed".
 */
export const TARGET_SCRIPT = `
set -u
LC_ALL=C
export LC_ALL
here=$1
held=$2
cd "$here"
trap '' HUP INT TERM PIPE
# Whoever held it before takes it away at its end: what has no name any more keeps nobody out. It is root's alone: who may
# read a file may hold a lock on it.
mask=$(umask)
umask 077
until
  exec 6>"$2"
  flock -n 6 || { printf 'kind back\nstep fence\nreason another cut of it still runs\n' >result; exit 0; }
  [ "$2" -ef /proc/self/fd/6 ]
do :; done
umask "$mask"
attributes=$here/attributes
${FACTS}
${VEIL}

IFS= read -r directory <directory
read -r container <container
read -r gate <gate
read -r patience <patience
read -r address <address
IFS= read -r journal <journal
step=fence
session=
guard=
start=
pid=
reason=
lost=

${MILLISECONDS}mark=$(milliseconds)
took() { # how long the step took that ends now
  was=$mark
  mark=$(milliseconds)
  echo "took $((mark - was)) $step" >>figures
}
enter() { # the next step, which others can tell when this is killed
  took
  step=$1
  echo "$step" >step
}
onDisk() { sync "$@" 2>/dev/null || sync; }
copiesOnDisk() { # what was acknowledged on the source must survive a power cut here before this is where it runs
  for base in path-*; do
    [ -e "$base" ] || continue
    IFS= read -r path <"$base"
    sync -f "$path" 2>/dev/null || sync
  done
}
put() {
  (umask 077; mkdir -p "$directory" && cp "$1" "$directory/.cut") && onDisk "$directory/.cut" &&
    mv -f "$directory/.cut" "$journal" && onDisk "$directory"
}
hear() { # an answer of the source that begins with $1
  IFS= read -r answer <&8 || { reason="the connection to the source was lost"; lost=yes; answer=; return 1; }
  case $answer in
    "$1"*) return 0 ;;
    "no "*) reason="on the source: \${answer#no }" ;;
    *) reason="the source said '$answer'" ;;
  esac
  return 1
}
ask() { printf '%s\\n' "$1" >&7 2>/dev/null; hear "$2"; }

finish() { # $1 kind
  {
    echo "kind $1"
    echo "step $step"
    echo "reason $(printf %s "$reason" | tr '\\n' ' ')"
    cat differences figures 2>/dev/null
  } >result.new
  mv result.new result
  rm -f "$held"
  exit 0
}
${CONTAINER}back() { # takes back what has been done; only when nothing runs here any more may the source go on
  [ -z "$start" ] || wait "$start"
  kind=stuck
  if [ -z "$start" ]; then kind=back
  else
    # Whether a commit without an answer went through is only known on the source: the next look at both hosts tells.
    [ "$step$lost" = commityes ] || put rejected
    tries=0
    while docker kill "$container" >/dev/null 2>&1; [ "$(docker inspect -f '{{.State.Running}}' "$container" 2>/dev/null)" = true ]; do
      tries=$((tries + 1))
      [ "$tries" -lt 100 ] || break
      sleep 0.1
    done
    stands && kind=back
  fi
  rm -f "$gate"
  unveil "$held"
  if [ "$kind" = back ]; then
    why=$reason
    ask again again || {
      kind=stuck why="$why; it was not brought back ($reason)"
      gone
    }
    reason=$why
  fi
  exec 7>&-
  finish "$kind"
}
must() { "$@" || back; }

# ---- before anything stops
rm -f result figures differences severed gone to from pid ./*-said
echo "$step" >step
mkfifo to from || { reason="no FIFO could be made"; finish back; }
ssh -F config ferry-source cut <to >from 2>session-said 6>&- 9>&- &
session=$!
exec 7>to 8<from
must ask ready ready
listening=\${answer#ready}
rm -f "$gate"
mkfifo -m 0444 "$gate" || { reason="the gate could not be shut"; back; }
docker inspect -f '{{with .Config.Healthcheck}}{{range .Test}}{{printf "%s\\x00" .}}{{end}}{{end}}' "$container" | sed -z '/^\\n$/d' >test
case $(head -z -n 1 test | tr -d '\\0\\n') in
  CMD) tail -z -n +2 test >health ;;
  CMD-SHELL) { printf '/bin/sh\\0-c\\0'; tail -z -n +2 test; } >health ;;
  *) : >health ;;
esac
put delta || { reason="its journal could not be written"; back; }
if veil; then
  bring &
  start=$!
  wait "$start" || { reason=$(cat bring-said); back; }
  read -r pid <pid
  waiting || { reason="it got no address on the network"; back; }
fi
# All but the last of it while the source still serves.
copiesOnDisk
guard &
guard=$!
must ask fence fenced

# ---- from here on nobody answers
enter stop
printf 'stop\\n' >&7
must hear down
down=$(milliseconds)
if [ -n "$veiled" ]; then
  { lift; announce; repeat; } &
  unveiling=$!
else
  bring &
  start=$!
  unveiling=$start
fi
must hear gone
changed=\${answer#gone}

${COPYING}enter "final delta"
copies=
for each in $changed; do
  n=\${each%%:*}
  case $each in
    *:none) continue ;;
  esac
  : >"copy-said-$n"
  case $each in
    *:all) all "$n" 6>&- & ;;
    *)
      looked "$n" 6>&- & copies="$copies $!:$n"
      some "$n" "\${each#*:}" 6>&- & ;;
  esac
  # A shell knows the end of what it started only once.
  if [ -e limited ]; then wait $! || uncopied "$n"; else copies="$copies $!:$n"; fi
done
for each in $copies; do
  wait "\${each%%:*}" || uncopied "\${each#*:}"
done

${COMPARING}enter compare
copiesOnDisk 6>&- &
settling=$!
same=yes
for each in $changed; do
  n=\${each%%:*}
  IFS= read -r path <"path-$n"
  case $each in
    *:none) continue ;;
    *:all)
      whole digest
      cmp -s "there-$n" "here-$n" && continue
      # Lists are cut at 32 MB: they only tell what the digests have decided.
      whole list
      differ "$n" ;;
    *)
      (cd "$path" && FACTS_OF <"$here/list-$n"; cd "$path" && NAMES_IN <"$here/same-$n") | sort -z >"here-$n"
      accounted "$n" && cmp -s "there-$n" "here-$n" || differ "$n" ;;
  esac
done
[ "$same" = yes ] || { reason="the copies differ"; back; }
[ ! -s bring-said ] || { reason=$(cat bring-said); back; }
wait "$settling"
put compared || { reason="its journal could not be written"; back; }

enter start
wait "$unveiling"
[ -n "$veiled" ] || [ -s pid ] && [ ! -s bring-said ] || { reason=$(cat bring-said); back; }
read -r pid <pid
put starting || { reason="its journal could not be written"; back; }
must ask opening opening
exec 5<>"$gate"
echo >&5
rm -f "$gate"

enter ready
read -r up _ </proc/uptime
until=$((\${up%.*} + patience))
listens() { # on every port on which the source did; what was heard once is not asked for again
  [ -z "$heard" ] || return 0
  for each in $listening; do
    port=\${each#*:}
    case $each in tcp:*) ports=tcp state=0A ;; *) ports=udp state=07 ;; esac
    case $port in *'?') [ "$loops" -lt 200 ] || continue; port=\${port%'?'} ;; esac
    grep -qs ":$port .* $state " "/proc/$pid/net/$ports" "/proc/$pid/net/\${ports}6" || return 1
  done
  heard=yes
}
healthy() { [ ! -s health ] || xargs -0 -a health timeout 30 docker exec "$container" >/dev/null 2>health-said; }
[ -e same-program ] || listening=$(for each in $listening; do echo "\${each%'?'}?"; done)
heard=
settle=0
[ -n "$listening" ] || [ -s health ] || settle=40
loops=0
# Asking costs no process but the look itself: what stands still here is the client.
until [ "$loops" -ge "$settle" ] && listens && healthy; do
  loops=$((loops + 1))
  [ ! -e severed ] || { reason="the connection to the source was lost"; back; }
  [ -d "/proc/$pid" ] || { reason="its program ended at once"; back; }
  read -r up _ </proc/uptime
  [ "\${up%.*}" -le "$until" ] || { reason="it is not ready after $patience s"; back; }
  sleep 0.008
done
[ -d "/proc/$pid" ] || { reason="its program ended at once"; back; }

enter commit
unguard
must ask commit committed
unshut iptables || unshut iptables
up=$(milliseconds)
[ ! -e "/proc/$pid/net/if_inet6" ] || unshut ip6tables
# What cannot be set now is set by whoever looks next.
[ ! -s restart ] || docker update --restart="$(cat restart)" "$container" >/dev/null 2>restart-said
put home || put home
took
echo "down $((up - down))" >>figures
announce
repeat
unveil "$held"
for stats in stats-*; do [ ! -e "$stats" ] || cat "$stats" >>figures; done
exec 7>&-
finish committed
`;

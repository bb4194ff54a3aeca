import { FACTS } from "./facts-script";
import { VEIL } from "./veil-script";

/**
 * The cut, as one command on the target. It goes on to its end whatever becomes of its caller, and writes what came of it
 * to "result" beside it. $1 the folder with all that it needs, $2 the file to hold while it runs.
 *
 * Nothing can be acknowledged by the target before commit: its program waits behind the gate until the copies are
 * compared, and the door refuses clients until the source's journal says "committed".
 */
export const TARGET_SCRIPT = `
set -u
LC_ALL=C
export LC_ALL
here=$1
held=$2
cd "$here"
trap '' HUP INT TERM PIPE
# Whoever held it before takes it away at its end: what has no name any more keeps nobody out.
until
  exec 6>"$2"
  flock -n 6 || { printf 'kind back\nstep fence\nreason another cut of it still runs\n' >result; exit 0; }
  [ "$2" -ef /proc/self/fd/6 ]
do :; done
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

milliseconds() { date +%s%3N; }
mark=$(milliseconds)
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
  mkdir -p "$directory" && (umask 077; cp "$1" "$directory/.cut") && onDisk "$directory/.cut" &&
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
process() { # of the container, as soon as there is one
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

back() { # takes back what has been done; only when nothing runs here any more may the source go on
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

apart() { # $1 volume: files of several names are made anew, as rsync would write through all of them
  ssh -F config ferry-source "rest-$1" </dev/null | sort -z | comm -z -12 - "linked-$1" | (cd "$path" && xargs -0 -r rm -f)
}
listed() { # $1 volume: what rsync is to copy of it
  [ ! -s "linked-$1" ] || apart "$1" 2>>"copy-said-$1" || return 1
  xargs -0 -a "rsync-some-$1" sh -c 'exec "$@"' rsync >"stats-$1" 2>>"copy-said-$1"
}
entries() { # $1 volume: small files, and folders of which goes what the source has no more
  ssh -F config ferry-source "entries-$1" </dev/null 2>>"copy-said-$1" |
    python3 -ISB entries "$path" "missing-$1" "stats-$1-entries" 2>>"copy-said-$1"
}
some() { # $1 volume, $2 what changed in it: folders get their own facts when nothing is made in them any more
  IFS= read -r path <"path-$1"
  [ "$2" = small ] || rest "$1" || return 1
  [ "$2" = rest ] || entries "$1"
}
rest() { # $1 volume: large files by their blocks where there are sums of them, all else by rsync
  [ -s "summed-$1" ] || { listed "$1"; return; }
  rm -f "verdict-$1"
  mkfifo "verdict-$1" || return 1
  ssh -F config ferry-source "blocks-$1" </dev/null 2>>"copy-said-$1" |
    python3 -ISB blocks patch "$1" "$path" >"verdict-$1" 2>>"copy-said-$1" &
  patching=$!
  verdict=
  IFS= read -r verdict <"verdict-$1"
  # Only the sum of all streams may be as fast as the limit.
  [ ! -e limited ] || { wait "$patching" || return 1; patching=; }
  [ "$verdict" != rest ] || listed "$1" || return 1
  [ -z "$patching" ] || wait "$patching"
}
looked() { # $1 volume: what the source has, in order
  ssh -F config ferry-source "facts-$1" >"facts-$1" 2>>"copy-said-$1" || return 1
  grep -z '^D' "facts-$1" | sed -z 's|^D||' >"same-$1"
  grep -z '^L' "facts-$1" | sed -z 's|^L||' >"list-$1"
  grep -z '^[EN]' "facts-$1" | sort -z >"there-$1"
}
accounted() { # $1 volume: a name that the copy lacked is one of those whose facts are compared
  [ -s "missing-$1" ] || return 0
  sed -z 's|^\\(\\./\\)*||; s|/*$||' "list-$1" | sort -z >"accounted-$1"
  sort -z "missing-$1" | comm -z -23 - "accounted-$1" | sed -z 's|^|E\\t|' >"unaccounted-$1"
  [ ! -s "unaccounted-$1" ]
}
uncopied() { reason="copying failed: $(grep -v '^rsync error' "copy-said-$1" | tail -n 1)"; back; }
all() { xargs -0 -a "rsync-all-$1" sh -c 'exec "$@"' rsync >"stats-$1" 2>>"copy-said-$1"; }

enter "final delta"
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

whole() { # all of both sides' volume
  ssh -F config ferry-source "$1-$n" >"there-$n" 2>>"copy-said-$n" 6>&- & other=$!
  sh ./manifest "$path" $(cat looks) "$1" >"here-$n" 2>>"copy-said-$n"
  wait "$other" || { reason="listing the source failed: $(tail -n 1 "copy-said-$n")"; back; }
}
differ() { # $1 volume: they do, by what only one side's list says
  same=no
  {
    printf 'difference %s source ' "$1"
    { comm -z -23 "there-$1" "here-$1"; cat "unaccounted-$1" 2>/dev/null; } | SAID
    printf 'difference %s target ' "$1"
    comm -z -13 "there-$1" "here-$1" | SAID
  } >>differences
}
enter compare
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

import { WALL } from "../host-clock";
import { FACTS } from "./facts-script";

/**
 * The source's side of a cut. It is started by the move's one-off key, knows from the files beside
 * it which container and which folders it is about, and does what one word a line tells it; the
 * caller names nothing. $1 the move's folder,
 * $2 "cut" for the conversation, or what is to be listed or sent (facts, everything, digest, list,
 * rest, entries, large, sums, watch, blocks) and
 * $3 the volume's number; or "left": nothing of the replica runs on the target any more.
 *
 * If its caller goes away before the target's gate was opened, no other copy can have run: it takes
 * back by itself.
 */
export const SOURCE_SCRIPT = `#!/bin/sh
# Made by Ferry for the time of one move.
set -u
LC_ALL=C
export LC_ALL
here=$1
cut=$here/cut

attributes=$cut/attributes
${FACTS}
facts() { # $1 volume: what the other side needs to look at the same things, and what they look like here
  IFS= read -r path <"$here/$1" && cd "$path" || exit 1
  cat "$cut/list-$1" "$cut/same-$1" | sed -z 's|^|L|'
  cat "$cut/list-$1" "$cut/same-$1" | FACTS_OF
  [ ! -e "$here/entries" ] || return 0
  sed -z 's|^|D|' <"$cut/same-$1"
  NAMES_IN <"$cut/same-$1"
}

everything() { # $1 volume: facts of all, then "Y" and the path of what changed since the last round began
  IFS= read -r path <"$here/$1" && cd "$path" || exit 1
  read -r since _ <"$cut/next-$1" || exit 1
  find . -xdev \\( -type f -o -type d -o -type l -o -type p \\) -print0 | FACTS_OF
  find . -xdev -newerct "@$since" -printf 'Y%p\\0'
}

${WALL}offset() { # the clock's distance from the time since boot, which nobody sets
  read -r up _ </proc/uptime
  awk -v now="$(wall)" -v up="$up" 'BEGIN { printf "%.2f", now - up }'
}

# $1 how the lists' names begin, $2 since when, $3 how find is to go, $@ from where: young folders, small files, and the others,
# with the links among them once more.
YOUNG='
  lists=$1 since=$2 how=$3
  shift 3
  exec find "$@" $how -newerct "@$since" \\( \\( -type d -fprintf "$lists-young" "%D:%i/%p\\0" \\) \\
    -o \\( -type f -links 1 -size -1048577c -fprintf "$lists-small" "%p\\0" \\) \\
    -o \\( \\( -type f -o -type l -o -type p \\) -fprintf "$lists-rest" "%p\\0" -type l -fprintf "$lists-links" "%p\\0" \\) \\)'

# Most of the time of a cut of many files: folders that were there are looked into by all processors. Fails where one is gone.
known() { # $1 volume, $2 since when
  cpus=$(nproc 2>/dev/null) || cpus=1
  device=$(stat -c %d .) && sh -c "$YOUNG" young "$cut/part-$1-0" "$2" '-maxdepth 0' . || return 1
  folders=$(tr -cd '\\0' <"$cut/dirs-$1" | wc -c)
  grep -z "^$device:" "$cut/dirs-$1" | sed -z 's|^[0-9:]*/||' |
    xargs -0 -r -P "$cpus" -n $((folders / cpus / 4 + 1)) sh -c '
      script=$1 lists=$2 since=$3
      shift 3
      exec sh -c "$script" young "$lists-$$" "$since" "-mindepth 1 -maxdepth 1" "$@"' known "$YOUNG" "$cut/part-$1" "$2" 2>/dev/null
}

# No link has taken the place of a folder that was there: by its name that would have been looked into elsewhere, outside of
# the volume maybe. Such a link is young, and in a folder that was looked into.
straight() { # $1 volume
  cat "$cut/part-$1-"*-links >"$cut/links-$1" || return 1
  [ -s "$cut/links-$1" ] || return 0
  sed -z 's|^[0-9:]*/||' "$cut/dirs-$1" | cat - "$cut/links-$1" | sort -z -o "$cut/places-$1" &&
    [ "$(uniq -z -d <"$cut/places-$1" | wc -c)" -eq 0 ]
}

# What changed since the last round that was compared; fails when that is not known. All of it goes into list-N, folders that
# stayed into same-N, and into rest-N what rsync is to copy; small files of one name are not rsync's where a program sends them.
changes() { # $1 volume
  [ -s "$cut/base-$1" ] && read -r since began <"$cut/base-$1" || return 1
  awk -v a="$began" -v b="$(offset)" 'BEGIN { d = b - a; exit d > -0.4 && d < 0.4 ? 0 : 1 }' || return 1
  IFS= read -r path <"$here/$1" && cd "$path" || return 1
  rm -f "$cut/part-$1-"*
  known "$1" "$since" && straight "$1" || {
    rm -f "$cut/part-$1-"*
    sh -c "$YOUNG" young "$cut/part-$1-0" "$since" -xdev . || return 1
  }
  for each in young small rest; do cat "$cut/part-$1-"*"-$each" >"$cut/$each-$1" || return 1; done
  sort -z "$cut/young-$1" >"$cut/sorted-$1" &&
    comm -z -12 "$cut/sorted-$1" "$cut/dirs-$1" | sed -z 's|^[0-9:]*/||' >"$cut/same-$1" &&
    # A folder that is new, or was another one under this name: all that is in it.
    comm -z -23 "$cut/sorted-$1" "$cut/dirs-$1" | sed -z 's|^[0-9:]*/||' |
      xargs -0 -r sh -c 'find "$@" -xdev \\( -type d -printf "%p/\\0" \\) -o \\( \\( -type f -o -type l -o -type p \\) -printf "%p\\0" \\)' all >>"$cut/rest-$1" &&
    cat "$cut/small-$1" "$cut/rest-$1" >"$cut/list-$1" || return 1
  [ ! -e "$here/entries" ] || return 0
  # rsync learns from nobody which names a folder has: it looks into all that it has.
  sed -z 's|/*$|/|' "$cut/same-$1" >>"$cut/list-$1" && cp "$cut/list-$1" "$cut/rest-$1"
}

which_of() { # $1 volume: "small" is the program's, "rest" is rsync's, "some" is for both
  case $([ -e "$here/entries" ] && cat "$cut/small-$1" "$cut/same-$1" | head -c 1 | wc -c),$(head -c 1 "$cut/rest-$1" | wc -c) in
    1,1) echo some ;;
    1,0) echo small ;;
    *,1) echo rest ;;
    *) echo none ;;
  esac
}

entries() { # $1 volume: small files that changed, and folders, with the names in them
  read -r limit <"$cut/limit" && IFS= read -r path <"$here/$1" && cd "$path" &&
    exec python3 -ISB "$here/entries" "$cut/small-$1" "$cut/same-$1" "$limit"
}

listed() { # $1 volume, $2 "digest" or "list": the whole of it
  IFS= read -r path <"$here/$1" || exit 1
  exec sh "$here/manifest" "$path" $(cat "$cut/looks") "$2"
}

# Files that are worth sums of their blocks: large, of one name, written to within a day; the youngest first. In front of
# them, which sum to use. Names that rsync would take for patterns are left to rsync.
large() { # $1 volume
  IFS= read -r path <"$here/$1" && cd "$path" || exit 1
  {
    python3 -ISB "$here/blocks" quickest || exit 1
    find . -xdev -type f -links 1 -size +32767k -mmin -1440 ! -path '*[][*?\\\\]*' -printf '%T@ %P\\0' |
      sort -z -r -n | head -z -n 10000 | sed -z 's|^[^ ]* ||'
  } >"$cut/large-$1" && cat "$cut/large-$1"
}

sums() { # $1 volume: the other side's, of its copies of these files
  head -c 134217728 >"$cut/sums-$1" && exec python3 -ISB "$here/blocks" check "$cut" "$1"
}

# With the kernel's trace in reach, which not every host has mounted. "traced" stays until the trace has been removed.
TRACED='[ -d /sys/kernel/tracing/instances ] || mount -t tracefs tracefs /sys/kernel/tracing; exec "$@"'
watch() { # $1 volume: what is written to these files is noted from now on
  IFS= read -r path <"$here/$1" && cd "$path" && : >"$here/traced" || exit 1
  exec unshare -m sh -c "$TRACED" sh python3 -ISB "$here/blocks" watch "$cut" "$1"
}

blocks() { # $1 volume: what differs of these files
  read -r limit <"$cut/limit" && IFS= read -r path <"$here/$1" && cd "$path" || exit 1
  volume=$1
  set -- python3 -ISB "$here/blocks" send "$cut" "$volume" "$limit"
  [ ! -e "$cut/watched-$volume" ] || set -- unshare -m sh -c "$TRACED" sh "$@"
  exec "$@"
}

case $2 in
  facts | everything | entries | large | sums | watch | blocks) "$2" "$3"; exit ;;
  digest | list) listed "$3" "$2" ;;
  rest) sed -z 's|^\\(\\./\\)*|./|' "$cut/rest-$3"; exit ;;
  left) : >"$here/left"; exit ;;
esac

[ -r "$cut/container" ] || { echo "ferry: this key may not cut yet" >&2; exit 126; }
trap '' HUP INT TERM PIPE
read -r container <"$cut/container"
read -r timeout policy <"$cut/stop"
IFS= read -r directory <"$cut/directory"
IFS= read -r journal <"$cut/journal"
IFS= read -r held <"$cut/held"
# Held while a word is being done, and not while the next one is waited for: a caller without power never says it.
# Who may read a file may hold a lock on it: this one is root's alone.
mask=$(umask)
umask 077
exec 8>>"$held" || exit 1
umask "$mask"
born() { cut -d' ' -f22 "/proc/$1/stat" 2>/dev/null; }
# So that somebody else can end the conversation, and wait for what the target says to that.
echo "$$ $(born $$) $here" >"$held"
state=home
pid=

say() { printf '%s\\n' "$*"; }
onDisk() { sync "$@" 2>/dev/null || sync; }
put() {
  (umask 077; cp "$1" "$directory/.cut") && onDisk "$directory/.cut" &&
    mv -f "$directory/.cut" "$journal" && onDisk "$directory"
}
swap() { # $1 only when the journal is this (empty: there is none), $2 becomes it; 3 when it is not
  (umask 077; mkdir -p "$directory") || return 1
  (
    flock -w 20 9 || exit 1
    if [ -s "$1" ]; then cmp -s "$journal" "$1" || exit 3; else [ ! -e "$journal" ] || exit 3; fi
    put "$2" || exit 1
  ) 9<"$directory"
}
journaled() { # as swap, and says what is wrong
  swap "$1" "$2"
  case $? in
    0) return 0 ;;
    3) say "no revoked: its journal was changed by somebody else" ;;
    *) say "no its journal could not be written" ;;
  esac
  return 1
}
alive() { [ -d "/proc/$pid" ] && [ "$(born "$pid")" = "$birth" ]; }

ready() {
  set -- $(docker inspect -f '{{.State.Running}} {{.State.Pid}} {{.Config.StopSignal}}' "$container")
  [ "\${1-}" = true ] || { say "no its container does not run"; return; }
  pid=$2 signal=\${3-SIGTERM}
  birth=$(born "$pid")
  link=vethwepl$pid
  [ -e "/sys/class/net/$link" ] || { say "no its link to the network is not there"; return; }
  say "ready $(listening)"
}
listening() { # "tcp:18EB udp:0035": not on loopback, from the range that the kernel gives out marked with ?
  # Not by read: it asks for a byte at a time, and the kernel gives this file only from its beginning.
  low=$(cut -f 1 /proc/sys/net/ipv4/ip_local_port_range)
  for of in tcp tcp6 udp udp6; do
    awk -v of="\${of%6}" -v low="\${low:-32768}" '
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
  journaled "$cut/before" "$cut/fenced" || return
  state=fenced
  docker update --restart=no "$container" >/dev/null 2>"$cut/said" || { say "no $(CAUSE "$cut/said")"; return; }
  say fenced
}
stop() {
  journaled "$cut/fenced" "$cut/stopped" || return
  state=stopped
  alive && ip link set "$link" down || { say "no its link could not be taken down"; return; }
  say down
  kill -s "\${signal#SIG}" "$pid" 2>/dev/null || docker kill --signal "$signal" "$container" >/dev/null 2>&1
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
    n=\${base##*/}
    if [ ! -e "$cut/content" ] && changes "$n"; then
      said="$said $n:$(which_of "$n")"
    else said="$said $n:all"; fi
  done
  say "$said"
}
again() {
  case $state in
    home) return 0 ;;
    fenced) swap "$cut/fenced" "$cut/home" || swap "$cut/stopped" "$cut/home" ;;
    *) swap "$cut/stopped" "$cut/home" ;;
  esac || { echo "its journal was changed by somebody else" >"$cut/said"; return 1; }
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
  docker start "$container" >/dev/null 2>"$cut/said" && docker update --restart="$policy" "$container" >/dev/null 2>"$cut/said"
}

while IFS= read -r word; do
  flock 8
  case $state,$word in
    home,ready) ready ;;
    home,fence) if [ -n "$pid" ]; then fence; else say "no it was not ready"; fi ;;
    fenced,stop) stop ;;
    stopped,opening)
      # Whoever has taken it back meanwhile serves there.
      if cmp -s "$journal" "$cut/stopped"; then state=opened; say opening
      else say "no revoked: its journal was changed by somebody else"; fi ;;
    opened,commit) if journaled "$cut/stopped" "$cut/committed"; then state=committed; say committed; fi ;;
    *,again) if again; then say again; else say "no it did not start again: $(CAUSE "$cut/said")"; fi ;;
    *,bye) exit 0 ;;
    *) say "no '$word' is not to be done now" ;;
  esac
  flock -u 8
done
flock 8
case $state in
  fenced | stopped) again ;;
esac
# Whatever it has started may outlive it, and has the file open.
flock -u 8
`;

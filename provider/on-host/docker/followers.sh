#!/bin/sh
# Written by pulumi-ferry: containers that are in a namespace of another one's (network_mode:
# service:x). When Docker starts that one again by itself, theirs is gone, or was not there yet as
# Docker came up: they are started again. Goes from the host with the last of them.
PATH="$PATH:/usr/local/bin:/usr/local/sbin:/usr/sbin:/sbin"
export PATH
umask 077
base=/run
unit=pulumi-ferry-followers.service
program=/usr/local/lib/pulumi-ferry/followers
. ../lock/locks.sh

# A line for each of these containers, whose ids come by standard input: id, restart policy, process,
# replica, whose namespaces.
shown() {
  xargs -r docker inspect -f '{{.ID}} {{.HostConfig.RestartPolicy.Name}} {{.State.Pid}} {{index .Config.Labels "pulumi-ferry.replica"}} net={{.HostConfig.NetworkMode}} ipc={{.HostConfig.IpcMode}} pid={{.HostConfig.PidMode}}' 2>/dev/null
}

# Of such lines those of followers, where each namespace has the process of whose it is, which is 0 where
# that one does not run: "net=4711".
joined() {
  awk '
    { line[NR] = $0; process[$1] = $3 }
    END {
      for (n = 1; n <= NR; n++) {
        count = split(line[n], word, " "); all = ""
        for (i = 5; i <= count; i++) if (at = index(word[i], "=container:"))
          all = all " " substr(word[i], 1, at) process[substr(word[i], at + 11)] + 0
        if (all != "") print word[1], word[2], word[3], word[4] all
      }
    }'
}

followers() { docker ps -aq --no-trunc --filter label=pulumi-ferry.replica | shown | joined; }

# The line of one of them, as it is by now.
now() {
  modes=$(docker inspect -f '{{.HostConfig.NetworkMode}} {{.HostConfig.IpcMode}} {{.HostConfig.PidMode}}' "$1" 2>/dev/null)
  { echo "$1"; printf '%s\n' "$modes" | tr ' ' '\n' | sed -n 's/^container://p' | sort -u; } | shown | joined
}

# What is to be done with one, of which these are the words of its line: "restart", "start", or nothing.
due() {
  if [ $# -lt 5 ] || [ "$2" = no ]; then return; fi
  id=$1 mine=$3 said=
  shift 4
  for mode; do
    if [ "${mode#*=}" = 0 ]; then return; fi
    if [ "$mine" != 0 ] && [ "$(readlink "/proc/$mine/ns/${mode%%=*}")" != "$(readlink "/proc/${mode#*=}/ns/${mode%%=*}")" ]; then said=restart; fi
  done
  if [ "$mine" = 0 ] && [ -n "$(docker inspect -f '{{.State.Error}}' "$id" 2>/dev/null)" ]; then said=start; fi
  echo $said
}

sum() { printf %s "$1" | sha256sum | cut -c 1-12; }

# What a run calls its lock on replica $1, as core/move/journal.ts and adapters/lock/lock-name.ts have it.
lock_of() {
  name=$(printf %s "$1" | cut -d / -f 3- | tr / - | LC_ALL=C tr -c 'a-zA-Z0-9.\n-' _ | cut -c 1-100)-$(sum "$1")
  case $name in [!A-Za-z0-9_]*) plain= ;; *) plain=yes ;; esac
  if [ -z "$plain" ] || [ ${#name} -gt 100 ]; then
    name=$(printf %s "$name" | sed 's/^[.-]*//' | cut -c 1-80)-$(sum "$name")
  fi
  echo "$name"
}

# Sees to one while no run is at work on its replica, nor can begin. That one has it as it should be by
# then, or has fenced it: such a one stays as it is. $1 its id
see_to() {
  # shellcheck disable=SC2046 # a line's words
  case $(due $(now "$1")) in
    restart) docker stop "$1" ;;
    start) ;;
    *) return ;;
  esac
  case $(docker inspect -f '{{.HostConfig.RestartPolicy.Name}} {{.State.Running}}' "$1") in "no "* | *" true" | "") ;; *) docker start "$1" ;; esac
}

# One look at all of them, and what follows from it. False while one of them waits for a run.
follow() {
  all=$(followers) waits=
  while read -r line; do
    # shellcheck disable=SC2086 # a line's words
    set -- $line
    if [ -z "$(due "$@")" ]; then continue; fi
    lock=$(lock_of "$4")
    if take "$lock" "the host itself" "starting $4 again with the one whose namespaces it is in"; then
      see_to "$1"
      give "$lock"
    else
      waits=yes
    fi
  done >/dev/null <<END_OF_FOLLOWERS
$all
END_OF_FOLLOWERS
  [ -z "$waits" ]
}

# Whether a run is at work here: what it makes may be one of them.
busy() {
  for lock in "$locks"/*; do
    if look "$lock" && [ -n "$start" ] && [ "$(began "$pid")" = "$start" ]; then return; fi
  done
  return 1
}

# Takes this off the host, unless a run is at work here.
leave() (
  alone 1 || exit 1
  left=1
  if ! busy && [ -z "$(followers)" ]; then
    rm -f /etc/systemd/system/$unit /etc/systemd/system/multi-user.target.wants/$unit $program
    rmdir "${program%/*}" 2>/dev/null
    systemctl daemon-reload
    left=0
  fi
  tidy
  exit $left
)

trap give_all EXIT
trap 'exit 0' HUP INT TERM
docker events --filter type=container --filter event=start --filter event=destroy --format '{{.Action}}' | {
  until follow; do sleep 1; done
  # What has come meanwhile is one read, and one look: Docker may have started all that is here.
  while [ -n "$(dd bs=65536 count=1 2>/dev/null)" ]; do
    until follow; do sleep 1; done
    while [ -z "$all" ]; do
      if leave; then systemctl stop --no-block $unit; exit; fi
      sleep 1
      all=$(followers)
    done
  done
}

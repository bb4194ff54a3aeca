#!/bin/sh
# Written by pulumi-ferry: containers that are in a namespace of another one's (network_mode:
# service:x). When Docker starts that one again by itself, theirs is gone, or was not there yet as
# Docker came up: they are started again. Goes from the host with the last of them.
PATH="$PATH:/usr/local/bin:/usr/local/sbin:/usr/sbin:/sbin"
export PATH
home=/run/ferry
unit=pulumi-ferry-followers.service
program=/usr/local/lib/pulumi-ferry/followers
. ../lock/began.sh

# A line for each: id, restart policy, process, whose namespaces.
followers() {
  docker ps -aq --no-trunc --filter label=pulumi-ferry.replica | xargs -r docker inspect -f '{{.ID}} {{.HostConfig.RestartPolicy.Name}} {{.State.Pid}} net={{.HostConfig.NetworkMode}} ipc={{.HostConfig.IpcMode}} pid={{.HostConfig.PidMode}}' 2>/dev/null | grep '=container:'
}

# Whether all of these run, and the process $1 is in their namespaces, where there is one.
# Says "none", "same" or "other".
compare() {
  mine=$1 said=same
  shift
  for mode; do
    case $mode in *=container:*) ;; *) continue ;; esac
    theirs=$(docker inspect -f '{{.State.Pid}}' "${mode#*=container:}" 2>/dev/null)
    if [ "${theirs:-0}" = 0 ]; then echo none; return; fi
    kind=${mode%%=*}
    if [ "$mine" != 0 ] && [ "$(readlink "/proc/$mine/ns/$kind")" != "$(readlink "/proc/$theirs/ns/$kind")" ]; then said=other; fi
  done
  echo $said
}

# Whether a run of Ferry's is at work here; $1 the folder of its locks.
busy() {
  for lock in "$1"/*; do
    holder='' start=''
    { IFS= read -r holder; IFS= read -r start; } 2>/dev/null <"$lock"
    if [ -n "$start" ] && [ "$(began "$holder")" = "$start" ]; then return 0; fi
  done
  return 1
}

# Runs a command while no run of Ferry's is at work, nor can begin.
alone() (
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    # shellcheck disable=SC2174 # only /run is above it
    mkdir -p -m 700 $home && exec 9<$home && flock 9 || exit 1
    if [ $home -ef /proc/self/fd/9 ]; then break; fi
  done
  if busy $home/locks; then exit 75; fi
  "$@"
  rmdir $home 2>/dev/null
  exit 0
)

# One that somebody has fenced or stopped meanwhile stays as it is. $1 its id
start() {
  set -- "$1" "$(docker inspect -f '{{.HostConfig.RestartPolicy.Name}} {{.State.Running}}' "$1")"
  case $2 in "no "* | *" true" | "") ;; *) docker start "$1" ;; esac
}

follow() {
  followers | while read -r id policy pid modes; do
    if [ "$policy" = no ]; then continue; fi
    # shellcheck disable=SC2086 # one by one
    case $(compare "$pid" $modes) in
      none) continue ;;
      same)
        if [ "$pid" != 0 ] || [ -z "$(docker inspect -f '{{.State.Error}}' "$id")" ]; then continue; fi
        ;;
      other)
        while busy $home/locks; do sleep 1; done
        # A run may have made it again meanwhile.
        # shellcheck disable=SC2086
        if [ "$(compare "$(docker inspect -f '{{.State.Pid}}' "$id" 2>/dev/null)" $modes)" != other ]; then continue; fi
        docker stop "$id"
        ;;
    esac
    until alone start "$id" || [ $? != 75 ]; do sleep 1; done
  done >/dev/null
}

leave() {
  if [ -n "$(followers)" ]; then return; fi
  rm -f /etc/systemd/system/$unit /etc/systemd/system/multi-user.target.wants/$unit $program
  rmdir "${program%/*}" 2>/dev/null
  systemctl daemon-reload
}

trap 'exit 0' HUP INT TERM
follow
docker events --filter type=container --filter event=start --filter event=destroy --format '{{.Action}}' | while read -r action; do
  case $action in
    start) follow ;;
    destroy)
      while [ -z "$(followers)" ]; do
        if alone leave; then break; fi
        sleep 1
      done
      if [ ! -e $program ]; then systemctl stop --no-block $unit; fi
      ;;
  esac
done

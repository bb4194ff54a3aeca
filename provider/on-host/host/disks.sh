#!/bin/sh
# $1 Docker's data root, $2 "docker" or "containerd", $3 where containerd listens, or "". Prints of
# volumes and images each: the folder, its file system, how many KiB are free. A containerd that
# Docker starts for itself has its settings beside its socket; the machine's own has them in /etc,
# and in both the root stands before the first section.
#
# File systems without a device of their own (tmpfs, overlay) are told apart by their number.
LC_ALL=C
export LC_ALL
images=$1
if [ "$2" = containerd ]; then
  images=/var/lib/containerd socket=$3
  if [ -z "$socket" ]; then
    for socket in /run/containerd/containerd.sock /run/docker/containerd/containerd.sock; do
      [ ! -S "$socket" ] || break
    done
  fi
  settings=$(dirname "$socket")/containerd.toml
  if [ -e "$settings" ]; then images=$1/containerd/daemon; else settings=/etc/containerd/config.toml; fi
  said=$(sed -n '/^[[:space:]]*\[/q; s/^[[:space:]]*root[[:space:]]*=[[:space:]]*["'\'']\(.*\)["'\''].*/\1/p' "$settings" 2>/dev/null | tail -n 1)
  images=${said:-$images}
fi
for path in "$1/volumes" "$images"; do
  there=$path
  while [ ! -e "$there" ]; do there=$(dirname "$there"); done
  # The names of shares, datasets and mount points may hold spaces.
  said=$(df -P -k -- "$there" | tail -n 1 |
    sed -n 's/^\(.*[^ ]\) \{1,\}[0-9]\{1,\} \{1,\}-\{0,1\}[0-9]\{1,\} \{1,\}\(-\{0,1\}[0-9]\{1,\}\) \{1,\}[0-9-]\{1,\}%\{0,1\} \{1,\}\/.*/\2 \1/p')
  free=${said%% *} system=${said#* }
  # Into what is kept for root.
  case $free in -*) free=0 ;; esac
  case $system in /*) ;; *) system=$(stat -c %d -- "$there") ;; esac
  printf '%s\n' "$path" "$system" "$free"
done

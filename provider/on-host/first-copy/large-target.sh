#!/bin/sh
# Both targets' scripts: $1 the ssh_config, $2 the volume's number, $3 the folder on the target,
# which is empty, $4 the key's folder. Only a file that came whole gets its time; whatever else
# there is has the wrong one, and rsync looks into it. So they may end early at any point, and
# rsync tells what is wrong in its own words.
#
# Large files, each straight from the connection into its file. Says "all BYTES" first, "so-far
# BYTES" now and then and "copied BYTES" for each. Files with holes are left to rsync.
set -u
LC_ALL=C
export LC_ALL
umask 077
list=$4/large
ssh -F "$1" ferry-source "plain-$2" </dev/null >"$list" 2>/dev/null || exit 0
cd "$3" || exit 0
sed -z 's/^[^ ]* \([0-9]* [0-9]*\) .*/\1/' "$list" | tr '\0' '\n' |
  awk '$2 * 512 >= $1 { all += $1 } END { if (all) printf "all %.0f\n", all }'
(while sleep 1 >/dev/null 2>&1; do echo "so-far $(du -s -B1 . | cut -f 1)" || exit; done) 2>/dev/null &
ticker=$!
# shellcheck disable=SC2016 # for the shell inside
grep -a -z -n '' "$list" | xargs -0 -r sh -c '
  set -C
  config=$1 volume=$2 root=$PWD
  shift 2
  # Makes the folder of a file that is new, and goes there. The names come from the source, and this is root: none leads
  # out of the volume, by dots or through a link.
  enter() {
    cd "$root" || return 1
    rest=${1#./}
    while [ "$rest" != "${rest#*/}" ]; do
      part=${rest%%/*} rest=${rest#*/}
      case $part in "" | . | ..) return 1 ;; esac
      [ ! -L "./$part" ] || return 1
      [ -d "./$part" ] || mkdir "./$part" || return 1
      cd "./$part" || return 1
    done
    case $rest in "" | . | ..) return 1 ;; esac
    [ ! -e "./$rest" ] && [ ! -L "./$rest" ]
  }
  for record in "$@"; do
    number=${record%%:*} record=${record#* }
    size=${record%% *} record=${record#* }
    blocks=${record%% *} record=${record#* }
    time=${record%% *} file=${record#* }
    # Some shells run what is in a figure.
    case $size$blocks in *[!0-9]*) continue ;; esac
    [ $((blocks * 512)) -ge "$size" ] || continue
    enter "$file" || continue
    ssh -F "$config" ferry-source "bytes-$volume-$number" </dev/null >"./$rest" || exit 255
    [ "$(stat -c %s "./$rest")" = "$size" ] || continue
    touch -c -m -d "@$time" "./$rest" && echo "copied $size" || exit 255
  done' plain "$1" "$2" 2>/dev/null
kill "$ticker" 2>/dev/null
rm -f "$list"
exit 0

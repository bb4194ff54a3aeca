#!/bin/sh
# $1 the move's folder on the source, $@ the volumes' numbers. Notes when the round begins, and
# which folders there are, where the file system keeps the time of every change; the rest has to be
# looked through once more in the cutover. Then puts everything on disk: after it, a write through a
# memory map faults and moves the file's times, which a page that was dirty before would not do.
# Half a second is taken off, for the clock's own grain and small corrections.
set -eu
. ../host/wall.sh
LC_ALL=C
export LC_ALL
here=$1
shift
now=$(wall)
read -r up _ </proc/uptime
for n in "$@"; do
  IFS= read -r path <"$here/$n"
  rm -f "$here/cut/base-$n" "$here/cut/last-$n"
  # What changed since the last beginning is asked for once this one is noted.
  [ ! -e "$here/cut/next-$n" ] || { mv "$here/cut/dirs-$n" "$here/cut/was-$n" && mv "$here/cut/next-$n" "$here/cut/last-$n"; }
  case $(stat -f -c %T -- "$path") in
    ext2/ext3 | xfs | btrfs | f2fs)
      (cd "$path" && find . -xdev -type d -printf '%D:%i/%p\0') | sort -z >"$here/cut/dirs-$n"
      awk -v now="$now" -v up="$up" 'BEGIN { printf "%.3f %.2f\n", now - 0.5, now - up }' >"$here/cut/next-$n"
      ;;
  esac
  sync -f "$path" 2>/dev/null || sync
done
echo "${now%%.*}"

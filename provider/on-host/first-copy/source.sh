#!/bin/sh
# Made by Ferry for the time of one move.
#
# The source's side of a first copy, run by the move's key. $1 the move's folder, $2 a word, $3 the
# volume's number. Files of one name only; what it lists is named by its place in the list from
# then on.
#
# "plain" lists the large ones, in records "device:inode size blocks time name"; "bytes", $4 a
# place: sends as many bytes of that file as it had then. A program may put a link in the place of
# a file or a folder after the list was made. So what was opened must be the very inode of the
# list, which `find` saw without following anything.
#
# "few" lists the small ones and says how many there are; with $4 of $5, sends that share of the
# list.
set -u
LC_ALL=C
export LC_ALL
# Files from 32 MiB on go each by itself: below it, a session for each costs as much as it saves.
large_from=$((32 * 1024 - 1))
here=$1 word=$2/$# large=$1/cut/plain-$3 small=$1/cut/few-$3
IFS= read -r path <"$here/$3" && cd "$path" || exit 1
count() { tr -cd '\0' <"$small" | wc -c; }
case $word in
  plain/3)
    find . -xdev -type f -links 1 -size "+${large_from}k" -printf '%D:%i %s %b %T@ %p\0' >"$large" && exec cat "$large"
    ;;
  bytes/4)
    record=$(sed -z -n "$4{p;q}" "$large" | tr '\0' '/')
    # The slash keeps a newline at the end of a name.
    record=${record%/}
    inode=${record%% *} record=${record#* }
    size=${record%% *} record=${record#* }
    record=${record#* }
    file=${record#* }
    [ -f "$file" ] && [ ! -L "$file" ] && exec 3<"$file" || exit 1
    [ "$(stat -c %d:%i - <&3)" = "$inode" ] || exit 1
    exec dd bs=131072 count="$size" iflag=count_bytes,fullblock status=none <&3
    ;;
  few/3)
    find . -xdev -type f -links 1 ! -size "+${large_from}k" -print0 >"$small" && count && exit
    ;;
  few/5)
    files=$(count)
    sed -z -n "$((files * ($4 - 1) / $5 + 1)),$((files * $4 / $5))p" "$small" >"$small-$4" &&
      exec python3 -ISB "$here/entries" "$small-$4" /dev/null 0 moving
    ;;
esac
exit 1

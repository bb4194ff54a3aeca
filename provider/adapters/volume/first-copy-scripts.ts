/**
 * Files from here on go each by itself: below it, a session for each costs as much as it saves. In
 * MiB.
 */
const LARGE_MIB = 32;

/** Fewer than these are left to rsync: a stream costs as much as it saves. */
export const FILES_PER_STREAM = 2000;

/** More streams than these only wait for each other on the target's file system. */
const MOST_STREAMS = 4;

/**
 * The source's side of a first copy, run by the move's key. $1 the move's folder, $2 a word, $3 the
 * volume's number. Files of one name only; what it lists is named by its place in the list from
 * then on.
 *
 * "plain" lists the large ones, in records "device:inode size blocks time name"; "bytes", $4 a
 * place: sends as many bytes of that file as it had then. A program may put a link in the place of
 * a file or a folder after the list was made. So what was opened must be the very inode of the
 * list, which \`find\` saw without following anything.
 *
 * "few" lists the small ones and says how many there are; with $4 of $5, sends that share of the
 * list.
 */
export const FIRST_SOURCE = `#!/bin/sh
# Made by Ferry for the time of one move.
set -u
LC_ALL=C
export LC_ALL
here=$1 word=$2/$# large=$1/cut/plain-$3 small=$1/cut/few-$3
IFS= read -r path <"$here/$3" && cd "$path" || exit 1
count() { tr -cd '\\0' <"$small" | wc -c; }
case $word in
  plain/3)
    find . -xdev -type f -links 1 -size +${LARGE_MIB * 1024 - 1}k -printf '%D:%i %s %b %T@ %p\\0' >"$large" && exec cat "$large"
    ;;
  bytes/4)
    record=$(sed -z -n "$4{p;q}" "$large" | tr '\\0' '/')
    # The slash keeps a newline at the end of a name.
    record=\${record%/}
    inode=\${record%% *} record=\${record#* }
    size=\${record%% *} record=\${record#* }
    record=\${record#* }
    file=\${record#* }
    [ -f "$file" ] && [ ! -L "$file" ] && exec 3<"$file" || exit 1
    [ "$(stat -c %d:%i - <&3)" = "$inode" ] || exit 1
    exec dd bs=131072 count="$size" iflag=count_bytes,fullblock status=none <&3
    ;;
  few/3)
    find . -xdev -type f -links 1 ! -size +${LARGE_MIB * 1024 - 1}k -print0 >"$small" && count && exit
    ;;
  few/5)
    files=$(count)
    sed -z -n "$((files * ($4 - 1) / $5 + 1)),$((files * $4 / $5))p" "$small" >"$small-$4" &&
      exec python3 -ISB "$here/entries" "$small-$4" /dev/null 0 moving
    ;;
esac
exit 1
`;

/**
 * Both targets' scripts: $1 the ssh_config, $2 the volume's number, $3 the folder on the target,
 * which is empty, $4 the key's folder. Only a file that came whole gets its time; whatever else
 * there is has the wrong one, and rsync looks into it. So they may end early at any point, and
 * rsync tells what is wrong in its own words.
 *
 * Large files, each straight from the connection into its file. Says "all BYTES" first, "so-far
 * BYTES" now and then and "copied BYTES" for each. Files with holes are left to rsync.
 */
export const LARGE_TARGET = `
set -u
LC_ALL=C
export LC_ALL
umask 077
list=$4/large
ssh -F "$1" ferry-source "plain-$2" </dev/null >"$list" 2>/dev/null || exit 0
cd "$3" || exit 0
sed -z 's/^[^ ]* \\([0-9]* [0-9]*\\) .*/\\1/' "$list" | tr '\\0' '\\n' |
  awk '$2 * 512 >= $1 { all += $1 } END { if (all) printf "all %.0f\\n", all }'
(while sleep 1 >/dev/null 2>&1; do echo "so-far $(du -s -B1 . | cut -f 1)" || exit; done) 2>/dev/null &
ticker=$!
grep -a -z -n '' "$list" | xargs -0 -r sh -c '
  set -C
  config=$1 volume=$2 root=$PWD
  shift 2
  # Makes the folder of a file that is new, and goes there. The names come from the source, and this is root: none leads
  # out of the volume, by dots or through a link.
  enter() {
    cd "$root" || return 1
    rest=\${1#./}
    while [ "$rest" != "\${rest#*/}" ]; do
      part=\${rest%%/*} rest=\${rest#*/}
      case $part in "" | . | ..) return 1 ;; esac
      [ ! -L "./$part" ] || return 1
      [ -d "./$part" ] || mkdir "./$part" || return 1
      cd "./$part" || return 1
    done
    case $rest in "" | . | ..) return 1 ;; esac
    [ ! -e "./$rest" ] && [ ! -L "./$rest" ]
  }
  for record in "$@"; do
    number=\${record%%:*} record=\${record#* }
    size=\${record%% *} record=\${record#* }
    blocks=\${record%% *} record=\${record#* }
    time=\${record%% *} file=\${record#* }
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
`;

/**
 * Small files, in as many streams as there are processors. Says "all FILES" first; each stream now
 * and then "STREAM BYTES FILES".
 */
export const SMALL_TARGET = `
set -u
umask 077
count=$(ssh -F "$1" ferry-source "few-$2" </dev/null 2>/dev/null) || exit 0
# Some shells run what is in a figure.
case $count in '' | *[!0-9]*) exit 0 ;; esac
streams=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1)
[ "$streams" -le ${MOST_STREAMS} ] || streams=${MOST_STREAMS}
[ "$streams" -le $((count / ${FILES_PER_STREAM})) ] || streams=$((count / ${FILES_PER_STREAM}))
[ "$streams" -eq 0 ] || echo "all $count"
stream=0
while [ "$stream" -lt "$streams" ]; do
  stream=$((stream + 1))
  ssh -F "$1" ferry-source "few-$2-$stream-$streams" </dev/null 2>/dev/null |
    python3 -ISB "$4/entries" "$3" /dev/null "$4/few-stats-$stream" "$stream" 2>/dev/null &
done
wait
exit 0
`;

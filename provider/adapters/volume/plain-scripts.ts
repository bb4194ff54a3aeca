/** Smaller files are left to rsync: below this, a session for each costs as much as it saves. In MiB. */
const LEAST_MIB = 32;

/**
 * The source's side of plain copying, run by the move's key. $1 the move's folder, $2 the volume's number, $3 nothing: lists
 * what is large and has one name, in records "device:inode size blocks time name"; or $3 the place of a record in that
 * list: sends as many bytes of that file as it had then.
 *
 * A program may put a link in the place of a file or a folder after the list was made. So what was opened must be the very
 * inode of the list, which \`find\` saw without following anything.
 */
export const PLAIN_SOURCE = `#!/bin/sh
# Made by Ferry for the time of one move.
set -u
LC_ALL=C
export LC_ALL
list=$1/cut/plain-$2
IFS= read -r path <"$1/$2" && cd "$path" || exit 1
if [ -z "\${3-}" ]; then
  find . -xdev -type f -links 1 -size +${LEAST_MIB * 1024 - 1}k -printf '%D:%i %s %b %T@ %p\\0' >"$list" && exec cat "$list"
  exit 1
fi
record=$(sed -z -n "$3{p;q}" "$list" | tr '\\0' '/')
# The slash keeps a newline at the end of a name.
record=\${record%/}
inode=\${record%% *} record=\${record#* }
size=\${record%% *} record=\${record#* }
record=\${record#* }
file=\${record#* }
[ -f "$file" ] && [ ! -L "$file" ] && exec 3<"$file" || exit 1
[ "$(stat -c %d:%i - <&3)" = "$inode" ] || exit 1
exec dd bs=131072 count="$size" iflag=count_bytes,fullblock status=none <&3
`;

/**
 * $1 the ssh_config, $2 the volume's number, $3 the folder on the target, which is empty, $4 where to keep the list: large
 * files, each straight from the connection into its file. Says "so-far BYTES" now and then and "copied BYTES" for each.
 * Only a file that came whole gets its time; whatever else there is has the wrong one, and rsync looks into it. So this
 * may end early at any point, and rsync tells what is wrong in its own words. Files with holes are left to it.
 */
export const PLAIN_TARGET = `
set -u
LC_ALL=C
export LC_ALL
umask 077
ssh -F "$1" ferry-source "plain-$2" </dev/null >"$4" 2>/dev/null || exit 0
cd "$3" || exit 0
(while sleep 5 >/dev/null 2>&1; do echo "so-far $(du -s -B1 . | cut -f 1)" || exit; done) 2>/dev/null &
ticker=$!
grep -a -z -n '' "$4" | xargs -0 -r sh -c '
  set -C
  config=$1 volume=$2
  shift 2
  for record in "$@"; do
    number=\${record%%:*} record=\${record#* }
    size=\${record%% *} record=\${record#* }
    blocks=\${record%% *} record=\${record#* }
    time=\${record%% *} file=\${record#* }
    [ $((blocks * 512)) -ge "$size" ] || continue
    mkdir -p "\${file%/*}" || exit 255
    ssh -F "$config" ferry-source "bytes-$volume-$number" </dev/null >"$file" || exit 255
    [ "$(stat -c %s "$file")" = "$size" ] || continue
    touch -c -m -d "@$time" "$file" && echo "copied $size" || exit 255
  done' plain "$1" "$2" 2>/dev/null
kill "$ticker" 2>/dev/null
rm -f "$4"
exit 0
`;

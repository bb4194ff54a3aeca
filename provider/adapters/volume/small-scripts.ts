/** Fewer than these are left to rsync: a stream costs as much as it saves. */
export const FILES_PER_STREAM = 2000;

/** More streams than these only wait for each other on the target's file system. */
const MOST_STREAMS = 4;

/**
 * The source's side of the first copy of many small files, run by the move's key. $1 the move's folder, $2 the volume's number,
 * $3 nothing: lists files of one name that are no large ones, and says how many there are; or $3 of $4: sends that share of
 * the list.
 */
export const SMALL_SOURCE = `#!/bin/sh
# Made by Ferry for the time of one move.
set -u
LC_ALL=C
export LC_ALL
list=$1/cut/few-$2
IFS= read -r path <"$1/$2" && cd "$path" || exit 1
if [ -z "\${3-}" ]; then
  find . -xdev -type f -links 1 ! -size +32767k -print0 >"$list" && tr -cd '\\0' <"$list" | wc -c
  exit
fi
count=$(tr -cd '\\0' <"$list" | wc -c)
sed -z -n "$((count * ($3 - 1) / $4 + 1)),$((count * $3 / $4))p" "$list" >"$list-$3" || exit 1
exec python3 -ISB "$1/entries" "$list-$3" /dev/null 0 moving
`;

/**
 * $1 the ssh_config, $2 the volume's number, $3 the folder on the target, which is empty, $4 the key's folder: small files, in as many
 * streams as there are processors. Each says now and then "STREAM BYTES FILES". A file gets its time once it is whole, and
 * rsync goes over all of it next: so this may end early at any point, and rsync tells what is wrong in its own words.
 */
export const SMALL_TARGET = `
set -u
umask 077
count=$(ssh -F "$1" ferry-source "few-$2" </dev/null 2>/dev/null) || exit 0
streams=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1)
[ "$streams" -le ${MOST_STREAMS} ] || streams=${MOST_STREAMS}
[ "$streams" -le $((count / ${FILES_PER_STREAM})) ] || streams=$((count / ${FILES_PER_STREAM}))
stream=0
while [ "$stream" -lt "$streams" ]; do
  stream=$((stream + 1))
  ssh -F "$1" ferry-source "few-$2-$stream-$streams" </dev/null 2>/dev/null |
    python3 -ISB "$4/entries" "$3" "$4/few-missing-$stream" "$4/few-stats-$stream" "$stream" 2>/dev/null &
done
wait
exit 0
`;

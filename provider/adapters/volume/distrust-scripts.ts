import { WALL } from "../host-clock";

/**
 * Constant scripts for what rsync would take for unchanged between rounds, as it has the size and
 * the time that it had: a file whose time was put back, one whose folder was exchanged with
 * another, one that was written in the very tick in which it was read.
 */

/**
 * A time that no source has: 1 is what Nix gives to all its files, and whole seconds are what
 * archives give.
 */
const NO_TIME = "@77.135797531";

/** What the source says where its file system does not keep the time of every change. */
const UNKNOWN = 3;

/**
 * The source's side, run by the move's key. $1 the move's folder, $3 the volume's number, $4 since
 * which beginning of a round: 1 the last one, 2 the one before. Lists the files that changed since
 * then, and all in folders that have another place, while anything may still change: what vanishes
 * is nobody's, and what changes now is younger than the next look's beginning.
 */
export const YOUNG_SOURCE = `#!/bin/sh
# Made by Ferry for the time of one move.
set -u
LC_ALL=C
export LC_ALL
cut=$1/cut
case $4 in
  1) began=$cut/next-$3 folders=$cut/dirs-$3 ;;
  2) began=$cut/last-$3 folders=$cut/was-$3 ;;
  *) exit 1 ;;
esac
IFS= read -r path <"$1/$3" && cd "$path" || exit 1
[ -s "$began" ] && read -r since offset <"$began" || exit ${UNKNOWN}
${WALL}read -r up _ </proc/uptime
# After the clock was set, everything may be young.
awk -v now="$(wall)" -v up="$up" -v was="$offset" \\
  'BEGIN { d = now - up - was; exit d > -0.4 && d < 0.4 ? 0 : 1 }' || since=0
find . -xdev \\( -type d -fprintf "$cut/now-$3" '%D:%i/%p\\0' \\) -o -type f -newerct "@$since" -print0 2>/dev/null
sort -z "$cut/now-$3" | comm -z -23 - "$folders" | sed -z 's|^[0-9:]*/||' |
  xargs -0 -r sh -c 'find "$@" -maxdepth 1 -type f -print0' all 2>/dev/null
exit 0
`;

/**
 * The target's side. $1 the ssh_config, $2 the volume's number, $3 its folder, $4 the key's folder,
 * $5 as the source's $4, $6 seconds since 1970, for a file system that only tells by the files' own
 * times. What rsync is to look into again gets a time that no source has; what has several names
 * goes, as rsync would write through all of them. The names that the source gives only choose among
 * those that are here: nothing is reached through a link.
 */
export const DISTRUST = `
set -eu
LC_ALL=C
export LC_ALL
young=$4/young-$2
cd "$3"
code=0
ssh -F "$1" ferry-source "young-$2-$5" </dev/null >"$young" || code=$?
case $code in
  0) ;;
  ${UNKNOWN}) find . -xdev -type f -newermt "@$6" -print0 >"$young" ;;
  *) exit "$code" ;;
esac
sort -z -u -o "$young" "$young"
find . -xdev -type f \\( -links 1 -fprint0 "$young-one" -o -fprint0 "$young-several" \\)
chosen() { sort -z "$1" | comm -z -12 - "$young"; }
chosen "$young-one" | xargs -0 -r touch -h -c -d ${NO_TIME}
chosen "$young-several" | xargs -0 -r rm -f
rm -f "$young" "$young-one" "$young-several"
`;

/**
 * $1 the copy's folder, before the first round. Says "found" where it is not empty. Files of
 * several names go, as the source may have taken them apart since, and rsync would write through
 * all of them.
 */
export const FOUND = `
set -eu
[ -n "$(find "$1" -mindepth 1 -print -quit)" ] || exit 0
find "$1" -xdev -type f -links +1 -exec rm -f {} +
echo found
`;

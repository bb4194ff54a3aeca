#!/bin/sh
# Made by Ferry for the time of one move: lets a one-off key read the volumes listed here through rsync, nothing else.
#
# What the key may do on the source, and all of it: read the folders listed beside this script, by
# number, through rsync, by the first copy's program or by the move's agent, and a few MB of noise
# that tell how fast the link is. The client never names a path. Options are let through one by
# one: `s` would let it name paths after all, and `L` would follow links out of the volume.
set -f
here=${0%/*}
refuse() {
  echo "ferry: this key may only read a volume that is being moved" >&2
  exit 126
}
root=
[ "$(id -u)" = 0 ] || root='sudo -n'
case ${SSH_ORIGINAL_COMMAND-} in
  '' | -* | *- | *[!a-z0-9-]*) ;;
  *)
    # A word and its numbers, the volume's first, with dashes between them.
    IFS=-
    # shellcheck disable=SC2086 # its words
    set -- $SSH_ORIGINAL_COMMAND
    unset IFS
    word=$1
    shift
    for number in "$@"; do
      case $number in
        '' | *[!0-9]* | 0?*) refuse ;;
      esac
    done
    [ "${2-1}" -ge 1 ] && [ "${3-1}" -ge 1 ] || refuse
    program=agent
    case $word/$# in
      probe/0) exit 0 ;;
      rate/0) exec head -c 16777216 /dev/urandom ;;
      plain/1 | bytes/2 | few/1 | few/3) program=first ;;
      young/2) program=young ;;
      cut/0 | left/0) ;;
      facts/1 | everything/1 | digest/1 | list/1 | rest/1 | entries/1 | large/1 | sums/1 | watch/1 | blocks/1) ;;
      *) refuse ;;
    esac
    [ -e "$here/$program" ] && [ -e "$here/${1-serve}" ] || refuse
    exec $root sh "$here/$program" "$here" "$word" "$@"
    ;;
esac
# shellcheck disable=SC2086 # its words
set -- ${SSH_ORIGINAL_COMMAND-}
[ $# -ge 5 ] && [ "$1 $2 $3" = "rsync --server --sender" ] || refuse
shift 3
options='' changed=''
while [ $# -gt 2 ]; do
  case $1 in
    --files-from)
      [ "$2" = changed ] || refuse
      changed=yes
      shift 2
      continue
      ;;
    --from0) ;;
    --numeric-ids | --inplace | --specials | --no-devices | --stats) ;;
    --compress-choice=zstd | --compress-level=[0-9]*) ;;
    --checksum-choice=[a-z0-9]* | --timeout=[0-9]* | --bwlimit=[0-9]* | --block-size=[0-9]* | -B[0-9]*) ;;
    --*) refuse ;;
    -*)
      case ${1%%e.*} in
        -*[!vlogDtprAXHSWczIR]*) refuse ;;
      esac
      ;;
    *) refuse ;;
  esac
  case $1 in
    *[!a-zA-Z0-9.=-]*) refuse ;;
  esac
  options="$options $1"
  shift
done
[ "$1" = . ] || refuse
number=${2#volume-}
number=${number%/}
case $number in
  '' | *[!0-9]*) refuse ;;
esac
[ "$2" = "volume-$number/" ] || refuse
IFS= read -r path <"$here/$number" || refuse
# shellcheck disable=SC2086 # several words each, and none that a pattern could be
exec $root rsync --server --sender ${changed:+--files-from="$here/cut/rest-$number"} $options . "$path/"

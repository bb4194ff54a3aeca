/**
 * Constant scripts that make and take away a move's key; whatever differs comes in as arguments.
 * Named things of a move carry its token, "<replica>-<random>", so that what a broken move left
 * behind is found and cleared by the replica's part of it.
 */

/** Where a source keeps what a move's key may run. Readable by the user that the key belongs to. */
export const SERVE_ROOT = "/var/lib/ferry/moves";

/**
 * $1 replica's part of the token: ends connections that moves of this replica have kept, and
 * removes their keys.
 */
export const DROP_KEYS = `
for dir in "/run/ferry-move-$1-"*; do
  [ -d "$dir" ] || continue
  [ ! -e "$dir/config" ] || ssh -F "$dir/config" -O exit ferry-source >/dev/null 2>&1
  rm -rf "$dir"
done
`;

/**
 * $1 the file that a cut holds while it runs, which a killed one has left. The source holds it once
 * more, for a moment, when it hears of its end; one that is held for longer stays.
 */
export const DROP_HELD = `
[ ! -e "$1" ] || flock -w 10 "$1" rm -f "$1"
exit 0
`;

/**
 * A trace of the kernel's that a move has begun on this host, and would go on for ever. $@ of it:
 * the moves' folders.
 */
export const UNTRACE = `
untrace() {
  for move; do
    [ -e "$move/traced" ] || continue
    unshare -m sh -c '
      [ -d /sys/kernel/tracing/instances ] || mount -t tracefs tracefs /sys/kernel/tracing
      rmdir "/sys/kernel/tracing/instances/ferry-$1"' sh "\${move##*/}" 2>/dev/null || true
    rm -f "$move/traced"
  done
}
`;

/** $1 token: the key's folder, for root only, on a file system that forgets. */
export const MAKE_KEY = `
set -eu
umask 077
dir="/run/ferry-move-$1"
mkdir "$dir"
ssh-keygen -q -t ed25519 -N '' -C "ferry-move-$1" -f "$dir/key"
cat "$dir/key.pub"
`;

/**
 * $1 replica's part of the token: clears what earlier moves of this replica left, and what is older
 * than a week: the first copy of another replica may take days.
 */
export const MAKE_SERVE_ROOT = `
${UNTRACE}
set -eu
umask 022
mkdir -p "${SERVE_ROOT}"
chmod 755 /var/lib/ferry "${SERVE_ROOT}"
find "${SERVE_ROOT}" -mindepth 1 -maxdepth 1 \\( -name "$1-*" -o -mmin +10080 \\) | while IFS= read -r left; do
  untrace "$left"
  rm -rf "$left"
done
mkdir "${SERVE_ROOT}/$2"
mkdir -m 700 "${SERVE_ROOT}/$2/cut"
for type in ed25519 ecdsa rsa; do cat "/etc/ssh/ssh_host_\${type}_key.pub" 2>/dev/null || true; done
`;

/** $1 the beginning of tokens. Folders that others use as well go only when they are empty. */
export const DROP_SERVE_ROOT = `
${UNTRACE}
untrace "${SERVE_ROOT}/$1"*
rm -rf "${SERVE_ROOT}/$1"*
rmdir "${SERVE_ROOT}" /var/lib/ferry 2>/dev/null
exit 0
`;

/**
 * What the key may do on the source, and all of it: read the folders listed beside this script, by
 * number, through rsync, by the first copy's program or by the move's agent, and a few MB of noise
 * that tell how fast the link is. The client never names a path. Options are let through one by
 * one: \`s\` would let it name paths after all, and \`L\` would follow links out of the volume.
 */
export const SERVE = `#!/bin/sh
# Made by Ferry for the time of one move: lets a one-off key read the volumes listed here through rsync, nothing else.
set -f
here=\${0%/*}
refuse() {
  echo "ferry: this key may only read a volume that is being moved" >&2
  exit 126
}
root=
[ "$(id -u)" = 0 ] || root='sudo -n'
case \${SSH_ORIGINAL_COMMAND-} in
  '' | -* | *- | *[!a-z0-9-]*) ;;
  *)
    # A word and its numbers, the volume's first, with dashes between them.
    IFS=-
    set -- $SSH_ORIGINAL_COMMAND
    unset IFS
    word=$1
    shift
    for number in "$@"; do
      case $number in
        '' | *[!0-9]* | 0?*) refuse ;;
      esac
    done
    [ "\${2-1}" -ge 1 ] && [ "\${3-1}" -ge 1 ] || refuse
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
    [ -e "$here/$program" ] && [ -e "$here/\${1-serve}" ] || refuse
    exec $root sh "$here/$program" "$here" "$word" "$@"
    ;;
esac
set -- \${SSH_ORIGINAL_COMMAND-}
[ $# -ge 5 ] && [ "$1 $2 $3" = "rsync --server --sender" ] || refuse
shift 3
options= changed=
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
      case \${1%%e.*} in
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
number=\${2#volume-}
number=\${number%/}
case $number in
  '' | *[!0-9]*) refuse ;;
esac
[ "$2" = "volume-$number/" ] || refuse
IFS= read -r path <"$here/$number" || refuse
exec $root rsync --server --sender \${changed:+--files-from="$here/cut/rest-$number"} $options . "$path/"
`;

/**
 * $1 the beginning of tokens, $2 a line to add (or nothing). As the login user: takes the lines of
 * those tokens out of authorized_keys, and those of moves whose folder is gone, under a lock and by
 * renaming a whole new file. A line is ours when it is what we write, from its first word to its
 * last; all others stay as they are, byte for byte, so ours goes before them.
 */
export const REWRITE_KEYS = `
set -eu
umask 077
LC_ALL=C
export LC_ALL
[ -n "$2" ] || grep -q " ferry-move-$1" "$HOME/.ssh/authorized_keys" 2>/dev/null || exit 0
[ -d "$HOME/.ssh" ] || mkdir "$HOME/.ssh"
exec 9<"$HOME/.ssh"
flock -w 30 9 || { echo "somebody else holds it" >&2; exit 1; }
file=$(readlink -f "$HOME/.ssh/authorized_keys")
[ -e "$file" ] || : >"$file"
new="$file.ferry"
trap 'rm -f "$new"' EXIT
cp -p "$file" "$new"
: >"$new"
ours() { # $1 a line: of a move, whose token it gives
  token=\${1##* ferry-move-}
  case $token in '' | *[!0-9a-f-]*) return 1 ;; esac
  begin="restrict,command=\\"/bin/sh ${SERVE_ROOT}/$token/serve\\" ssh-ed25519 "
  case $1 in "$begin"*) ;; *) return 1 ;; esac
  key=\${1#"$begin"}
  case \${key%" ferry-move-$token"} in *[!A-Za-z0-9+/=]*) return 1 ;; esac
}
[ -z "$2" ] || printf '%s\\n' "$2" >>"$new"
while end='\\n'; IFS= read -r entry || { end=; [ -n "$entry" ]; }; do
  if ours "$entry"; then
    case $token in "$1"*) continue ;; esac
    [ -e "${SERVE_ROOT}/$token/serve" ] || continue
  fi
  printf "%s$end" "$entry" >>"$new"
done <"$file"
# On disk before it takes the old one's place: a power cut must not lock the user out.
sync "$new" 2>/dev/null || sync
if [ -s "$new" ]; then mv -f "$new" "$file"; else rm -f "$new" "$file"; fi
`;

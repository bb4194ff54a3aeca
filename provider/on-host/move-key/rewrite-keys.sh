#!/bin/sh
# $1 the beginning of tokens, $2 a line to add (or nothing). As the login user: takes the lines of
# those tokens out of authorized_keys, and those of moves whose folder is gone, under a lock and by
# renaming a whole new file. A line is ours when it is what we write, from its first word to its
# last; all others stay as they are, byte for byte, so ours goes before them.
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
  token=${1##* ferry-move-}
  case $token in '' | *[!0-9a-f-]*) return 1 ;; esac
  begin="restrict,command=\"/bin/sh /var/lib/ferry/moves/$token/serve\" ssh-ed25519 "
  case $1 in "$begin"*) ;; *) return 1 ;; esac
  key=${1#"$begin"}
  case ${key%" ferry-move-$token"} in *[!A-Za-z0-9+/=]*) return 1 ;; esac
}
[ -z "$2" ] || printf '%s\n' "$2" >>"$new"
while end='\n'; IFS= read -r entry || { end=; [ -n "$entry" ]; }; do
  if ours "$entry"; then
    case $token in "$1"*) continue ;; esac
    [ -e "/var/lib/ferry/moves/$token/serve" ] || continue
  fi
  printf "%s$end" "$entry" >>"$new"
done <"$file"
# On disk before it takes the old one's place: a power cut must not lock the user out.
sync "$new" 2>/dev/null || sync
if [ -s "$new" ]; then mv -f "$new" "$file"; else rm -f "$new" "$file"; fi

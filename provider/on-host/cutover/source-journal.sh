# Part of the source's side: its journal, which "$journal" is in "$directory".
say() { printf '%s\n' "$*"; }
onDisk() { sync "$@" 2>/dev/null || sync; }
put() {
  (umask 077; cp "$1" "$directory/.cut") && onDisk "$directory/.cut" &&
    mv -f "$directory/.cut" "$journal" && onDisk "$directory"
}
swap() { # $1 only when the journal is this (empty: there is none), $2 becomes it; 3 when it is not
  (umask 077; mkdir -p "$directory") || return 1
  (
    flock -w 20 9 || exit 1
    if [ -s "$1" ]; then cmp -s "$journal" "$1" || exit 3; else [ ! -e "$journal" ] || exit 3; fi
    put "$2" || exit 1
  ) 9<"$directory"
}
journaled() { # as swap, and says what is wrong
  swap "$1" "$2"
  case $? in
    0) return 0 ;;
    3) say "no revoked: its journal was changed by somebody else" ;;
    *) say "no its journal could not be written" ;;
  esac
  return 1
}

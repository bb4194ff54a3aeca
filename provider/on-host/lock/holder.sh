#!/bin/sh
# Holds any number of locks on this host for as long as its standard input is open. $1 is the folder
# that the locks' own folder is in, $2 how many seconds of silence it bears.
#
# It begins with a line "at PLACE": the same text for all who look at this folder of this machine,
# by whatever name they came. Standard input has a request a line, tab-separated: "acquire ID NAME
# OWNER REASON", "release ID NAME" and "beat ID". Each is answered by one line: "ok ID", or "held
# ID SINCE OWNER REASON" with who has it.
#
# A lock is a file with the holder's process id and the time at which that process began: whoever
# finds one whose process is no more takes it over. All changes are made under flock on a folder
# that only root may open: anybody may hold one on a file that he may read. The folder goes with
# the last lock, so whoever has waited for it looks whether it is still there.
#
# Ferry's versions before lock the folder above, which anybody may open. So it is waited for as
# well, but for a second only: they hold it for some milliseconds, and can do nothing themselves
# while somebody else holds it.
base=$1 silence=$2
home=$base/ferry
locks=$home/locks
command -v flock >/dev/null || { echo "flock is not installed there (it is part of util-linux)" >&2; exit 127; }
umask 077
tab=$(printf '\t')
. ./began.sh

# Reads a lock's file: pid, start, since, owner, reason.
look() {
  pid='' start='' since='' owner='' reason=''
  { IFS= read -r pid; IFS= read -r start; IFS= read -r since; IFS= read -r owner; IFS= read -r reason; } 2>/dev/null <"$1"
}

mine() { look "$1" && [ "$pid" = "$$" ] && [ "$start" = "$self" ]; }

# From here to the end of the subshell nobody else changes locks. $1 how long to wait for a version before.
alone() {
  command exec 8<"$base" || return 1
  flock -w "$1" 8
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    { mkdir -p "$locks" && command exec 9<"$home"; } || continue
    flock -w 10 9 || return 1
    [ "$home" -ef /proc/self/fd/9 ] || continue
    [ -O "$home" ] && mkdir -p "$locks" && chmod 700 "$home"
    return
  done 2>/dev/null
  return 1
}

acquire() (
  alone 1 || { echo "its folder $home cannot be locked, or is not root's" >&2; exit 1; }
  file=$locks/$2
  if look "$file" && [ -n "$start" ] && [ "$(began "$pid")" = "$start" ]; then
    printf 'held\t%s\t%s\t%s\t%s\n' "$1" "$since" "$owner" "$reason"
    exit 0
  fi
  printf '%s\n' "$$" "$self" "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$3" "$4" >"$home/.lock-$$" &&
    mv -f "$home/.lock-$$" "$file" || exit 1
  printf 'ok\t%s\n' "$1"
)

tidy() { if flock -n 8; then rmdir "$locks" "$home" 2>/dev/null; fi; }

release() (
  alone 0
  if mine "$locks/$2"; then rm -f "$locks/$2"; fi
  tidy
  printf 'ok\t%s\n' "$1"
)

leave() (
  alone 0
  for file in "$locks"/*; do
    if [ -e "$file" ] && mine "$file"; then rm -f "$file"; fi
  done
  rm -f "$home/.lock-$$"
  tidy
)

self=$(began "$$") && place=$(stat -c %d:%i "$base") && boot=$(cat /proc/sys/kernel/random/boot_id) || exit 1
printf 'at\t%s\n' "$boot $place"
trap leave EXIT
trap 'exit 143' HUP INT TERM PIPE
# shellcheck disable=SC2016 # for the shell inside
while line=$(timeout "$silence" sh -c 'IFS= read -r line && printf %s "$line"'); do
  IFS=$tab read -r verb id name owner reason <<END_OF_REQUEST
$line
END_OF_REQUEST
  case $verb in
    acquire) acquire "$id" "$name" "$owner" "$reason" || exit 1 ;;
    release) release "$id" "$name" ;;
    beat) printf 'ok\t%s\n' "$id" ;;
  esac
done

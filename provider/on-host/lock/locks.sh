# Locks on this host, of runs and of what hosts do by themselves. $base is the folder that the locks' own
# folder is in.
#
# A lock is a file with the holder's process id and the time at which that process began: whoever
# finds one whose process is no more takes it over. All changes are made under flock on a folder
# that only root may open: anybody may hold one on a file that he may read. The folder goes with
# the last lock, so whoever has waited for it looks whether it is still there.
#
# Ferry's versions before lock the folder above, which anybody may open. So it is waited for as
# well, but for a second only: they hold it for some milliseconds, and can do nothing themselves
# while somebody else holds it.
home=$base/ferry
locks=$home/locks

# When a process began, in ticks since the boot: with its id, which another one may have later, it says
# which process it is. False where there is none.
began() {
  IFS= read -r stat 2>/dev/null <"/proc/$1/stat" || return 1
  # shellcheck disable=SC2086 # its fields, one by one
  set -- ${stat##*) }
  shift 19
  echo "$1"
}
self=$(began "$$") || exit 1

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

# Takes lock $1 for owner $2 and reason $3, or fails with 75 and says who has it: since, owner, reason.
take() (
  alone 1 || { echo "its folder $home cannot be locked, or is not root's" >&2; exit 1; }
  file=$locks/$1
  if look "$file" && [ -n "$start" ] && [ "$(began "$pid")" = "$start" ]; then
    printf '%s\t%s\t%s\n' "$since" "$owner" "$reason"
    exit 75
  fi
  printf '%s\n' "$$" "$self" "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$2" "$3" >"$home/.lock-$$" &&
    mv -f "$home/.lock-$$" "$file" || exit 1
)

tidy() { if flock -n 8; then rmdir "$locks" "$home" 2>/dev/null; fi; }

give() (
  alone 0
  if mine "$locks/$1"; then rm -f "$locks/$1"; fi
  tidy
)

give_all() (
  alone 0
  for file in "$locks"/*; do
    if [ -e "$file" ] && mine "$file"; then rm -f "$file"; fi
  done
  rm -f "$home/.lock-$$"
  tidy
)

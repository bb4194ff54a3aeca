# When a process began, in ticks since the boot: with its id, which another one may have later, it says
# which process it is. False where there is none.
began() {
  IFS= read -r stat 2>/dev/null <"/proc/$1/stat" || return 1
  # shellcheck disable=SC2086 # its fields, one by one
  set -- ${stat##*) }
  shift 19
  echo "$1"
}

# What tasks have in common. $here is the folder of a task's settings, its results lie beside that.
setting() { cat "$here/$1" 2>/dev/null; }
# Says why, and notes it where a refresh finds it.
fail() { # $1 why
  echo "$1" >&2
  [ "$action" != run ] || printf '%s %s\n' "$(date +%s)" "$1" >"$here/../failure"
  exit 1
}
succeeded() { # $1 with what
  printf '%s %s\n' "$(date +%s)" "$1" >"$here/../last.new"
  sync "$here/../last.new"
  mv "$here/../last.new" "$here/../last"
  rm -f "$here/../failure"
}
# The volume's folder on this host, where its data lives: a copy that a move has left here, or one on
# a host that was lost and replaced, has no container of Ferry's. By its name there may be one by now
# whose data is elsewhere: on a server, or where its driver alone knows.
living() {
  name=$(setting volume)
  [ -n "$(docker ps -aq --filter "volume=$name" --filter label=pulumi-ferry.replica)" ] ||
    fail "no container of Ferry's mounts Docker volume '$name' on this host"
  found=$(docker volume inspect -f '{{.Driver}} {{len .Options}} {{.Mountpoint}}' "$name") ||
    fail "Docker volume '$name' is not there"
  case $found in
    'local 0 '*) printf '%s\n' "${found#local 0 }" ;;
    *) fail "Docker volume '$name' keeps its data elsewhere than in Docker's own folder on this host" ;;
  esac
}
# One run of the task at a time, and of all volumes' on this host one after the other. One that takes
# for ever, as its repository hangs, holds up the others for an hour each.
alone() {
  exec 9>"$here/../lock" 8<"$here/../../.."
  flock -n 9 || exit 0
  flock -w 3600 8 || :
}

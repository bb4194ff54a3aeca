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
# a host that was lost and replaced, has no container of Ferry's.
living() {
  name=$(setting volume)
  [ -n "$(docker ps -aq --filter "volume=$name" --filter label=pulumi-ferry.replica)" ] ||
    fail "no container of Ferry's mounts Docker volume '$name' on this host"
  docker volume inspect -f '{{.Mountpoint}}' "$name" || fail "Docker volume '$name' is not there"
}
# One run at a time.
alone() {
  exec 9>"$here/../lock"
  flock -n 9 || exit 0
}

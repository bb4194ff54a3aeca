# Whether something is there. What keeps from telling (a bad disk, no right to look) is no "no".
there() {
  said=$(LC_ALL=C ls -d -- "$1" 2>&1 >/dev/null) && return 0
  case $said in *"No such file or directory"*) return 1 ;; esac
  printf '%s\n' "$said" >&2
  exit 1
}

# Part: $1 a folder: what was written to its file system is on disk, or this fails and says why. A
# program of old that can only write out everything has to do.
treeOnDisk() {
  [ -d "$1" ] || { sync; return; }
  said=$(cd "$1" && LC_ALL=C sync -f . 2>&1) && return 0
  case $said in *option*) sync; return ;; esac
  printf '%s\n' "'$1' is not on disk: $said" >&2
  return 1
}

# Part of the source's side: its words about large files, of which only blocks are compared and sent.
# Works with "$here" and "$lists_of".
# Files that are worth sums of their blocks: large, of one name, written to within a day; the youngest first. In front of
# them, which sum to use. Names that rsync would take for patterns are left to rsync.
large() { # $1 volume
  IFS= read -r path <"$here/$1" && cd "$path" || exit 1
  {
    python3 -ISB "$here/blocks" quickest || exit 1
    find . -xdev -type f -links 1 -size +32767k -mmin -1440 ! -path '*[][*?\\]*' -printf '%T@ %P\0' |
      sort -z -r -n | head -z -n 10000 | sed -z 's|^[^ ]* ||'
  } >"$lists_of/large-$1" && cat "$lists_of/large-$1"
}

sums() { # $1 volume: the other side's, of its copies of these files
  head -c 134217728 >"$lists_of/sums-$1" && exec python3 -ISB "$here/blocks" check "$lists_of" "$1"
}

# With the kernel's trace in reach, which not every host has mounted. "traced" stays until the trace has been removed.
TRACED='[ -d /sys/kernel/tracing/instances ] || mount -t tracefs tracefs /sys/kernel/tracing; exec "$@"'
watch() { # $1 volume: what is written to these files is noted from now on
  IFS= read -r path <"$here/$1" && cd "$path" && : >"$here/traced" || exit 1
  exec unshare -m sh -c "$TRACED" sh python3 -ISB "$here/blocks" watch "$lists_of" "$1"
}

blocks() { # $1 volume: what differs of these files
  read -r limit <"$lists_of/limit" && IFS= read -r path <"$here/$1" && cd "$path" || exit 1
  volume=$1
  set -- python3 -ISB "$here/blocks" send "$lists_of" "$volume" "$limit"
  [ ! -e "$lists_of/watched-$volume" ] || set -- unshare -m sh -c "$TRACED" sh "$@"
  exec "$@"
}

# Copies of a volume's folder, as its snapshots are.
names() { # $1 a volume's snapshots: the oldest first
  find "$1" -mindepth 1 -maxdepth 1 -type d -name '[0-9]*T*Z' -printf '%f\n' 2>/dev/null | LC_ALL=C sort
}
newest() { names "$1" | tail -n 1; }
# $1 a folder, $2 an empty one that becomes it, $3 the snapshot beside $2 that it may share files
# with. Where the file system can, both share their blocks until one is written to.
copy_to() {
  : >"$2/probe"
  if cp --reflink=always "$2/probe" "$2/shared" 2>/dev/null; then
    rm -f "$2/probe" "$2/shared"
    cp -a --reflink=always "$1/." "$2/" && return 0
  fi
  by_rsync --delete ${3:+"--link-dest=../$3"} "$1/" "$2/" || return 1
  [ -z "$3" ] || written_meanwhile "$1" "$2/../$3" >"$2.list" || return 1
  if [ -s "$2.list" ]; then by_rsync --ignore-times --ignore-missing-args --from0 --files-from="$2.list" "$1/" "$2/" || return 1; fi
  rm -f "$2.list"
}
by_rsync() {
  rsync -aHAX --numeric-ids "$@"
  # A file that went meanwhile is no part of it.
  case $? in 0 | 24) ;; *) return 1 ;; esac
}
# Files that may have been written once more in the very second in which snapshot $2 has copied them:
# their sizes and times are no proof that it has them. Its name says when it began, the change of its
# own folder's name when it ended.
written_meanwhile() { # $1 the folder
  began=$(printf %s "${2##*/}" | sed 's/^\(....\)\(..\)\(..\)T\(..\)\(..\)\(..\)Z$/\1-\2-\3 \4:\5:\6 UTC/')
  ended=$(stat -c %Z "$2") || return 1
  find "$1" -type f -newermt "$began 2 seconds ago" ! -newermt "@$((ended + 2))" -printf '%P\0'
}

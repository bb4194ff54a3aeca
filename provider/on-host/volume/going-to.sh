#!/bin/sh
# $1 the folder of a volume that is put aside, $2 the name of where that goes, $3 the same if that is
# free. Prints the one that it goes to: what was noted beside the folder by a run that was interrupted in
# the middle, else $3, noted. The note goes with the volume, so that another one of its name never
# goes on with it; one of another $2 is of a time before.
set -eu
note=${1%/*}/ferry-aside
there=$(cat "$note" 2>/dev/null || :)
case $there in
  "$2" | "$2"-*) ;;
  *)
    there=$3
    printf '%s\n' "$there" >"$note.new"
    sync "$note.new"
    mv -f "$note.new" "$note"
    ;;
esac
printf '%s\n' "$there"

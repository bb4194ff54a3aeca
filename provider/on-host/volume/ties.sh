#!/bin/sh
# $1 a folder: "mounted NAME" where another file system is in it, or else "linked COUNT NAME" where
# files in it have further names that are not. Of files only those count that a second look finds
# too: a program may give one another name just as it is looked at.
set -u
LC_ALL=C
export LC_ALL
cd "$1" || exit 1
device=$(stat -c %d .)
ties() {
  find . -mindepth 1 -xdev \( -type d -printf 'd %D %P\0' \) -o \( -type f -links +1 -printf 'f%i %n %P\0' \) 2>/dev/null |
    grep -a -z -v "^d $device " | tr '\n\0' '?\n' | sort | awk '
      function counted() { if (seen < of) print inode, name }
      $1 == "d" { sub(/^d [0-9]* /, ""); print "mounted", $0; exit }
      $1 != inode { counted(); inode = $1; seen = 0 }
      { seen++; of = $2; name = substr($0, length($1 $2) + 3) }
      END { counted() }'
}
first=$(ties | sed '/^f/s/ .*//')
case $first in
  '') exit 0 ;;
  mounted*) printf '%s\n' "$first"; exit 0 ;;
esac
{ printf '%s\n' "$first" =; ties; } | awk '
  $0 == "=" { again = 1; next }
  ! again { was[$1]; next }
  $1 in was && ! count++ { name = substr($0, length($1) + 2) }
  END { if (count) print "linked", count, name }'

#!/bin/sh
# Lists a folder: one entry per file, "<facts>\t<path>", ended by NUL, sorted. $1 the folder, $2
# "fine" or "whole" (seconds), $3 "attributes" to look at extended attributes and ACLs, $4
# "content" to hash every file, $5 "digest" or "list". Devices are left out, as they are not
# copied, and sockets, as nobody listens to a copy of one; so are sizes of folders, which differ by
# file system.
set -eu
LC_ALL=C
export LC_ALL
cd "$1"
time=$2 attributes=$3 content=$4 as=$5
files() {
  find . -xdev \( -type f -printf 'file mode %m owner %U:%G size %s links %n time %T@\t%P\0' \) \
    -o \( -type d -printf 'folder mode %m owner %U:%G time %T@\t%P\0' \) \
    -o \( -type l -printf "link to '%l' owner %U:%G\t%P\0" \) \
    -o \( -type p -printf 'pipe mode %m owner %U:%G\t%P\0' \) |
    if [ "$time" = whole ]; then sed -z 's/\( time [0-9]*\)\.[0-9]*\t/\1\t/'; else cat; fi
}
attributes() {
  find . -xdev \( -type f -o -type d \) -print0 | sort -z |
    xargs -0 -r getfattr -h -d -e hex -m '^(user\.|trusted\.|security\.capability|system\.posix_acl)' -- 2>/dev/null |
    awk '/^# file: / { file = substr($0, 9); next } NF { printf "attribute %s\t%s%c", $0, file, 0 }'
}
content() {
  find . -xdev -type f -print0 | xargs -0 -r sha256sum -z -- | sed -z 's|^\([0-9a-f]*\)  \./|content \1\t|'
}
all() {
  files
  [ "$attributes" != attributes ] || attributes
  [ "$content" != content ] || content
}
if [ "$as" = digest ]; then all | sort -z | sha256sum; else all | sort -z | head -c 33554432; fi

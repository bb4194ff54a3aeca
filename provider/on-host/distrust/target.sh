#!/bin/sh
# The target's side. $1 the ssh_config, $2 the volume's number, $3 its folder, $4 the key's folder,
# $5 as the source's $4, $6 seconds since 1970, for a file system that only tells by the files' own
# times. What rsync is to look into again gets a time that no source has; what has several names
# goes, as rsync would write through all of them. The names that the source gives only choose among
# those that are here: nothing is reached through a link.
set -eu
LC_ALL=C
export LC_ALL
# A time that no source has: 1 is what Nix gives to all its files, and whole seconds are what archives give.
no_time=@77.135797531
changed=$4/young-$2
cd "$3"
code=0
ssh -F "$1" ferry-source "young-$2-$5" </dev/null >"$changed" || code=$?
case $code in
  0) ;;
  3) find . -xdev -type f -newermt "@$6" -print0 >"$changed" ;;
  *) exit "$code" ;;
esac
sort -z -u -o "$changed" "$changed"
find . -xdev -type f \( -links 1 -fprint0 "$changed-one" -o -fprint0 "$changed-several" \)
chosen() { sort -z "$1" | comm -z -12 - "$changed"; }
chosen "$changed-one" | xargs -0 -r touch -h -c -d "$no_time"
chosen "$changed-several" | xargs -0 -r rm -f
rm -f "$changed" "$changed-one" "$changed-several"

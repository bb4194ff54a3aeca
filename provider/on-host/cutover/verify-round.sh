#!/bin/sh
# On the target: compares one volume with the source, which runs. $1 the folder, $2 the volume's
# number. Says "<" and the entries that only the source has, ">" and those that only the target
# has, and "Y" and what changed since the round began. Notes which files have several names here.
set -u
LC_ALL=C
export LC_ALL
cd "$1" || exit
here=$1
n=$2
attributes=$here/attributes
IFS= read -r path <"path-$n"
. ./facts.sh
ssh -F config ferry-source "everything-$n" >"all-$n" || exit 1
grep -z '^E' "all-$n" | sort -z >"there-$n"
(cd "$path" && find . -xdev \( -type f -o -type d -o -type l -o -type p \) -print0 | FACTS_OF) | sort -z >"here-$n"
(cd "$path" && find . -xdev -type f -links +1 -print0) | sort -z >"linked-$n"
{
  comm -z -23 "there-$n" "here-$n" | sed -z 's|^E|<|'
  comm -z -13 "there-$n" "here-$n" | sed -z 's|^E|>|'
  grep -z '^Y' "all-$n"
} | head -c 16777216
rm -f "all-$n" "there-$n" "here-$n"

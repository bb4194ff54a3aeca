#!/bin/sh
# On the target: $1 the key's folder, $2 seconds for each volume, $@ the volumes' numbers. A volume
# without "summed-N" is rsync's alone; whatever is missing or fails here is no more than that.
umask 077
cd "$1" || exit 0
seconds=$2
shift 2
for n in "$@"; do
  rm -f "summed-$n" "sums-$n"
  IFS= read -r path <"path-$n" &&
    ssh -F config ferry-source "large-$n" </dev/null >"./large-$n" &&
    python3 -ISB blocks sum "$n" "$path" "$seconds" && [ -s "summed-$n.new" ] &&
    ssh -F config ferry-source "sums-$n" <"./sums-$n" &&
    mv "summed-$n.new" "summed-$n" &&
    ssh -F config ferry-source "watch-$n" </dev/null
  rm -f "sums-$n"
done >/dev/null 2>&1
exit 0

#!/bin/sh
# Fetches the images $1... that are not there, within the caller's deadline, and prints which those
# were. Each is noted before it is fetched, so that one whose fetching was interrupted is removed again
# too.
. ./path.sh
for image; do
  if docker image inspect "$image" >/dev/null 2>&1; then continue; fi
  mkdir -p /var/lib/ferry/weave || exit 1
  grep -qxF "$image" /var/lib/ferry/weave/fetched-images 2>/dev/null || echo "$image" >>/var/lib/ferry/weave/fetched-images || exit 1
  docker pull -q "$image" >&2 || exit 1
  echo "$image"
done

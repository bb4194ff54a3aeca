#!/bin/sh
# Starts the cutover in a session of its own, so that it outlives its caller, waits for it, and says
# what came of it. If it ended without a word, as when somebody killed it, its container must not
# be left waiting at its start barrier; but one that may have been committed already is not touched, as
# clients may be served by it. $1 the folder, $2 the file that is held while it runs.
. ./arp-mute.sh
setsid sh "$1/script" "$1" "$2" >/dev/null 2>"$1/errors" &
# Its own exit code tells whether it came to its end: another run may have taken its result away since.
if ! wait $! && [ ! -e "$1/result" ]; then
  # A start that it began goes on without it.
  flock -w 60 "$2" true
  step=$(cat "$1/step" 2>/dev/null)
  [ "$step" = commit ] || docker kill "$(cat "$1/container")" >/dev/null 2>&1
  rm -f "$(cat "$1/gate")"
  unmute "$2"
  flock -n "$2" rm -f "$2"
  why=$(tail -n 1 "$1/errors")
  echo "kind stuck"
  echo "step $step"
  echo "reason its script was ended from outside${why:+: $why}"
  exit 0
fi
cat "$1/result"

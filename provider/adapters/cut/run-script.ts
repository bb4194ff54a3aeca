import { VEIL } from "./veil-script";

/**
 * Starts the cut in a session of its own, so that it outlives its caller, waits for it, and says
 * what came of it. If it ended without a word, as when somebody killed it, its container must not
 * be left waiting at its gate; but one that may have been committed already is not touched, as
 * clients may be served by it. $1 the folder, $2 the file that is held while it runs.
 */
export const RUN_CUT = `
${VEIL}
setsid sh "$1/script" "$1" "$2" >/dev/null 2>"$1/errors" &
# Its own exit code tells whether it came to its end: another run may have taken its result away since.
if ! wait $! && [ ! -e "$1/result" ]; then
  # A start that it began goes on without it.
  flock -w 60 "$2" true
  step=$(cat "$1/step" 2>/dev/null)
  [ "$step" = commit ] || docker kill "$(cat "$1/container")" >/dev/null 2>&1
  rm -f "$(cat "$1/gate")"
  unveil "$2"
  flock -n "$2" rm -f "$2"
  why=$(tail -n 1 "$1/errors")
  echo "kind stuck"
  echo "step $step"
  echo "reason its script was ended from outside\${why:+: $why}"
  exit 0
fi
cat "$1/result"
`;

/**
 * On the source, when the target is out of reach: ends the conversation of a cut, so that nothing
 * of it goes on over there, and waits for the target's word that nothing runs there any more;
 * without it, for as long as the target needs to notice. What is being done is done to its end. $1
 * the file that is held meanwhile, $2 seconds for that, $3 seconds for the target. Says "ended"
 * when there was one.
 */
export const END_CUT = `
talks() { [ "$(cut -d' ' -f22 "/proc/$pid/stat" 2>/dev/null)" = "$birth" ]; }
[ -e "$1" ] && read -r pid birth here <"$1" && talks || exit 0
exec 9<"$1"
flock -w "$2" 9 || { echo "its word to the source is still being done" >&2; exit 1; }
echo ended
# It may have come to its own end meanwhile.
! talks || kill -KILL "$pid"
flock -u 9
read -r up _ </proc/uptime
until=$((\${up%.*} + $3))
until [ -e "$here/left" ] || [ "\${up%.*}" -gt "$until" ]; do
  sleep 0.1
  read -r up _ </proc/uptime
done
exit 0
`;

/**
 * On the source: whoever has the key cuts no more. What is being done is done to its end. $1 the
 * key's folder, $2 the file that is held meanwhile, $3 seconds.
 */
export const DISARM = `
if [ ! -e "$2" ] || ! flock -w "$3" "$2" rm -rf "$1/cut" "$2"; then rm -rf "$1/cut"; fi
`;

/**
 * $1 the file that a cut holds while it runs: on the target all along, on the source while it does
 * something.
 */
export const CUT_STATUS = `
${VEIL}
[ -e "$1" ] || { echo none; exit 0; }
# Opened for reading: flock itself would make one that was taken away just now, and nobody would take that away.
(exec 9<"$1" && ! flock -n 9) 2>/dev/null && { echo running; exit 0; }
unveil "$1"
echo none
`;

/** What a cut needs of the target, tried out where nobody is disturbed; says what is missing. */
export const CAN_CUT_HERE = `
for program in docker nsenter unshare iptables mkfifo flock setsid xargs comm timeout; do
  command -v "$program" >/dev/null 2>&1 || { echo "it has no '$program'"; exit 1; }
done
printf 'a\\0' | grep -qz a && printf 'a\\0' | sed -z 's|a|b|' >/dev/null && printf 'a\\0' | sort -z >/dev/null ||
  { echo "its grep, sed or sort do not know -z"; exit 1; }
unshare -n sh -c '
  iptables -w 5 -N FERRY-DOOR &&
  iptables -w 5 -A FERRY-DOOR -p tcp -m conntrack --ctstate NEW,INVALID -j REJECT --reject-with tcp-reset &&
  iptables -w 5 -A FERRY-DOOR -m conntrack --ctstate NEW,INVALID -j DROP' >/dev/null 2>&1 ||
  { echo "its iptables cannot refuse new connections"; exit 1; }
`;

/** The same of the source. */
export const CAN_CUT_THERE = `
for program in docker flock comm awk ip xargs; do
  command -v "$program" >/dev/null 2>&1 || { echo "it has no '$program'"; exit 1; }
done
`;

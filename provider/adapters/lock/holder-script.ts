/** Without a sign of life from its client for so long, a holder ends, and its locks with it. */
export const SILENCE_SECONDS = 60;

/**
 * Holds any number of locks on a host for as long as its standard input is open. Constant text; $1 is the folder that the
 * locks' own folder is in, $2 how many seconds of silence it bears.
 *
 * Standard input has a request a line, tab-separated: "acquire ID NAME OWNER REASON", "release ID NAME" and "beat ID". Each
 * is answered by one line: "ok ID", or "held ID SINCE OWNER REASON" with who has it.
 *
 * A lock is a file with the holder's process id and the time at which that process began: whoever finds one whose process
 * is no more takes it over. All changes are made under flock on the folder that never goes away, so that the locks' own
 * folder can go with the last of them.
 */
export const HOLDER = `
base=$1 silence=$2
locks=$base/ferry/locks
command -v flock >/dev/null || { echo "flock is not installed there (it is part of util-linux)" >&2; exit 127; }
umask 077
tab=$(printf '\\t')

began() {
  IFS= read -r stat 2>/dev/null <"/proc/$1/stat" || return 1
  set -- \${stat##*) }
  shift 19
  echo "$1"
}

# Reads a lock's file: pid, start, since, owner, reason.
look() {
  pid= start= since= owner= reason=
  { IFS= read -r pid; IFS= read -r start; IFS= read -r since; IFS= read -r owner; IFS= read -r reason; } 2>/dev/null <"$1"
}

mine() { look "$1" && [ "$pid" = "$$" ] && [ "$start" = "$self" ]; }

acquire() (
  exec 9<"$base" && flock -w 10 9 || { echo "flock on $base failed" >&2; exit 1; }
  mkdir -p "$locks" || exit 1
  file=$locks/$2
  if look "$file" && [ -n "$start" ] && [ "$(began "$pid")" = "$start" ]; then
    printf 'held\\t%s\\t%s\\t%s\\t%s\\n' "$1" "$since" "$owner" "$reason"
    exit 0
  fi
  printf '%s\\n' "$$" "$self" "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$3" "$4" >"$base/ferry/.lock-$$" &&
    mv -f "$base/ferry/.lock-$$" "$file" || exit 1
  printf 'ok\\t%s\\n' "$1"
)

tidy() { rmdir "$locks" "$base/ferry" 2>/dev/null; }

release() (
  exec 9<"$base" && flock -w 10 9
  if mine "$locks/$2"; then rm -f "$locks/$2"; fi
  tidy
  printf 'ok\\t%s\\n' "$1"
)

leave() (
  exec 9<"$base" && flock -w 10 9
  for file in "$locks"/*; do
    if [ -e "$file" ] && mine "$file"; then rm -f "$file"; fi
  done
  rm -f "$base/ferry/.lock-$$"
  tidy
)

self=$(began "$$") || exit 1
trap leave EXIT
trap 'exit 143' HUP INT TERM PIPE
while line=$(timeout "$silence" sh -c 'IFS= read -r line && printf %s "$line"'); do
  IFS=$tab read -r verb id name owner reason <<END_OF_REQUEST
$line
END_OF_REQUEST
  case $verb in
    acquire) acquire "$id" "$name" "$owner" "$reason" || exit 1 ;;
    release) release "$id" "$name" ;;
    beat) printf 'ok\\t%s\\n' "$id" ;;
  esac
done
`;

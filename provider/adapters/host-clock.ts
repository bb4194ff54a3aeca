/**
 * Shell text: `milliseconds` prints how long the host has run, in steps of ten. Nothing sets that
 * clock, and every Linux has it, while `date` has no way that all hosts know: busybox's knows no
 * %N, and uutils' makes nine digits of %3N.
 */
export const MILLISECONDS = `milliseconds() {
  read -r up _ </proc/uptime
  echo "$((\${up%.*} * 1000 + 1\${up#*.}0 - 1000))"
}
`;
/** By how much a time between two of its answers may be too short. */
export const TICK_MS = 10;

/**
 * Shell text: `wall` prints the seconds since 1970, with their fraction where the host's `date`
 * tells it. One that does not, as busybox's, gives whole seconds: a moment a little too early.
 */
export const WALL = `wall() {
  now=$(date +%s%N)
  case $now in
    *[!0-9]*) date +%s ;;
    ???????????????????) echo "\${now%?????????}.\${now#??????????}" ;;
    *) date +%s ;;
  esac
}
`;

# Part: `milliseconds` prints how long the host has run, in steps of ten. Nothing sets that
# clock, and every Linux has it, while `date` has no way that all hosts know: busybox's knows no
# %N, and uutils' makes nine digits of %3N.
milliseconds() {
  read -r up _ </proc/uptime
  echo "$((${up%.*} * 1000 + 1${up#*.}0 - 1000))"
}

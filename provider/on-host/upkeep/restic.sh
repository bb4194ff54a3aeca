# A repository as settings in the folder $1 have it. Its password is on no command line.
use_repository() {
  command -v restic >/dev/null ||
    fail "it has no restic; install it there (Debian, Fedora, Alpine: the package restic)"
  RESTIC_REPOSITORY=$(cat "$1/repository") RESTIC_PASSWORD=$(cat "$1/password")
  export RESTIC_REPOSITORY RESTIC_PASSWORD
  while IFS= read -r line; do export "${line?}"; done <"$1/environment"
}
# Runs a command of restic's, $@, for as long as somebody else's makes it wait: one that removes old
# backups has the repository to itself. What a host that has died has left of that goes meanwhile.
# What it says of errors goes to $said.
patient() {
  for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19; do
    restic "$@" 2>"$said"
    ended=$?
    if [ "$ended" = 0 ] || ! grep -q 'already locked' "$said"; then return "$ended"; fi
    sleep 30
    restic unlock >/dev/null 2>&1
  done
  restic "$@" 2>"$said"
}
# The line that says what is wrong.
reason() { grep -m 1 -i -e '^fatal: ' -e error "$1" || tail -n 1 "$1"; }

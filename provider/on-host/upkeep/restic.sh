# A repository as settings in the folder $1 have it. Its password is on no command line.
use_repository() {
  command -v restic >/dev/null ||
    fail "it has no restic; install it there (Debian, Fedora, Alpine: the package restic)"
  RESTIC_REPOSITORY=$(cat "$1/repository") RESTIC_PASSWORD=$(cat "$1/password")
  export RESTIC_REPOSITORY RESTIC_PASSWORD
  while IFS= read -r line; do export "${line?}"; done <"$1/environment"
}
# The line that says what is wrong.
reason() { grep -m 1 -i -e '^fatal: ' -e error "$1" || tail -n 1 "$1"; }

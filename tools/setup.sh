#!/bin/sh
# sh tools/setup.sh [--lint] [--lab [--hosts KIND]...] -- COMMAND ARGS...
# Brings node_modules and Node 22; with --lab also the Pulumi engine and everything that the lab's hosts are made of, with
# --hosts also what hosts of another kind (such as trixie/29) are made of, with --lint what looks through the programs on
# hosts; then runs COMMAND with all of it on PATH. What is already there is left alone, so a warm run takes about a second.
set -eu

fail() {
  printf 'setup: %s\n' "$1" >&2
  exit "${2:-1}"
}

root=$(cd "$(dirname "$0")/.." && pwd)
lint=
lab=
kinds=
while [ $# -gt 0 ]; do
  case $1 in
    --lint) lint=--lint ;;
    --lab) lab=--lab ;;
    --hosts) kinds="$kinds --hosts $2"; shift ;;
    --) shift; break ;;
    *) fail "unknown argument '$1'; usage: sh tools/setup.sh [--lint] [--lab [--hosts KIND]...] -- COMMAND ARGS..." 2 ;;
  esac
  shift
done
[ $# -gt 0 ] || fail "no command given; usage: sh tools/setup.sh [--lint] [--lab [--hosts KIND]...] -- COMMAND ARGS..." 2
{ command -v node && command -v npm; } >/dev/null ||
  fail "needs Node and npm on PATH; install them (Debian: nodejs, npm) and run this again." 2

if [ -n "$lint" ]; then
  python3 -m pip --version >/dev/null 2>&1 ||
    fail "needs python3 with pip on PATH, which fetches shellcheck and ruff; install them (Debian: python3-pip) and run this again."
fi

# Said before anything is fetched; lab/available.ts looks closer.
if [ -n "$lab" ]; then
  { [ "$(id -u)" = 0 ] && grep -qs 'VERSION_CODENAME=bookworm' /etc/os-release && command -v go >/dev/null; } ||
    fail "needs Debian 12, root and Go on PATH, since it runs real hosts; the unit tests alone do not: npm run test:unit." 2
fi

FERRY_CACHE=${FERRY_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/pulumi-ferry}
export FERRY_CACHE
mkdir -p "$FERRY_CACHE/logs"

# Two set-ups of one checkout must not both run npm: the kernel drops this lock whatever ends its holder.
install_modules() (
  cd "$root"
  if command -v flock >/dev/null; then
    exec 9>"$FERRY_CACHE/npm.lock"
    flock -n 9 || { echo "setup: waiting for another set-up to finish npm ci ..." >&2; flock 9; }
  fi
  node tools/modules-fresh.js && return 0
  echo "setup: npm ci (first time or package-lock.json changed; about 30 s)" >&2
  log=$FERRY_CACHE/logs/npm-ci.log
  npm ci >"$log" 2>&1 9>&- ||
    fail "npm ci failed; see $log, put right what it names, and run this again."
  # npm may be set not to run install scripts; the one of the package `node` is what fetches Node 22.
  if ! node_modules/.bin/node --version >/dev/null 2>&1; then
    (cd node_modules/node && node installArchSpecificPackage.js) >>"$log" 2>&1 9>&- &&
      mkdir -p node_modules/.bin && ln -sf ../node/bin/node node_modules/.bin/node
    node_modules/.bin/node --version >/dev/null 2>&1 ||
      fail "npm brought no working Node 22 into node_modules/.bin; see $log, or put Node 22 on PATH."
  fi
  node tools/modules-fresh.js --stamp
)
install_modules

PATH=$root/node_modules/.bin:$PATH
export PATH
# shellcheck disable=SC2086 # each is no word, one, or several
exports=$(cd "$root" && node -r ts-node/register/transpile-only lab/setup/cli.ts $lint $lab $kinds) || exit $?
eval "$exports"
exec "$@"

#!/bin/sh
# npm test [-- JEST ARGS...]: types, lint, every unit suite, and where this machine can, the real engine and real hosts.
set -eu
cd "$(dirname "$0")/.."

units="core adapters provider components"

if [ "${FERRY_TEST_IN_SETUP:-}" = "" ]; then
  reason=$(sh tools/setup.sh -- node -r ts-node/register/transpile-only \
    -e 'console.log(require("./lab/available").unavailable() ?? "")')
  if [ -z "$reason" ]; then
    FERRY_TEST_IN_SETUP=lab exec sh tools/setup.sh --lab --hosts trixie/29/containerd -- sh tools/test.sh "$@"
  fi
  echo "Unit tests only: $reason"
  FERRY_TEST_IN_SETUP=unit exec sh tools/setup.sh -- sh tools/test.sh "$@"
fi

step() { printf '\n== %s\n' "$1"; }

step "build and types"
npm run -s build
tsc --noEmit -p tsconfig.json
for program in examples/*/tsconfig.json test/lab/programs/*/tsconfig.json; do tsc -p "$program"; done

step "lint"
npm run -s lint

step "unit suites (about 5 min)"
# shellcheck disable=SC2086
jest --selectProjects $units "$@"
[ "$FERRY_TEST_IN_SETUP" = lab ] || exit 0

step "real hosts and the real engine (about 30 min)"
# A story waits more than it works, and each has hosts of its own: two at a time, on however many cores.
exec jest --selectProjects lab --maxWorkers=2

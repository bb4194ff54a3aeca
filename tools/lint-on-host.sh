#!/bin/sh
# Looks through the programs that run on hosts, and the scripts beside this one. A file without "#!" is a part of
# programs (provider/on-host/load.ts), and is seen in each as a whole.
set -eu
cd "$(dirname "$0")/.."
find provider/on-host tools -name '*.sh' -exec grep -lx '#!/bin/sh' {} + | sort | xargs shellcheck --check-sourced .ci/run
ruff check --quiet provider/on-host
ruff format --quiet --check provider/on-host

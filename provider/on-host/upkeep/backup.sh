#!/bin/sh
# Kept on hosts by pulumi-ferry: backs a volume up. $1 the folder with its settings, $2 "check": only sees to
# it that there is a repository, or "run".
. ./task.sh
. ./restic.sh
umask 077
here=$1 action=$2
use_repository "$here"
RESTIC_CACHE_DIR=$here/../cache said=$(mktemp) tag=volume=$(setting id)
export RESTIC_CACHE_DIR
trap 'rm -f "$said"' EXIT

# One that is there is never made anew: `init` refuses.
timeout 120 restic --no-cache cat config >/dev/null 2>"$said" ||
  timeout 120 restic --no-cache init >/dev/null 2>&1 ||
  fail "repository '$(setting shown)' cannot be used: $(reason "$said")"
[ "$action" = run ] || exit 0

alone
path=$(living) || exit 1
# A file that goes while it runs makes a backup that lacks it: that is none, and is taken once more.
for _ in 1 2; do
  id=$(restic backup --json --host "$(setting host)" --tag "$tag" "$path" 2>"$said")
  ended=$?
  [ "$ended" = 3 ] || break
done
[ "$ended" = 0 ] || fail "restic ended with $ended: $(reason "$said")"
succeeded "$(printf '%s\n' "$id" | sed -n 's/.*"snapshot_id":"\([0-9a-f]*\)".*/\1/p')"
keep=$(setting keep)
[ -n "$keep" ] || exit 0
restic unlock >/dev/null 2>&1
restic forget --quiet --tag "$tag" --group-by tags --keep-last "$keep" --prune >/dev/null 2>"$said" ||
  fail "it was backed up, and older ones cannot be removed: $(reason "$said")"

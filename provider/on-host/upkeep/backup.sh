#!/bin/sh
# Kept on hosts by pulumi-ferry: backs a volume up. $1 the folder with its settings, $2 "check": only sees to
# it that there is a repository, or "run".
#
# A repository is made as the task is set up, and never again once it has had a backup: one that is
# not there any more is a mistyped name, a disk that is not mounted, or lost, and to begin anew in
# silence would be the worst that could be done about it.
. ./task.sh
. ./restic.sh
umask 077
here=$1 action=$2
use_repository "$here"
RESTIC_CACHE_DIR=$here/../cache said=$(mktemp) tag=volume=$(setting id)
export RESTIC_CACHE_DIR
trap 'rm -f "$said"' EXIT

opens() { timeout 120 restic --no-cache --no-lock cat config >/dev/null 2>"$said"; }
# Of two that make one, one fails, and finds it made.
made() {
  [ "$action" = check ] && [ ! -e "$here/../last" ] || return 1
  timeout 120 restic --no-cache init >/dev/null 2>&1 || opens
}
opens || made || fail "repository '$(setting shown)' cannot be used: $(reason "$said")"
[ "$action" = run ] || exit 0

alone
path=$(living) || exit 1
# A file that goes while it runs makes a backup that lacks it: that is none, and is taken once more.
for _ in 1 2; do
  id=$(patient backup --json --host "$(setting host)" --tag "$tag" "$path")
  ended=$?
  [ "$ended" = 3 ] || break
done
[ "$ended" = 0 ] || fail "restic ended with $ended: $(reason "$said")"
succeeded "$(printf '%s\n' "$id" | sed -n 's/.*"snapshot_id":"\([0-9a-f]*\)".*/\1/p')"
keep=$(setting keep)
[ -n "$keep" ] || exit 0
restic unlock >/dev/null 2>&1
patient forget --quiet --tag "$tag" --group-by tags --keep-last "$keep" --prune >/dev/null ||
  fail "it was backed up, and older ones cannot be removed: $(reason "$said")"

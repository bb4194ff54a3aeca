#!/bin/sh
# Made by Ferry for the time of one move.
#
# The source's side of a cutover. It is started by the move's one-off key, knows from the files beside it
# which container and which folders it is about, and does what one word a line tells it (PROTOCOL.md);
# the caller names nothing. $1 the move's folder, $2 "cut" for the conversation, or what is to be
# listed or sent (facts, everything, digest, list, rest, entries, large, sums, watch, blocks), and $3
# the volume's number; or "left": nothing of the replica runs on the target any more.
#
# If its caller goes away before the target's gate was opened, no other copy can have run: it takes
# back by itself.
set -u
LC_ALL=C
export LC_ALL
here=$1
lists_of=$here/cut
attributes=$lists_of/attributes
. ../host/wall.sh
. ./facts.sh
. ./source-lists.sh
. ./source-changes.sh
. ./source-blocks.sh

case $2 in
  facts | everything | entries | large | sums | watch | blocks) "$2" "$3"; exit ;;
  digest | list) listed "$3" "$2" ;;
  rest) sed -z 's|^\(\./\)*|./|' "$lists_of/rest-$3"; exit ;;
  left) : >"$here/left"; exit ;;
esac

[ -r "$lists_of/container" ] || { echo "ferry: this key may not cut over yet" >&2; exit 126; }
trap '' HUP INT TERM PIPE
read -r container <"$lists_of/container"
read -r timeout policy <"$lists_of/stop"
IFS= read -r directory <"$lists_of/directory"
IFS= read -r journal <"$lists_of/journal"
IFS= read -r lock_file <"$lists_of/held"
. ./source-lock.sh
state=home
pid=
. ./source-journal.sh
. ./source-container.sh

while IFS= read -r word; do
  flock 8
  case $state,$word in
    home,ready) ready ;;
    home,fence) if [ -n "$pid" ]; then fence; else say "no it was not ready"; fi ;;
    fenced,stop) stop ;;
    stopped,opening)
      # Whoever has taken it back meanwhile serves there.
      if cmp -s "$journal" "$lists_of/stopped"; then state=opened; say opening
      else say "no revoked: its journal was changed by somebody else"; fi ;;
    opened,commit) if journaled "$lists_of/stopped" "$lists_of/committed"; then state=committed; say committed; fi ;;
    *,again) if again; then say again; else say "no it did not start again: $(CAUSE "$lists_of/said")"; fi ;;
    *,bye) exit 0 ;;
    *) say "no '$word' is not to be done now" ;;
  esac
  flock -u 8
done
flock 8
case $state in
  fenced | stopped) again ;;
esac
# Whatever it has started may outlive it, and has the file open.
flock -u 8

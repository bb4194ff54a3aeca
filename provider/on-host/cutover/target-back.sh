# Part of the target's side: the way back.
back() { # takes back what has been done; only when nothing runs here any more may the source go on
  [ -z "$start" ] || wait "$start"
  kind=stuck
  if [ -z "$start" ]; then kind=back
  else
    # Whether a commit without an answer went through is only known on the source: the next look at both hosts tells.
    [ "$step$lost" = commityes ] || put rejected
    tries=0
    while docker kill "$container" >/dev/null 2>&1; [ "$(docker inspect -f '{{.State.Running}}' "$container" 2>/dev/null)" = true ]; do
      tries=$((tries + 1))
      [ "$tries" -lt 100 ] || break
      sleep 0.1
    done
    stands && kind=back
  fi
  rm -f "$barrier"
  unmute "$lock_file"
  if [ "$kind" = back ]; then
    why=$reason
    ask again again || {
      kind=stuck why="$why; it was not brought back ($reason)"
      gone
    }
    reason=$why
  fi
  exec 7>&-
  finish "$kind"
}
unsaved() { reason=$(tail -n 1 disk-said); back; }
must() { "$@" || back; }

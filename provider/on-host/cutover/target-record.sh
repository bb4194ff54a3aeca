# Part of the target's side: what it writes down, in its folder and in its journal, which "$journal"
# is in "$directory".
took() { # how long the step took that ends now
  was=$mark
  mark=$(milliseconds)
  echo "took $((mark - was)) $step" >>figures
}
enter() { # the next step, which others can tell when this is killed
  took
  step=$1
  echo "$step" >step
}
onDisk() { sync "$@" 2>/dev/null || sync; }
copiesOnDisk() { # what was acknowledged on the source must survive a power cut here before this is where it runs
  : >disk-said
  for base in path-*; do
    [ -e "$base" ] || continue
    IFS= read -r path <"$base"
    treeOnDisk "$path" 2>>disk-said || return 1
  done
}
put() {
  (umask 077; mkdir -p "$directory" && cp "$1" "$directory/.cut") && onDisk "$directory/.cut" &&
    mv -f "$directory/.cut" "$journal" && onDisk "$directory"
}
finish() { # $1 kind
  {
    echo "kind $1"
    echo "step $step"
    echo "reason $(printf %s "$reason" | tr '\n' ' ')"
    cat differences figures 2>/dev/null
  } >result.new
  mv result.new result
  rm -f "$lock_file"
  exit 0
}

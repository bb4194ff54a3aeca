# Part: `set_in NAME FILE` prints what a line of a weave command sets it to, or the default there.
set_in() {
  sed -n "s/^\(export \{1,\}\)\{0,1\}$1=//p" "$2" | head -n 1 |
    sed -e 's/[[:space:]]\{1,\}#.*//' -e "s/[\"'[:space:]]//g" -e 's/^[$]{[A-Za-z_]*:\{0,1\}-\(.*\)}$/\1/'
}

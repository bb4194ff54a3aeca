/**
 * Shell functions of a cut on the target that bring over what changed, by the move's key. They work
 * in its folder, where "path-N" has a volume's place, and leave what they have to say of it in
 * "copy-said-N" and "stats-N".
 */
export const COPYING = `apart() { # $1 volume: files of several names are made anew, as rsync would write through all of them
  ssh -F config ferry-source "rest-$1" </dev/null | sort -z | comm -z -12 - "linked-$1" | (cd "$path" && xargs -0 -r rm -f)
}
listed() { # $1 volume: what rsync is to copy of it
  [ ! -s "linked-$1" ] || apart "$1" 2>>"copy-said-$1" || return 1
  xargs -0 -a "rsync-some-$1" sh -c 'exec "$@"' rsync >"stats-$1" 2>>"copy-said-$1"
}
entries() { # $1 volume: small files, and folders of which goes what the source has no more
  ssh -F config ferry-source "entries-$1" </dev/null 2>>"copy-said-$1" |
    python3 -ISB entries "$path" "missing-$1" "stats-$1-entries" 2>>"copy-said-$1"
}
some() { # $1 volume, $2 what changed in it: folders get their own facts when nothing is made in them any more
  IFS= read -r path <"path-$1"
  [ "$2" = small ] || rest "$1" || return 1
  [ "$2" = rest ] || entries "$1"
}
rest() { # $1 volume: large files by their blocks where there are sums of them, all else by rsync
  [ -s "summed-$1" ] || { listed "$1"; return; }
  rm -f "verdict-$1"
  mkfifo "verdict-$1" || return 1
  ssh -F config ferry-source "blocks-$1" </dev/null 2>>"copy-said-$1" |
    python3 -ISB blocks patch "$1" "$path" >"verdict-$1" 2>>"copy-said-$1" &
  patching=$!
  verdict=
  IFS= read -r verdict <"verdict-$1"
  # Only the sum of all streams may be as fast as the limit.
  [ ! -e limited ] || { wait "$patching" || return 1; patching=; }
  [ "$verdict" != rest ] || listed "$1" || return 1
  [ -z "$patching" ] || wait "$patching"
}
looked() { # $1 volume: what the source has, in order
  ssh -F config ferry-source "facts-$1" >"facts-$1" 2>>"copy-said-$1" || return 1
  grep -z '^D' "facts-$1" | sed -z 's|^D||' >"same-$1"
  grep -z '^L' "facts-$1" | sed -z 's|^L||' >"list-$1"
  grep -z '^[EN]' "facts-$1" | sort -z >"there-$1"
}
accounted() { # $1 volume: a name that the copy lacked is one of those whose facts are compared
  [ -s "missing-$1" ] || return 0
  sed -z 's|^\\(\\./\\)*||; s|/*$||' "list-$1" | sort -z >"accounted-$1"
  sort -z "missing-$1" | comm -z -23 - "accounted-$1" | sed -z 's|^|E\\t|' >"unaccounted-$1"
  [ ! -s "unaccounted-$1" ]
}
uncopied() { reason="copying failed: $(grep -v '^rsync error' "copy-said-$1" | tail -n 1)"; back; }
all() { xargs -0 -a "rsync-all-$1" sh -c 'exec "$@"' rsync >"stats-$1" 2>>"copy-said-$1"; }

`;

/**
 * Shell functions that compare a volume with the source's: "there-N" has the source's list,
 * "here-N" this side's.
 */
export const COMPARING = `whole() { # all of both sides' volume
  ssh -F config ferry-source "$1-$n" >"there-$n" 2>>"copy-said-$n" 6>&- & other=$!
  sh ./manifest "$path" $(cat looks) "$1" >"here-$n" 2>>"copy-said-$n"
  wait "$other" || { reason="listing the source failed: $(tail -n 1 "copy-said-$n")"; back; }
}
differ() { # $1 volume: they do, by what only one side's list says
  same=no
  {
    printf 'difference %s source ' "$1"
    { comm -z -23 "there-$1" "here-$1"; cat "unaccounted-$1" 2>/dev/null; } | SAID
    printf 'difference %s target ' "$1"
    comm -z -13 "there-$1" "here-$1" | SAID
  } >>differences
}
`;

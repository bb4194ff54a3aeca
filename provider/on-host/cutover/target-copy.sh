# Part of the target's side: brings over what changed, by the move's key. It works in the move's
# folder, where "path-N" has a volume's place, and leaves what it has to say of it in "copy-said-N" and
# "stats-N".
apart() { # $1 volume: files of several names are made anew, as rsync would write through all of them
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
  ssh -F config ferry-source "facts-$1" >"./facts-$1" 2>>"copy-said-$1" || return 1
  grep -z '^D' "facts-$1" | sed -z 's|^D||' >"same-$1"
  grep -z '^L' "facts-$1" | sed -z 's|^L||' >"list-$1"
  grep -z '^[EN]' "facts-$1" | sort -z >"there-$1"
}
uncopied() { reason="copying failed: $(grep -v '^rsync error' "copy-said-$1" | tail -n 1)"; back; }
all() { xargs -0 -a "rsync-all-$1" sh -c 'exec "$@"' rsync >"stats-$1" 2>>"copy-said-$1"; }
copy_changed() { # all volumes, as "$changed" has them
  copies=
  for each in $changed; do
    n=${each%%:*}
    case $each in
      *:none) continue ;;
    esac
    : >"copy-said-$n"
    case $each in
      *:all) all "$n" 6>&- & ;;
      *)
        looked "$n" 6>&- & copies="$copies $!:$n"
        some "$n" "${each#*:}" 6>&- & ;;
    esac
    # A shell knows the end of what it started only once.
    if [ -e limited ]; then wait $! || uncopied "$n"; else copies="$copies $!:$n"; fi
  done
  for each in $copies; do
    wait "${each%%:*}" || uncopied "${each#*:}"
  done
}

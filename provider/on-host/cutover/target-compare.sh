# Part of the target's side: compares volumes with the source's: "there-N" has the source's list,
# "here-N" this side's.
accounted() { # $1 volume: a name that the copy lacked is one of those whose facts are compared
  [ -s "missing-$1" ] || return 0
  sed -z 's|^\(\./\)*||; s|/*$||' "list-$1" | sort -z >"accounted-$1"
  sort -z "missing-$1" | comm -z -23 - "accounted-$1" | sed -z 's|^|E\t|' >"unaccounted-$1"
  [ ! -s "unaccounted-$1" ]
}
whole() { # all of both sides' volume
  ssh -F config ferry-source "$1-$n" >"there-$n" 2>>"copy-said-$n" 6>&- & other=$!
  # shellcheck disable=SC2046 # three words
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
compare_changed() { # all volumes, as "$changed" has them
  same=yes
  for each in $changed; do
    n=${each%%:*}
    IFS= read -r path <"path-$n"
    case $each in
      *:none) continue ;;
      *:all)
        whole digest
        cmp -s "there-$n" "here-$n" && continue
        # Lists are truncated at 32 MB: they only tell what the digests have decided.
        whole list
        differ "$n" ;;
      *)
        (cd "$path" && FACTS_OF <"$here/list-$n"; cd "$path" && NAMES_IN <"$here/same-$n") | sort -z >"here-$n"
        { accounted "$n" && cmp -s "there-$n" "here-$n"; } || differ "$n" ;;
    esac
  done
  [ "$same" = yes ] || { reason="the copies differ"; back; }
}

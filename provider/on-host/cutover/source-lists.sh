# Part of the source's side: what it says of a volume's files. Works with "$here" and "$lists_of".
facts() { # $1 volume: what the other side needs to look at the same things, and what they look like here
  IFS= read -r path <"$here/$1" && cd "$path" || exit 1
  cat "$lists_of/list-$1" "$lists_of/same-$1" | sed -z 's|^|L|'
  cat "$lists_of/list-$1" "$lists_of/same-$1" | FACTS_OF
  [ ! -e "$here/entries" ] || return 0
  sed -z 's|^|D|' <"$lists_of/same-$1"
  NAMES_IN <"$lists_of/same-$1"
}

everything() { # $1 volume: facts of all, then "Y" and the path of what changed since the last round began
  IFS= read -r path <"$here/$1" && cd "$path" || exit 1
  read -r since _ <"$lists_of/next-$1" || exit 1
  find . -xdev \( -type f -o -type d -o -type l -o -type p \) -print0 | FACTS_OF
  find . -xdev -newerct "@$since" -printf 'Y%p\0'
}

entries() { # $1 volume: small files that changed, and folders, with the names in them
  read -r limit <"$lists_of/limit" && IFS= read -r path <"$here/$1" && cd "$path" &&
    exec python3 -ISB "$here/entries" "$lists_of/small-$1" "$lists_of/same-$1" "$limit"
}

listed() { # $1 volume, $2 "digest" or "list": the whole of it
  IFS= read -r path <"$here/$1" || exit 1
  # shellcheck disable=SC2046 # three words
  exec sh "$here/manifest" "$path" $(cat "$lists_of/looks") "$2"
}

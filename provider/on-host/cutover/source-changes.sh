# Part of the source's side: what changed in a volume since the last round that was compared. Works
# with "$here" and "$lists_of", and leaves its lists in there.
offset() { # the clock's distance from the time since boot, which nobody sets
  read -r up _ </proc/uptime
  awk -v now="$(wall)" -v up="$up" 'BEGIN { printf "%.2f", now - up }'
}

# $1 how the lists' names begin, $2 since when, $3 how find is to go, $@ from where: changed folders, small files, and the others,
# with the links among them once more.
# shellcheck disable=SC2016 # for the shell that gets it
CHANGED='
  lists=$1 since=$2 how=$3
  shift 3
  exec find "$@" $how -newerct "@$since" \( \( -type d -fprintf "$lists-young" "%D:%i/%p\0" \) \
    -o \( -type f -links 1 -size -1048577c -fprintf "$lists-small" "%p\0" \) \
    -o \( \( -type f -o -type l -o -type p \) -fprintf "$lists-rest" "%p\0" -type l -fprintf "$lists-links" "%p\0" \) \)'

# Most of the time of a cutover of many files: folders that were there are looked into by all processors. Fails where one is gone.
known() { # $1 volume, $2 since when
  cpus=$(nproc 2>/dev/null) || cpus=1
  device=$(stat -c %d .) && sh -c "$CHANGED" changed "$lists_of/part-$1-0" "$2" '-maxdepth 0' . || return 1
  folders=$(tr -cd '\0' <"$lists_of/dirs-$1" | wc -c)
  # shellcheck disable=SC2016 # for the shells inside
  grep -z "^$device:" "$lists_of/dirs-$1" | sed -z 's|^[0-9:]*/||' |
    xargs -0 -r -P "$cpus" -n $((folders / cpus / 4 + 1)) sh -c '
      script=$1 lists=$2 since=$3
      shift 3
      exec sh -c "$script" changed "$lists-$$" "$since" "-mindepth 1 -maxdepth 1" "$@"' known "$CHANGED" "$lists_of/part-$1" "$2" 2>/dev/null
}

# No link has taken the place of a folder that was there: by its name that would have been looked into elsewhere, outside of
# the volume maybe. Such a link is one that changed, and in a folder that was looked into.
straight() { # $1 volume
  cat "$lists_of/part-$1-"*-links >"$lists_of/links-$1" || return 1
  [ -s "$lists_of/links-$1" ] || return 0
  sed -z 's|^[0-9:]*/||' "$lists_of/dirs-$1" | cat - "$lists_of/links-$1" | sort -z -o "$lists_of/places-$1" &&
    [ "$(uniq -z -d <"$lists_of/places-$1" | wc -c)" -eq 0 ]
}

# What changed since the last round that was compared; fails when that is not known. All of it goes into list-N, folders that
# stayed into same-N, and into rest-N what rsync is to copy; small files of one name are not rsync's where a program sends them.
changes() { # $1 volume
  [ -s "$lists_of/base-$1" ] && read -r since began <"$lists_of/base-$1" || return 1
  awk -v a="$began" -v b="$(offset)" 'BEGIN { d = b - a; exit d > -0.4 && d < 0.4 ? 0 : 1 }' || return 1
  IFS= read -r path <"$here/$1" && cd "$path" || return 1
  rm -f "$lists_of/part-$1-"*
  { known "$1" "$since" && straight "$1"; } || {
    rm -f "$lists_of/part-$1-"*
    sh -c "$CHANGED" changed "$lists_of/part-$1-0" "$since" -xdev . || return 1
  }
  for each in young small rest; do cat "$lists_of/part-$1-"*"-$each" >"$lists_of/$each-$1" || return 1; done
  sort -z "$lists_of/young-$1" >"$lists_of/sorted-$1" &&
    comm -z -12 "$lists_of/sorted-$1" "$lists_of/dirs-$1" | sed -z 's|^[0-9:]*/||' >"$lists_of/same-$1" &&
    # A folder that is new, or was another one under this name: all that is in it.
    comm -z -23 "$lists_of/sorted-$1" "$lists_of/dirs-$1" | sed -z 's|^[0-9:]*/||' |
      xargs -0 -r sh -c 'find "$@" -xdev \( -type d -printf "%p/\0" \) -o \( \( -type f -o -type l -o -type p \) -printf "%p\0" \)' all >>"$lists_of/rest-$1" &&
    cat "$lists_of/small-$1" "$lists_of/rest-$1" >"$lists_of/list-$1" || return 1
  [ ! -e "$here/entries" ] || return 0
  # rsync learns from nobody which names a folder has: it looks into all that it has.
  sed -z 's|/*$|/|' "$lists_of/same-$1" >>"$lists_of/list-$1" && cp "$lists_of/list-$1" "$lists_of/rest-$1"
}

which_of() { # $1 volume: "small" is the program's, "rest" is rsync's, "some" is for both
  case $([ -e "$here/entries" ] && cat "$lists_of/small-$1" "$lists_of/same-$1" | head -c 1 | wc -c),$(head -c 1 "$lists_of/rest-$1" | wc -c) in
    1,1) echo some ;;
    1,0) echo small ;;
    *,1) echo rest ;;
    *) echo none ;;
  esac
}

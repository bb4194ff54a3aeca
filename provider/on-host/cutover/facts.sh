# Shell functions that both sides of a cutover share, so that the same words describe the same files.
# They work below the current folder and take names from stdin, ended by NUL; "$attributes" is a
# file that exists where attributes are looked at.
CAUSE() { # $1 what Docker's command has said: the daemon's reason, not the command's own last words
  grep -v '^Error: failed to ' "$1" 2>/dev/null | tail -n 1 | sed 's/^Error response from daemon: //'
}
FACTS_OF() { # facts of the entries named on stdin, ended by NUL, below the current folder
  # shellcheck disable=SC2016 # for the shell inside
  sed -z 's|^|./|' | xargs -0 -r sh -c '
    find "$@" -maxdepth 0 \( -type f -printf "E%y mode %m owner %U:%G size %s links %n time %T@\t%p\0" \) \
      -o \( -type d -printf "E%y mode %m owner %U:%G time %T@\t%p\0" \) \
      -o \( -type l -printf "E%y to \"%l\" owner %U:%G\t%p\0" \) \
      -o \( -type p -printf "E%y mode %m owner %U:%G\t%p\0" \)
    [ ! -e "$0" ] || getfattr -h -d -e hex -m "^(user\\.|trusted\\.|security\\.capability|system\\.posix_acl)" -- "$@" 2>/dev/null |
      awk "/^# file: / { file = substr(\$0, 9); next } NF { printf \"Eattribute %s\\t%s%c\", \$0, file, 0 }"' "$attributes" 2>/dev/null |
    sed -z 's|/*$||' | sort -z -u
}
NAMES_IN() { # what is directly in the folders named on stdin
  sed -z 's|^|./|' | xargs -0 -r sh -c '
    find "$@" -mindepth 1 -maxdepth 1 \( -type f -o -type d -o -type l -o -type p \) -printf "N%y\t%p\0"' names | sort -z -u
}
SAID() { # facts or a listing on stdin, in a listing's words, on one line
  head -c 4194304 | sed -z 's|^Ef |file |; s|^Ed |folder |; s|^El |link |; s|^Ep |pipe |; s|^E||; s|^N.\t|\t|' | base64 -w 0
  echo
}

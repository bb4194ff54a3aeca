#!/bin/sh
# Holds any number of locks on this host for as long as its standard input is open. $1 is the folder
# that the locks' own folder is in, $2 how many seconds of silence it bears.
#
# It begins with a line "at PLACE": the same text for all who look at this folder of this machine,
# by whatever name they came. Standard input has a request a line, tab-separated: "acquire ID NAME
# OWNER REASON", "release ID NAME" and "beat ID". Each is answered by one line: "ok ID", or "held
# ID SINCE OWNER REASON" with who has it.
#
# What a lock is: locks.sh.
base=$1 silence=$2
command -v flock >/dev/null || { echo "flock is not installed there (it is part of util-linux)" >&2; exit 127; }
umask 077
tab=$(printf '\t')
. ./locks.sh

acquire() {
  held=$(take "$2" "$3" "$4")
  case $? in
    0) printf 'ok\t%s\n' "$1" ;;
    75) printf 'held\t%s\t%s\n' "$1" "$held" ;;
    *) return 1 ;;
  esac
}

place=$(stat -c %d:%i "$base") && boot=$(cat /proc/sys/kernel/random/boot_id) || exit 1
printf 'at\t%s\n' "$boot $place"
trap give_all EXIT
trap 'exit 143' HUP INT TERM PIPE
# shellcheck disable=SC2016 # for the shell inside
while line=$(timeout "$silence" sh -c 'IFS= read -r line && printf %s "$line"'); do
  IFS=$tab read -r verb id name owner reason <<END_OF_REQUEST
$line
END_OF_REQUEST
  case $verb in
    acquire) acquire "$id" "$name" "$owner" "$reason" || exit 1 ;;
    release)
      give "$name"
      printf 'ok\t%s\n' "$id"
      ;;
    beat) printf 'ok\t%s\n' "$id" ;;
  esac
done

# What hides a target that is attached while its source still serves, and how it goes: rules of the
# bridge in a chain of the cutover's own, and a file that says that there may be some. $1 of each is
# the file that the cutover holds.
. ../network.sh
mute_file_of() { echo "${1%-cut-*}-veil-${1##*-cut-}"; }
chain_of() { echo "FERRY-${1##*-cut-}"; }
unmute() {
  [ -e "$(mute_file_of "$1")" ] || return 0
  for hook in FORWARD INPUT; do
    while ebtables --concurrent -D "$hook" -i ! "$uplink" -j "$(chain_of "$1")" >/dev/null 2>&1; do :; done
  done
  ebtables --concurrent -F "$(chain_of "$1")" >/dev/null 2>&1
  ebtables --concurrent -X "$(chain_of "$1")" >/dev/null 2>&1
  rm -f "$(mute_file_of "$1")"
}

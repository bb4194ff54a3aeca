#!/bin/sh
# The programs that Ferry and its network call on a host.
. ./begin.sh
. ../host/lesser.sh

package_of() {
  case $family:$1 in
    apt:python3) echo python3-minimal ;;
    apt:ip | apk:ip) echo iproute2 ;;
    dnf:ip) echo iproute ;;
    dnf:iptables) echo iptables-nft ;;
    *) echo "$1" ;;
  esac
}

# The package of each program that is missing. Of needed_tools, as PROGRAM:PACKAGE, busybox's count as
# missing: Ferry would refuse the host.
lacking() {
  for program in rsync python3 iptables ip; do
    have "$program" || package_of "$program"
  done
  for pair in $needed_tools; do
    if is_lesser "${pair%%:*}"; then echo "${pair#*:}"; fi
  done | sort -u
}

# shellcheck disable=SC2046 # one word each
set -- $(lacking)
if [ $# -gt 0 ]; then
  say "installing $*"
  install "$@"
  # The shell remembers where it found busybox's.
  hash -r
fi
# Most packages of iptables bring it along.
if ! have ebtables && [ -z "$packages" ]; then
  say "installing ebtables"
  install_named ebtables || say "there is no ebtables: moves will take a little longer"
fi
# shellcheck disable=SC2046 # one word each
set -- $(lacking)
[ $# -eq 0 ] ||
  fail 4 "what the packages $* were to bring is not there${packages:+: are they in the folder of packages?}"
drop_copied "$packages"
say "the tools are there"

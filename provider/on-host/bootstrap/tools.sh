#!/bin/sh
# The programs that Ferry and the weave command call on a host.
. ./begin.sh

package_of() {
  case $family:$1 in
    apt:python3) echo python3-minimal ;;
    apt:ip | apk:ip) echo iproute2 ;;
    dnf:ip) echo iproute ;;
    dnf:iptables) echo iptables-nft ;;
    *) echo "$1" ;;
  esac
}

missing=
for program in rsync python3 iptables ip; do
  have "$program" || missing="$missing $(package_of "$program")"
done
if [ -n "$missing" ]; then
  say "installing$missing"
  # shellcheck disable=SC2086 # one word each
  install $missing
fi
# Most packages of iptables bring it along.
if ! have ebtables && [ -z "$packages" ]; then
  say "installing ebtables"
  install_named ebtables || say "there is no ebtables: moves will take a little longer"
fi
for program in rsync python3 iptables ip; do
  have "$program" || fail 4 "there is no $program, though its package was to bring it${packages:+: is it in the folder of packages?}"
done
drop_copied "$packages"
say "the tools are there"

#!/bin/sh
# Written by pulumi-ferry: keeps containers apart that share no network of their compose file.
# $1 the name of a file in the folder; all of them without it. The rules are the bridges', in chains
# of their own, and go by addresses alone: new ones are there before the old ones go, so that
# nothing gets through meanwhile.
PATH="$PATH:/usr/local/bin:/usr/local/sbin:/usr/sbin:/sbin"
export PATH
folder=/var/lib/ferry/separation
exec 9>/run/ferry-separation.lock
flock 9
rule() { ebtables --concurrent "$@"; }
hooked() { rule -L "$1" 2>/dev/null | grep -q -e "-j $2 *\$"; } # $1 FORWARD or INPUT, $2 a chain
hook() { # $1 FORWARD or INPUT, $2 a chain, and what of all that passes there goes through it
  hooked "$1" "$2" && return 0
  point=$1 to=$2
  shift 2
  rule -I "$point" "$@" -j "$to"
}
drop() { # $1 a chain, which goes with those that its name begins, and what goes through it
  to=$1
  shift
  for point in FORWARD INPUT; do
    while hooked "$point" "$to"; do rule -D "$point" "$@" -j "$to" || return 1; done
  done
  chains=$(rule -L 2>/dev/null | sed -n "s/^Bridge chain: \(${to}[^,]*\),.*/\1/p")
  for each in $chains; do rule -F "$each" || return 1; done
  for each in $chains; do rule -X "$each" || return 1; done
}

# On the overlay. $1 the file, $2 the chain: what goes to a replica is decided by who sends it, and
# what an internal one sends stays in the subnet. The host's own address there, the subnet's first,
# is reached by all others.
build() {
  inside=
  rule -N "$2" -P RETURN && rule -A "$2" -p ARP -j RETURN || return 1
  while read -r word first second rest; do
    case $word in
      subnet)
        subnet=$first own=$second
        for all in "$rest" 224.0.0.0/4 255.255.255.255; do
          rule -A "$2" -p IPv4 --ip-src "$subnet" --ip-dst "$all" -j DROP || return 1
        done
        ;;
      group)
        kind=$second
        rule -N "$2-$first" -P RETURN || return 1
        for address in $rest; do
          rule -A "$2" -p IPv4 --ip-dst "$address" -j "$2-$first" || return 1
        done
        if [ "$kind" = internal ]; then inside="$inside $rest"; fi
        ;;
      from)
        for address in $second $rest; do
          rule -A "$2-$first" -p IPv4 --ip-src "$address" -j RETURN || return 1
        done
        if [ "$kind" = internal ]; then rule -A "$2-$first" -j DROP || return 1; else
          rule -A "$2-$first" -p IPv4 --ip-src "$own" -j RETURN &&
            rule -A "$2-$first" -p IPv4 --ip-src "$subnet" -j DROP || return 1
        fi
        ;;
    esac
  done <"$1"
  for address in $inside; do
    rule -A "$2" -p IPv4 --ip-src "$address" --ip-dst "$own" -j DROP &&
      rule -A "$2" -p IPv4 --ip-src "$address" --ip-dst "$subnet" -j RETURN &&
      rule -A "$2" -p IPv4 --ip-src "$address" -j DROP || return 1
  done
  rule -A "$2" -p IPv4 -j RETURN && rule -A "$2" -j DROP
}
links=vethwe+ # what brings packets onto the bridge: containers' links, and that to other hosts
keep() { # $1 a file's name
  if hooked FORWARD "FERRY-APART-$1-A"; then old=$1-A new=$1-B; else old=$1-B new=$1-A; fi
  drop "FERRY-APART-$new" -i "$links" || return 1
  if [ -e "$folder/$1" ]; then
    if ! { build "$folder/$1" "FERRY-APART-$new" && hook FORWARD "FERRY-APART-$new" -i "$links" &&
      hook INPUT "FERRY-APART-$new" -i "$links"; }; then
      drop "FERRY-APART-$new" -i "$links"
      return 1
    fi
  fi
  drop "FERRY-APART-$old" -i "$links"
}

# On Docker's bridge, where addresses are others at each start: by the first two bytes of the MAC,
# which nobody else has.
closed=0a:fe:00:00:00:00/ff:ff:00:00:00:00
internal=0e:fe:00:00:00:00/ff:ff:00:00:00:00
keep_on_docker() { # $1 the host's address there, where names are looked up; without it nothing is kept
  if [ -n "$1" ] && hooked INPUT FERRY-APART-ON-HOST && hooked FORWARD FERRY-APART-DOCKER &&
    rule -L FERRY-APART-ON-HOST | grep -q -F -e "--ip-dst $1 "; then return 0; fi
  drop FERRY-APART-DOCKER && drop FERRY-APART-ON-HOST -s "$internal" || return 1
  if [ -z "$1" ]; then return 0; fi
  rule -N FERRY-APART-DOCKER -P RETURN && rule -N FERRY-APART-ON-HOST -P RETURN || return 1
  for mac in "$closed" "$internal"; do
    rule -A FERRY-APART-DOCKER -s "$mac" -j DROP && rule -A FERRY-APART-DOCKER -d "$mac" -j DROP || return 1
  done
  rule -A FERRY-APART-ON-HOST -p ARP -j RETURN || return 1
  for protocol in udp tcp; do
    rule -A FERRY-APART-ON-HOST -p IPv4 --ip-dst "$1" --ip-proto "$protocol" --ip-dport 53 -j RETURN || return 1
  done
  rule -A FERRY-APART-ON-HOST -j DROP && hook FORWARD FERRY-APART-DOCKER &&
    hook INPUT FERRY-APART-ON-HOST -s "$internal"
}

files() { find "$folder" -name '????????' -type f; }
code=0
read -r address <"$folder/docker-bridge" || exit 1
if [ -z "$(files)" ]; then address=; fi
keep_on_docker "$address" || code=1
for file in ${1:-$(files)}; do
  keep "${file##*/}" || code=1
done
exit $code

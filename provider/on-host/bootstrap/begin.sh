# What all parts of the preparation share: which system this is, and how packages come onto it.
# Settings stand above as assignments. Nothing that is there is replaced.
#
# Exit codes: 3 no system that this can prepare; 4 packages; 5 a download, or a file that is not what
# it should be; 6 Docker does not start; 7 what is there is in the way.
set -u
# Tests give another root than the host's own.
: "${root:=}" "${proxy:=}" "${no_proxy_for:=}" "${docker:=auto}" "${docker_url:=}" "${registry_mirror:=}"
: "${copied:=}" "${packages:=}" "${package_files:=}" "${needed_tools:=}" "${needed_network:=}"
umask 022
LC_ALL=C
export LC_ALL
PATH="$PATH:$root/usr/local/bin:$root/usr/local/sbin:$root/usr/sbin:$root/sbin:$root/usr/bin:$root/bin"
export PATH

if [ -n "$proxy" ]; then
  http_proxy=$proxy https_proxy=$proxy HTTP_PROXY=$proxy HTTPS_PROXY=$proxy
  no_proxy=$no_proxy_for NO_PROXY=$no_proxy_for
  export http_proxy https_proxy HTTP_PROXY HTTPS_PROXY no_proxy NO_PROXY
fi

say() { printf '%s\n' "$*"; }
fail() {
  code=$1
  shift
  printf 'preparing this host failed: %s\n' "$*" >&2
  case $code in
    4 | 5)
      say "Put that right, on this host or in \`bootstrap\` and its files, and run \`pulumi up\` again:" \
        "it copies what changed, and goes on with this part" >&2
      ;;
  esac
  exit "$code"
}
have() { command -v "$1" >/dev/null 2>&1; }

# Its output is shown only where it fails, and then its end.
quietly() {
  # A daemon that it starts would keep the lock.
  if said=$("$@" 2>&1 9>&-); then return 0; fi
  printf '%s\n' "$said" | tail -n 15 >&2
  return 1
}

# Standard input becomes the file $1: whole, or not at all. What it holds may be a secret: nobody else
# reads it before it has its mode.
put() {
  if ! { mkdir -p "${1%/*}" && rm -f "$1.ferry-new" && (umask 077 && cat >"$1.ferry-new") && chmod "${2:-644}" "$1.ferry-new" && mv -f "$1.ferry-new" "$1"; }; then
    fail 5 "$1 cannot be written"
  fi
}

[ "$(id -u)" = 0 ] || fail 3 "this needs root"
# A part whose `pulumi` was killed goes on here: the next one would work on the same files.
# A folder that every system has is what is locked, so that nothing is left. Without -w, which
# busybox lacks.
if have flock && exec 9<"$root/etc"; then
  tries=180
  # 1 says that somebody has it; another code, that there are no locks here.
  while code=0 && { flock -n 9 2>/dev/null || code=$?; } && [ "$code" = 1 ]; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || fail 7 "another preparation of this host has not ended for 15 min"
    sleep 5
  done
fi
[ -r "$root/etc/os-release" ] || fail 3 "there is no /etc/os-release to tell which distribution it is"
# shellcheck source=/dev/null
. "$root/etc/os-release"
distribution=${ID:-unknown}
release=${VERSION_ID:-}

# The number before the first dot of $1, and the one behind it: of Alpine edge's
# 3.23_alpha20250612 they are 3 and 23.
major_of() { printf '%s' "${1%%[!0-9]*}"; }
minor_of() { case $1 in *.[0-9]*) major_of "${1#*.}" ;; *) echo 0 ;; esac; }

# at_least A B: 3.9 is before 3.18.
at_least() {
  [ "$(major_of "$1")" -gt "$(major_of "$2")" ] && return 0
  [ "$(major_of "$1")" -eq "$(major_of "$2")" ] && [ "$(minor_of "$1")" -ge "$(minor_of "$2")" ]
}

case $distribution in
  debian) family=apt oldest=12 ;;
  ubuntu) family=apt oldest=22.04 ;;
  fedora) family=dnf oldest=41 ;;
  rocky | almalinux | rhel | centos) family=dnf oldest=9 ;;
  alpine) family=apk oldest=3.18 ;;
  *)
    fail 3 "'${PRETTY_NAME:-$distribution}' is not known; Debian, Ubuntu, Fedora, Rocky and Alpine are." \
      "Put Docker, rsync, python3, iptables and $needed_network there by other means, and leave \`bootstrap\` out"
    ;;
esac
# Debian's testing and unstable have no number.
case $release in
  [0-9]*) at_least "$release" "$oldest" || fail 3 "$distribution $release is older than $oldest, the oldest that this prepares" ;;
esac

is_installed() {
  case $family in
    apt) dpkg-query -W -f '${db:Status-Status}\n' "$1" 2>/dev/null | grep -qx installed ;;
    dnf) rpm -q "$1" >/dev/null 2>&1 ;;
    apk) apk info -e "$1" >/dev/null 2>&1 ;;
  esac
}

# The name of the package in file $1.
name_in() {
  case $family in
    apt) dpkg-deb -f "$1" Package ;;
    dnf) rpm -qp --qf '%{NAME}' "$1" 2>/dev/null ;;
    apk) printf '%s' "${1##*/}" | sed 's/-[0-9][^-]*-r[0-9]*\.apk$//' ;;
  esac
}

# apt's own time limit for locks is not for the lock on its lists, which a machine's first boot
# holds as well.
refresh_apt() {
  tries=30
  until said=$(apt-get -q update 2>&1); do
    tries=$((tries - 1))
    case $said in
      *"Could not get lock"*) [ "$tries" -gt 0 ] && sleep 10 && continue ;;
    esac
    printf '%s\n' "$said" | tail -n 15 >&2
    fail 4 "apt-get update failed: see above"
  done
}

# Each of the operator's files whose package is not there; the others stay as they are. Files of an
# earlier copy, which are in the folder of packages no more, are none of them.
install_files() {
  case $family in apt) kind=deb ;; dnf) kind=rpm ;; apk) kind=apk ;; esac
  set --
  list=$(printf '%s\n' "$package_files" | grep "\.$kind\$" | sort)
  [ -n "$list" ] || fail 4 "the folder of packages holds no .$kind file"
  old_ifs=$IFS
  IFS='
'
  for file in $list; do
    # In full: apt takes a path for a file only when it begins with a slash or a dot and a slash.
    path=$PWD/$packages/$file
    [ -f "$path" ] || fail 4 "$file, which was to be copied here, is not there; \`again: \"another word\"\` copies all of them"
    is_installed "$(name_in "$path")" || set -- "$@" "$path"
  done
  IFS=$old_ifs
  [ $# -gt 0 ] || return 0
  case $family in
    apt)
      quietly env DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=l apt-get -q -y --no-install-recommends --no-remove \
        -o DPkg::Lock::Timeout=300 -o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts=/dev/null install "$@"
      ;;
    dnf) quietly dnf -q -y --disablerepo='*' --setopt=install_weak_deps=False install "$@" ;;
    apk) quietly apk add --no-network --force-non-repository "$@" ;;
  esac || fail 4 "the packages of the folder cannot be installed: see above." \
    "It must hold all that they depend on, for $distribution $release; nothing that is there is replaced by a newer version"
}

# From the distribution's repositories, as the machine has them.
install_named() {
  case $family in
    apt)
      refresh_apt
      quietly env DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=l apt-get -q -y --no-install-recommends --no-upgrade --no-remove \
        -o DPkg::Lock::Timeout=300 install "$@"
      ;;
    dnf) quietly dnf -q -y --setopt=install_weak_deps=False install "$@" ;;
    apk) quietly apk add --no-cache "$@" ;;
  esac
}

# install PACKAGE...: these, or where the operator gave files, all of those.
install() {
  if [ -n "$packages" ]; then
    install_files
  else
    install_named "$@" || fail 4 "the packages $* cannot be installed: see above"
  fi
}

# download URL FILE
download() {
  if ! have curl && ! have wget; then install curl ca-certificates; fi
  if have curl; then
    quietly curl -fsSL --retry 3 --connect-timeout 20 -o "$2" "$1"
  else
    quietly wget -q -T 60 -O "$2" "$1"
  fi || { rm -f "$2"; fail 5 "$1 cannot be downloaded: see above. Set \`proxy\` or \`mirrors\` where the host has no other way"; }
}

# What was copied here for the preparation, once it was used.
drop_copied() {
  if [ -n "$1" ]; then rm -rf "$1"; fi
  rmdir "$copied" 2>/dev/null
  return 0
}

sha256_of() { sha256sum "$1" | sed 's/ .*//'; }

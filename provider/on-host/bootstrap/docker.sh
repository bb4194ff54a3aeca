#!/bin/sh
# Docker: left alone where it is, else installed, started now and at each boot.
. ./begin.sh

# As of 2026; for Debian and Ubuntu alike. Its fingerprint is 9DC858229FC7DD38854AE2D88D81803C0EBFCD88.
apt_key_sha256=1500c1f56fa9e26b9b8f42452a553675796ade0807cdce11975eb98170b3a570

codename=${UBUNTU_CODENAME:-${VERSION_CODENAME:-}}

# Ferry's own file of Docker's repository; and of Alpine's, the line that it adds.
case $family in
  apt) ours=$root/etc/apt/sources.list.d/pulumi-ferry-docker.list ;;
  dnf) ours=$root/etc/yum.repos.d/pulumi-ferry-docker.repo ;;
  apk) ours= ;;
esac
added=

# A repository that does not work would break whatever else wants packages.
take_back() {
  if [ -n "$added" ]; then
    grep -vxF "$added" "$root/etc/apk/repositories" | put "$root/etc/apk/repositories"
  else
    rm -f "$ours"
  fi
  say "Docker's repository was taken off this host again" >&2
}

# One that is there in a comment, or switched off, is somebody's file and stays as it is.
add_apt_repository() {
  if grep -qs "^[^#]*$docker_url/linux/$distribution" "$root/etc/apt/sources.list" "$root/etc/apt/sources.list.d/"*; then return; fi
  key=$root/etc/apt/keyrings/docker.asc
  if [ ! -e "$key" ]; then
    mkdir -p "${key%/*}"
    download "$docker_url/linux/$distribution/gpg" "$key.ferry-new"
    if [ "$(sha256_of "$key.ferry-new")" != "$apt_key_sha256" ]; then
      rm -f "$key.ferry-new"
      fail 5 "the key of $docker_url is not the one that is known of Docker's." \
        "If Docker has changed it, put the new one at /etc/apt/keyrings/docker.asc"
    fi
    chmod 644 "$key.ferry-new" && mv -f "$key.ferry-new" "$key"
  fi
  # apt fetches by TLS, for which a bare Debian has no certificates.
  [ -e "$root/etc/ssl/certs/ca-certificates.crt" ] || install ca-certificates
  trap take_back EXIT
  put "$ours" <<END
deb [arch=$(dpkg --print-architecture) signed-by=/etc/apt/keyrings/docker.asc] $docker_url/linux/$distribution $codename stable
END
}

add_dnf_repository() {
  if grep -qs "^[^#]*$docker_url/linux" "$root/etc/yum.repos.d/"*; then return; fi
  case $distribution in
    fedora | rhel) name=$distribution ;;
    # Docker builds for RHEL and CentOS; the others run CentOS's.
    *) name=centos ;;
  esac
  trap take_back EXIT
  put "$ours" <<END
[pulumi-ferry-docker]
name=Docker CE Stable
baseurl=$docker_url/linux/$name/\$releasever/\$basearch/stable
enabled=1
gpgcheck=1
gpgkey=$docker_url/linux/$name/gpg
END
}

# Docker is in Alpine's second repository, which is often not switched on.
add_apk_community() {
  list=$root/etc/apk/repositories
  if grep -qs '^[^#].*/community' "$list"; then return; fi
  main=$(sed -n 's|^\([^#].*\)/main/*$|\1|p' "$list" | head -n 1)
  [ -n "$main" ] || fail 4 "/etc/apk/repositories names no 'main' beside which 'community' could be found"
  added=$main/community
  trap take_back EXIT
  printf '%s\n' "$added" >>"$list" || fail 4 "/etc/apk/repositories cannot be written"
}

wanted_packages() {
  case $source:$distribution in
    docker.com:*) echo docker-ce docker-ce-cli containerd.io ;;
    # From Debian 13 on the command is a package of its own, which docker.io only recommends.
    distribution:debian) case $release in 12 | 12.*) echo docker.io ;; *) echo docker.io docker-cli ;; esac ;;
    distribution:ubuntu) echo docker.io ;;
    distribution:fedora) echo moby-engine docker-cli ;;
    distribution:alpine) echo docker docker-cli ;;
  esac
}

source=$docker
if [ "$source" = auto ]; then
  case $distribution in
    rocky | almalinux | rhel | centos) source=docker.com ;;
    *) source=distribution ;;
  esac
fi

# What Docker reads as it starts; a file that is there is somebody's.
settings_before_start() {
  if [ -n "$registry_mirror" ]; then
    if [ -e "$root/etc/docker/daemon.json" ]; then
      say "/etc/docker/daemon.json is there and stays as it is: the mirror of the registry is not set"
    else
      printf '{ "registry-mirrors": ["%s"] }\n' "$registry_mirror" | put "$root/etc/docker/daemon.json"
    fi
  fi
  [ -n "$proxy" ] || return 0
  if [ -d "$root/run/systemd/system" ]; then
    unit=/etc/systemd/system/docker.service.d/pulumi-ferry-proxy
    # What a unit itself sets, systemctl shows to everybody.
    [ -e "$root$unit.env" ] || put "$root$unit.env" 600 <<END
HTTP_PROXY=$proxy
HTTPS_PROXY=$proxy
NO_PROXY=$no_proxy_for
END
    [ -e "$root$unit.conf" ] || put "$root$unit.conf" <<END
[Service]
EnvironmentFile=-$unit.env
END
  else
    file=$root/etc/conf.d/docker
    if grep -qs HTTP_PROXY "$file"; then return 0; fi
    {
      cat "$file" 2>/dev/null
      printf 'export HTTP_PROXY="%s" HTTPS_PROXY="%s" NO_PROXY="%s"\n' "$proxy" "$proxy" "$no_proxy_for"
    } | put "$file" 600 || exit 5
  fi
}

# Of an earlier try, or of another mirror.
if [ -n "$ours" ] && ! is_installed docker-ce; then rm -f "$ours"; fi

# The daemon of one that answers may be called otherwise, or lie elsewhere: a snap's, say.
if have docker && { have dockerd || docker info >/dev/null 2>&1; }; then
  say "Docker is there: $(docker --version 2>/dev/null)"
elif have dockerd && [ -z "$packages" ]; then
  # Debian 13's docker.io alone.
  if is_installed docker-ce; then install docker-ce-cli; else install docker-cli; fi
  say "Docker is there; its command was installed"
else
  settings_before_start
  if [ -z "$packages" ]; then
    case $source:$family in
      docker.com:apt) add_apt_repository ;;
      docker.com:dnf) add_dnf_repository ;;
      distribution:apk) add_apk_community ;;
    esac
  fi
  say "installing Docker"
  # shellcheck disable=SC2046 # one word each
  install $(wanted_packages)
  trap - EXIT
  { have docker && have dockerd; } ||
    fail 4 "there is no docker or dockerd, though its packages were to bring them${packages:+: are they in the folder of packages?}"
fi

# Installing may have started it, or not.
if ! docker info >/dev/null 2>&1; then
  if [ -d "$root/run/systemd/system" ]; then
    quietly systemctl daemon-reload
    quietly systemctl enable docker.service || fail 6 "systemd does not enable docker.service: see above"
    quietly systemctl start docker.service ||
      { journalctl -u docker.service -n 15 --no-pager >&2; fail 6 "docker.service does not start: see above"; }
  else
    quietly rc-update add docker default || fail 6 "OpenRC does not take Docker: see above"
    quietly rc-service docker start || fail 6 "OpenRC does not start Docker: see above"
  fi
  tries=60
  until said=$(docker info 2>&1); do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || { printf '%s\n' "$said" | tail -n 5 >&2; fail 6 "Docker does not answer: see above"; }
    sleep 1
  done
fi

# Who came by sudo reaches Docker from the next log-in on.
user=${SUDO_USER:-root}
if [ "$user" != root ] && ! id -nG "$user" 2>/dev/null | tr ' ' '\n' | grep -qx docker; then
  if have usermod; then quietly usermod -aG docker "$user"; else quietly addgroup "$user" docker; fi ||
    fail 4 "the user $user cannot be added to the group docker: see above"
  say "$user is in the group docker"
fi
say "Docker $(docker version -f '{{.Server.Version}}' 2>/dev/null) answers"

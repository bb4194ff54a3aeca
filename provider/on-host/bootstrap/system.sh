#!/bin/sh
# Looks whether this system can be prepared as asked, before anything is changed on any host.
. ./begin.sh

# A cloud's machine may still be at its first boot: its sources of packages are being written.
if have cloud-init; then
  say "waiting for cloud-init"
  timeout 600 cloud-init status --wait >/dev/null 2>&1
fi
case $docker in
  docker.com)
    [ "$distribution" != alpine ] || have dockerd ||
      fail 3 "Docker has no repository for Alpine; its own will do: \`docker: \"distribution\"\`"
    ;;
  distribution)
    case $distribution in
      rocky | almalinux | rhel | centos)
        have dockerd || [ -n "$packages" ] ||
          fail 3 "$distribution has no Docker of its own; Docker's repository has: \`docker: \"docker.com\"\`"
        ;;
    esac
    ;;
esac
if have docker && docker --version 2>/dev/null | grep -qi podman; then
  fail 7 "its docker command is Podman's, with which Ferry does not work; remove the package podman-docker"
fi
if [ -S "$root/run/docker.sock" ] && ! have docker && ! have dockerd; then
  fail 7 "/run/docker.sock is there, and the command of that Docker is not where this looks ($PATH): put it into" \
    "/usr/local/bin, or take the socket away where nobody listens at it any more"
fi
if [ ! -d "$root/run/systemd/system" ] && ! have rc-service; then
  fail 3 "it has neither systemd nor OpenRC, by one of which Docker is started"
fi
say "$distribution${release:+ $release} on $(uname -m)"

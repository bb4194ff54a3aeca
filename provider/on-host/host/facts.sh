#!/bin/sh
# One question for all of it. Each line is NAME=VALUE behind a mark, so that whatever else a host
# prints is not taken for an answer; `date +%s` alone is the same in every `date`. $@ programs: those are told that are not there, or are busybox's or toybox's.
. ./lesser.sh
PATH="$PATH:/usr/local/bin:/usr/local/sbin:/usr/sbin:/sbin"
say() { printf 'ferry-fact %s=%s\n' "$1" "$2"; }
have() { command -v "$1" >/dev/null 2>&1; }
say time "$(date +%s)"
# The command may be older or newer than its daemon; then it says its own version, and that the other
# refuses it.
if have docker; then
  say docker yes
  answer=$(docker version -f 'ferry-fact client={{.Client.Version}}' 2>&1) || :
  printf '%s\n' "$answer"
  case $answer in *"API version"* | *"client version"*) say refused yes ;; esac
fi
if have iptables; then
  case $(iptables -V 2>/dev/null) in *nf_tables*) say iptables nft ;; *) say iptables legacy ;; esac
fi
if have ebtables; then say ebtables yes; fi
if [ -d /run/systemd/system ]; then say systemd yes; fi
lesser=
for program; do
  if is_lesser "$program"; then lesser="$lesser $program"; fi
done
say lesser "$lesser"
if have getenforce; then say selinux "$(getenforce)"; fi
if have rsync; then say rsync "$(rsync --version 2>/dev/null | sed -n '1s/.*rsync \{1,\}version v\{0,1\}\([0-9][0-9.]*\).*/\1/p')"; fi
if have python3; then say python "$(python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)"; fi

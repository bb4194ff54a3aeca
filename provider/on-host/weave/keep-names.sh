#!/bin/sh
# Written by pulumi-ferry. Keeps the names of this host's replicas in Weave's DNS as they should be:
# one that is unhealthy is not among those that its service's name gives, and is again when it is
# well; each has a name of its own, INDEX.SERVICE.DEPLOYMENT, beside the service's. Weave itself
# forgets what it is told of a container when that ends, or when the router does.
PATH="$PATH:/usr/local/bin:/usr/local/sbin:/usr/sbin:/sbin"
export PATH
set -f
. ./dockers-api.sh
weave=$(sed -n 's/^FERRY_WEAVE=//p' /etc/weave.conf 2>/dev/null)
weave=${weave:-weave}

# $@ containers. Prints those that run as "ID HEALTH NAME REPLICA ADDRESS", replicas on the overlay.
facts() {
  docker inspect --type container -f '={{.ID}} {{.State.Running}} {{if .State.Health}}{{.State.Health.Status}}{{else}}none{{end}} {{.Config.Hostname}}.{{.Config.Domainname}} {{index .Config.Labels "pulumi-ferry.replica"}}
{{range .Config.Env}}{{println .}}{{end}}' "$@" 2>/dev/null |
    while IFS= read -r line; do
      case $line in
        '='*' true '*/*) replica=${line#=} ;;
        '='*) replica= ;;
        WEAVE_CIDR=[0-9]*)
          [ -z "$replica" ] || echo "$replica ${line#*=}"
          replica=
          ;;
      esac
    done
}

# $@ containers. A name that is there already, or is not there, is no failure of Weave's.
keep() {
  [ $# -gt 0 ] || return 0
  facts "$@" | while read -r id _ health name replica address _; do
    case $address in *[!0-9./]*) continue ;; esac
    address=${address%/*}
    if [ "$health" = unhealthy ]; then act=dns-remove; else act=dns-add; fi
    "$weave" $act "$address" "$id" -h "$name" </dev/null
    "$weave" dns-add "$address" "$id" -h "${replica##*/}.$name" </dev/null
  done >/dev/null 2>&1
}

# shellcheck disable=SC2046 # their ids
all() { keep $(docker ps -q --no-trunc --filter label=pulumi-ferry.replica); }

# The router has begun: it names what it finds, well or not, while it attaches it, and again when
# that failed at first.
begun() {
  tries=60
  until "$weave" status >/dev/null 2>&1; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || return
    sleep 1
  done
  all
  sleep 5
  all
}

begun &
docker events --filter type=container --filter event=start --filter event=health_status --format '{{.Actor.ID}} {{.Action}} {{.Actor.Attributes.name}}' |
  while read -r id action rest; do
    case "$action $rest" in
      'start weave') begun & ;;
      'health_status: starting'*) ;;
      *) keep "$id" & ;;
    esac
  done

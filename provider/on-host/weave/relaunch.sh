#!/bin/sh
# As run.sh, for `weave launch`: stops the router and launches another one, and goes on to the end
# when its caller goes away. The former one's container is kept aside until the new one answers.
# Should that not happen, it is started again.
. ./path.sh
. ./dockers-api.sh
trap '' HUP PIPE
. ./arguments.sh
# The same environment and command stop the former router.
for word; do
  # shellcheck disable=SC2163 # what it says
  case $word in *=*) export "$word" ;; *) command=$word; break ;; esac
done
. ./former.sh
if [ -n "$(state "$former")" ]; then
  if [ "$(state weave)" = running ]; then docker rm -f "$former" >/dev/null
  else
    docker rm -f weave >/dev/null 2>&1
    docker rename "$former" weave && docker update --restart=always weave >/dev/null
  fi
fi
# Neither may write to a caller that has gone: it would fail half way.
said=$(mktemp /run/pulumi-ferry-relaunch.XXXXXXXX) || exit 1
trap 'rm -f "$said"' EXIT
timeout -k 10 60 "$command" stop </dev/null >"$said" 2>&1
code=$?
if [ "$code" != 0 ]; then cat "$said"; exit "$code"; fi
if [ -n "$(state weave)" ]; then
  policy=$(docker inspect --type container -f '{{.HostConfig.RestartPolicy.Name}}' weave)
  docker update --restart=no weave >/dev/null && docker rename weave "$former" || exit
fi
timeout -k 10 "$limit" env "$@" </dev/null >"$said" 2>&1
code=$?
if [ "$code" = 0 ]; then
  if [ -n "$(state "$former")" ]; then docker rm "$former" >/dev/null; fi
  exit 0
fi
{ echo "--- its log"; docker logs --tail 40 weave; } >>"$said" 2>&1
if [ -n "$(state "$former")" ]; then
  docker rm -f weave >/dev/null 2>&1
  docker rename "$former" weave && docker update --restart="${policy:-always}" weave >/dev/null &&
    docker start weave >/dev/null && code=45
fi
cat "$said"
exit "$code"

#!/bin/sh
# As run.sh, for a command that may block for ever in a helper container: that container carries a
# label by which it is removed, whichever way this script ends.
. ./path.sh
. ./dockers-api.sh
limit=$1
shift 2
label="pulumi-ferry.helper=$$-$(date +%s)"
clean() {
  ids=$(docker ps -aq --filter "label=$label")
  # shellcheck disable=SC2086 # each of them
  if [ -n "$ids" ]; then docker rm -f $ids >/dev/null 2>&1; fi
}
trap clean EXIT
trap 'exit 143' HUP INT TERM
WEAVEEXEC_DOCKER_ARGS="--label $label${WEAVEEXEC_DOCKER_ARGS:+ $WEAVEEXEC_DOCKER_ARGS}"
export WEAVEEXEC_DOCKER_ARGS
timeout -k 5 "$limit" env "$@" </dev/null

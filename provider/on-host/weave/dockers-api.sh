# Part: for a script on the host, before it calls the weave command: has the command, its helpers and the
# router speak a version of Docker's API that this Docker knows. By itself reWeave speaks 1.24 and
# Weave Net an older one; today's Docker refuses both. reWeave's command takes the version from its
# environment, but does not hand it to the router, so that is told as well; and so are the helpers,
# to which Weave Net's command hands nothing, as it may be used with reWeave's images. Weave Net
# itself minds none of it. Asked each time, so that it follows when Docker is replaced by a newer one.
lowest=$(docker version -f '{{.Server.MinAPIVersion}}' 2>/dev/null) || lowest=
case $lowest in
  [2-9].* | 1.2[5-9] | 1.[3-9][0-9] | 1.[1-9][0-9][0-9])
    DOCKER_API_VERSION=$lowest
    WEAVE_DOCKER_ARGS="-e DOCKER_API_VERSION=$lowest${WEAVE_DOCKER_ARGS:+ $WEAVE_DOCKER_ARGS}"
    WEAVEEXEC_DOCKER_ARGS="-e DOCKER_API_VERSION=$lowest${WEAVEEXEC_DOCKER_ARGS:+ $WEAVEEXEC_DOCKER_ARGS}"
    export DOCKER_API_VERSION WEAVE_DOCKER_ARGS WEAVEEXEC_DOCKER_ARGS
    ;;
esac

/**
 * For a script on the host, before it calls the weave command: has the command, its helpers and the
 * router speak a version of Docker's API that this Docker knows. By itself reWeave speaks 1.24 and
 * Weave Net an older one; today's Docker refuses both. The command takes the version from its
 * environment, but does not hand it to the router, so that is told as well. Weave Net minds
 * neither. Asked each time, so that it follows when Docker is replaced by a newer one.
 */
export const SPEAK_DOCKERS_API = `lowest=$(docker version -f '{{.Server.MinAPIVersion}}' 2>/dev/null) || lowest=
case $lowest in
  [2-9].* | 1.2[5-9] | 1.[3-9][0-9] | 1.[1-9][0-9][0-9])
    DOCKER_API_VERSION=$lowest
    WEAVE_DOCKER_ARGS="-e DOCKER_API_VERSION=$lowest\${WEAVE_DOCKER_ARGS:+ $WEAVE_DOCKER_ARGS}"
    export DOCKER_API_VERSION WEAVE_DOCKER_ARGS
    ;;
esac
`;

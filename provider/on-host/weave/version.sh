#!/bin/sh
# $1: the command. The version as it carries it itself, and whose images it wants: asking it for
# its version would start a container, and pull its image.
. ./path.sh
. ./set-in.sh
command=$(command -v "${1:-weave}") || exit 127
version=$(set_in SCRIPT_VERSION "$command")
owner=$(set_in DOCKERHUB_USER "$command")
echo "${version:-unknown}"
echo "${DOCKERHUB_USER:-$owner}"

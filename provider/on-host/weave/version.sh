#!/bin/sh
# $1: the command. The version as it carries it itself, and whose images it wants: asking it for
# its version would start a container, and pull its image.
. ./path.sh
command=$(command -v "${1:-weave}") || exit 127
version=$(sed -n 's/^SCRIPT_VERSION="\{0,1\}\([^"]*\)"\{0,1\}$/\1/p' "$command" | head -n 1)
owner=$(sed -n 's/^DOCKERHUB_USER=\([$]{DOCKERHUB_USER:-\)\{0,1\}\([^}]*\)}\{0,1\}$/\2/p' "$command" | head -n 1)
echo "${version:-unknown}"
echo "${DOCKERHUB_USER:-$owner}"

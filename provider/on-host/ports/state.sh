#!/bin/sh
# Whether the ports of a deployment answer on this host as they should: "there", or what is not so.
# $1 the deployment's id; the settings come by standard input, and what the container is made of as
# further arguments. Looks, and changes nothing.
. ./names.sh
shift
if [ "$(made_as)" != "$(words_of "$@")" ]; then echo "no proxy, or another one"; exit; fi
if ! is_running; then echo "the proxy does not run"; exit; fi
if ! cmp -s - "$settings"; then echo "other settings"; exit; fi
echo there

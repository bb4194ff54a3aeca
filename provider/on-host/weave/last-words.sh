#!/bin/sh
# The last words of a router that died.
. ./path.sh
docker logs --tail 40 weave 2>&1

# Part: the network that containers are on, as the switch-over works with it. The one row, so far.
# shellcheck source=../weave/containers.sh
. ./weave/containers.sh

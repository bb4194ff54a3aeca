# Part: what a relaunch calls the router that it takes the place of, until the new one answers; of a
# relaunch that was interrupted it is only needed while no other one runs.
former=pulumi-ferry-former-weave
state() { docker inspect --type container -f '{{.State.Status}}' "$1" 2>/dev/null; }

# Part: what a host has for the ports of one deployment. $1 its id.
folder=/var/lib/ferry/ports/$1
# shellcheck disable=SC2034 # for the programs that take this in
container=ferry-ports-$1 settings=$folder/haproxy.cfg
label=pulumi-ferry.ports
made_as() { # the container's image, address and ports, as the label has them; nothing where it is not there
  docker inspect --type container -f "{{index .Config.Labels \"$label\"}}" "$container" 2>/dev/null
}
is_running() { [ "$(docker inspect --type container -f '{{.State.Running}} {{.State.Restarting}}' "$container" 2>/dev/null)" = "true false" ]; }
# $@ what the container is made of
words_of() { printf '%s\n' "$@" | sha256sum | cut -c 1-16; }

#!/bin/sh
# Has the ports of a deployment answer on this host. $1 the deployment's id, $2 what the settings that
# come by standard input are long; $3 the socket that puts containers on the overlay, $4 the variable
# that says their address to it; $5 the image, $6 the address, and the ports after it. Another of these
# three is another container; other settings alone are taken up by the one that runs, which serves
# open connections to their end. Says "there", or what kept it from that.
. ./names.sh
length=$2 socket=$3 variable=$4 image=$5 address=$6
umask 022
mkdir -p "$folder" || exit
new=$settings.new
trap 'rm -f "$new"' EXIT
trap 'exit 143' HUP INT TERM
cat >"$new"
if [ "$(wc -c <"$new" | tr -d ' ')" != "$length" ]; then echo "the settings were truncated" >&2; exit 1; fi
shift 4
made=$(words_of "$@")
shift 2
check='FERRY_DNS=127.0.0.1 exec haproxy -c -q -f /etc/ferry-ports/haproxy.cfg.new'
# The settings are a folder's, so that other ones are seen by the container that has it.
# shellcheck disable=SC2016 # expanded in the container
begin='FERRY_DNS=$(sed -n "s/^nameserver //p" /etc/resolv.conf | sed -n 1p); export FERRY_DNS; exec haproxy -W -db -f /etc/ferry-ports/haproxy.cfg'

# Whether each port is listened at in the container, by the kernel's own list.
listens() {
  for port; do
    port=${port%/tcp}
    docker exec "$container" grep -qi ":$(printf %04X "${port##*:}") 0*:0000 0A" /proc/net/tcp 2>/dev/null || return
  done
}
wait_until_it_listens() {
  tries=60
  until listens "$@"; do
    tries=$((tries - 1))
    if [ "$tries" -eq 0 ]; then
      echo "HAProxy does not listen: $(docker logs --tail 5 "$container" 2>&1)" >&2
      return 1
    fi
    sleep 0.5
  done
}

if [ "$(made_as)" = "$made" ]; then
  if ! is_running; then
    mv -f "$new" "$settings"
    docker start "$container" >/dev/null || exit
    wait_until_it_listens "$@" || exit
  elif ! cmp -s "$new" "$settings"; then
    docker exec "$container" sh -c "$check" >&2 || exit
    mv -f "$new" "$settings"
    docker kill --signal USR2 "$container" >/dev/null || exit
  fi
  echo there
  exit
fi

docker image inspect "$image" >/dev/null 2>&1 || docker pull -q "$image" >/dev/null || exit
mv -f "$new" "$settings"
docker rm -f "$container" >/dev/null 2>&1
flags=
for port; do flags="$flags -p $port"; done
# shellcheck disable=SC2086 # words
DOCKER_HOST=unix://$socket docker create --name "$container" --hostname "$container" --label "$label=$made" -e "$variable=$address" -v "$folder:/etc/ferry-ports:ro,z" --restart always --entrypoint /bin/sh $flags "$image" -c "$begin" >/dev/null &&
  DOCKER_HOST=unix://$socket docker start "$container" >/dev/null && wait_until_it_listens "$@" && echo there && exit
docker rm -f "$container" >/dev/null 2>&1
exit 1

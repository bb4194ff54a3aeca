#!/bin/sh
# $1 the weave command. The host's time in seconds on a line of its own, then the report. The status
# API answers on the host's loopback only. Not every host has curl or wget, so the shell may have to do.
. ./path.sh
date +%s
url=http://127.0.0.1:6784/report
if command -v curl >/dev/null; then
  exec curl -fsS --noproxy '*' -m 15 -H 'Accept: application/json' "$url"
elif command -v wget >/dev/null; then
  exec env -u http_proxy wget -q -T 15 -O - --header 'Accept: application/json' "$url"
elif command -v bash >/dev/null; then
  exec timeout 15 bash -c '
    exec 3<>/dev/tcp/127.0.0.1/6784 || exit 7
    printf "GET /report HTTP/1.0\r\nAccept: application/json\r\n\r\n" >&3
    sed "1,/^\r*\$/d" <&3'
else
  . ./dockers-api.sh
  exec timeout 15 "${1:-weave}" report
fi

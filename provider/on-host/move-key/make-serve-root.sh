#!/bin/sh
# $1 replica's part of the token: clears what earlier moves of this replica left, and what is older
# than a week: the first copy of another replica may take days.
. ./untrace.sh
set -eu
umask 022
mkdir -p /var/lib/ferry/moves
chmod 755 /var/lib/ferry /var/lib/ferry/moves
find /var/lib/ferry/moves -mindepth 1 -maxdepth 1 \( -name "$1-*" -o -mmin +10080 \) | while IFS= read -r left; do
  untrace "$left"
  rm -rf "$left"
done
mkdir "/var/lib/ferry/moves/$2"
mkdir -m 700 "/var/lib/ferry/moves/$2/cut"
for type in ed25519 ecdsa rsa; do cat "/etc/ssh/ssh_host_${type}_key.pub" 2>/dev/null || true; done

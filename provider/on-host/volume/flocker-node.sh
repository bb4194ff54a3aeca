#!/bin/sh
# $1 the certificate of Flocker's agent; nothing where there is none.
[ -e "$1" ] || exit 0
exec cat -- "$1"

#!/bin/sh
# $1 a volume's folder: whether it is still to be filled. Once that was done it never is again, nor
# is it where there is anything.
[ ! -e "$1/../ferry-filled" ] && [ -z "$(ls -A "$1")" ] && echo yes
exit 0

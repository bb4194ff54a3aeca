#!/bin/sh
# $1 a socket that gives no answer: why, in a word.
if [ ! -e "$1" ]; then echo absent
elif [ -r "$1" ] && [ -w "$1" ]; then echo silent
else echo denied; fi

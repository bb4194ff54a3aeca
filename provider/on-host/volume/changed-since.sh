#!/bin/sh
# $1 the folder, $2 the file: what was changed after the file, as a path of one line. Change times
# cannot be set back. What was taken out of a folder has changed that one.
set -eu
cd "$1"
changed=$(find . -mindepth 1 -newercm "$2" -print -quit)
[ -n "$changed" ] || changed=$(find . -maxdepth 0 -newercm "$2" -print)
printf '%s\n' "$changed" | head -n 1

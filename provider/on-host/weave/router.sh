#!/bin/sh
# The first line of standard input is the password to compare with, or empty. Prints the status,
# the image, the arguments as JSON and how the passwords compare.
. ./path.sh
IFS= read -r wanted || wanted=
if ! found=$(docker inspect --type container -f '{{.State.Status}}
{{.Config.Image}}
{{json .Config.Cmd}}' weave 2>&1); then
  case $found in
    *'No such'*) exit 44 ;;
  esac
  echo "$found" >&2
  exit 1
fi
echo "$found"
actual=$(docker inspect --type container -f '{{range .Config.Env}}{{println .}}{{end}}' weave |
  sed -n 's/^WEAVE_PASSWORD=//p')
if [ -z "$actual" ]; then echo none
elif [ "$actual" = "$wanted" ]; then echo same
else echo other; fi

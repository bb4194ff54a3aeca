#!/bin/sh
# The same of the source.
for program in docker flock comm awk ip xargs; do
  command -v "$program" >/dev/null 2>&1 || { echo "it has no '$program'"; exit 1; }
done

#!/bin/sh
# The images that the weave command launches: those of its own version and owner.
. ../bootstrap/begin.sh
. ./set-in.sh
: "${images_file:=}"

command=$(command -v weave) || fail 7 "there is no weave command to tell which images it needs"
version=$(set_in SCRIPT_VERSION "$command")
owner=$(set_in DOCKERHUB_USER "$command")
owner=${owner:-weaveworks}
case $version in [0-9]*) tag=$version ;; *) tag=latest ;; esac
missing() {
  for image in "$owner/weave:$tag" "$owner/weaveexec:$tag" "$owner/weavedb:latest"; do
    docker image inspect "$image" >/dev/null 2>&1 || echo "$image"
  done
}

if [ -n "$(missing)" ] && [ -n "$images_file" ]; then
  [ -f "$images_file" ] || fail 5 "the archive of Weave's images that was to be copied here is not there"
  say "loading Weave's images"
  quietly docker load -q -i "$images_file" || fail 5 "the archive of Weave's images cannot be loaded: see above"
  lacking=$(missing)
  [ -z "$lacking" ] || fail 5 "the archive of Weave's images lacks $lacking"
fi
for image in $(missing); do
  say "fetching $image"
  quietly docker pull -q "$image" ||
    fail 5 "$image cannot be fetched: see above. Set \`proxy\`, \`mirrors\`, or give an archive of the images"
done
drop_copied "$images_file"
say "Weave's images of $tag by $owner are there"

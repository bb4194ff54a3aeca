#!/bin/sh
# Puts the host's own shell, with its loader and libraries, into a volume, so that a container can
# wait behind it whatever its image holds. The folder's name is the hash of what is in it: a host
# that was upgraded gets another one beside, and containers that were made with the old one keep
# it. $1 the volume. Says where it is, the folder, and how it is linked.
set -eu
umask 022
docker volume create --label pulumi-ferry.gate=1 "$1" >/dev/null
root=$(docker volume inspect -f '{{.Mountpoint}}' "$1")
mkdir -p "$root/hold"
shell=$(readlink -f /bin/sh)
made=$(mktemp -d "$root/.new.XXXXXX")
trap 'rm -rf "$made"' EXIT
mkdir "$made/lib"
cp "$shell" "$made/sh"
linked=statically
if needed=$(ldd "$shell" 2>/dev/null); then
  while read -r name arrow file _; do
    case $name,$arrow in
      /*) cp -L "$name" "$made/ld.so"; linked=dynamically ;;
      *,'=>') cp -L "$file" "$made/lib/$name" ;;
    esac
  done <<END
$needed
END
fi
chmod -R u=rwX,go=rX "$made"
sum() { (cd "$1" && find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -c1-16); }
folder=$(sum "$made")
if [ ! -d "$root/$folder" ]; then
  sync
  mv -T "$made" "$root/$folder" 2>/dev/null || [ -d "$root/$folder" ]
fi
[ "$(sum "$root/$folder")" = "$folder" ]
if [ "$linked" = dynamically ]; then
  "$root/$folder/ld.so" --library-path "$root/$folder/lib" "$root/$folder/sh" -c 'exit 7' || [ $? = 7 ]
else
  "$root/$folder/sh" -c 'exit 7' || [ $? = 7 ]
fi
printf '%s\n' "$folder" "$linked"

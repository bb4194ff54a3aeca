import type { Gate, Host } from "../../core/ports";
import { GATE_VOLUME, gateIn } from "../../core/move/gate";

/**
 * Puts the host's own shell, with its loader and libraries, into a volume, so that a container can
 * wait behind it whatever its image holds. The folder's name is the hash of what is in it: a host
 * that was upgraded gets another one beside, and containers that were made with the old one keep
 * it. $1 the volume. Says where it is, the folder, and how it is linked.
 */
const MAKE_GATE = `
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
printf '%s\\n' "$folder" "$linked"
`;

/** Docker itself refuses while a container, stopped or not, has it. */
const DROP_GATE = `
docker volume rm "$1" >/dev/null 2>&1
exit 0
`;

/**
 * Undefined where the host has no means for it, as without Docker's command or a shell that can be
 * copied.
 */
export async function makeGate(host: Host): Promise<Gate | undefined> {
  const { exitCode, stdout } = await host.shell.script(MAKE_GATE, [GATE_VOLUME], { root: true });
  const [folder, linked] = stdout.trim().split("\n");
  if (exitCode !== 0 || folder === undefined || !/^[0-9a-f]{16}$/.test(folder)) return undefined;
  return gateIn(folder, linked === "statically" ? "statically" : "dynamically");
}

export async function dropGate(host: Host): Promise<void> {
  await host.shell.script(DROP_GATE, [GATE_VOLUME], { root: true });
}

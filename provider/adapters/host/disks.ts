import { FerryError } from "../../core/errors";
import type { Disk, Disks } from "../../core/move/room";
import type { DockerInfo, Host } from "../../core/adapter-ports";
import { hostProgram } from "../../on-host/load";

export const DISKS = hostProgram("host/disks.sh");

/** The disks that Docker's volumes and images are on. */
export async function disksOf(host: Host, docker: DockerInfo): Promise<Disks> {
  const { rootDirectory, imageStore, containerdAddress } = docker;
  const args = [rootDirectory, imageStore, containerdAddress];
  const { stdout, stderr } = await host.shell.script(DISKS, args, { root: true });
  const lines = stdout.split("\n");
  const [volumes, images] = [diskIn(lines.slice(0, 3)), diskIn(lines.slice(3, 6))];
  if (volumes !== undefined && images !== undefined) return { volumes, images };
  throw new FerryError({
    kind: "trouble",
    what: "reading how much room Docker has",
    host: host.name,
    reason: stderr.trim().split("\n").at(-1) ?? "",
    touched: "nothing",
  });
}

function diskIn([path = "", id = "", kibibytes = ""]: readonly string[]): Disk | undefined {
  if (!/^\d+$/.test(kibibytes)) return undefined;
  return { path, id, freeBytes: Number(kibibytes) * 1024 };
}

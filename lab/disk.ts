import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";

import { must } from "./exec";
import type { Host } from "./identity";

function imageOf(host: Host): string {
  return join(host.dir, "docker.img");
}

/**
 * Gives a host that was never up a disk of its own for what is Docker's, so that it can be filled.
 * It stays with the host.
 */
export async function makeDisk(host: Host, mebibytes: number): Promise<void> {
  const image = imageOf(host);
  if (existsSync(image)) return;
  mkdirSync(host.dir, { recursive: true });
  await must(["truncate", "-s", `${mebibytes}M`, `${image}.new`]);
  // No room that only root may use, and no work that is put off until later.
  const options = "lazy_itable_init=0,lazy_journal_init=0";
  await must(["mkfs.ext4", "-q", "-m", "0", "-E", options, `${image}.new`]);
  await must(["mv", `${image}.new`, image]);
}

/** Only while the host is down. Unmounted with everything else under the host's folder. */
export async function mountDisk(host: Host): Promise<void> {
  if (!existsSync(imageOf(host))) return;
  await must(["mount", "-o", "loop", imageOf(host), join(host.dir, "docker")]);
}

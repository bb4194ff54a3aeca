import { rmSync } from "node:fs";
import { join } from "node:path";

import { libraryTriplet, unpackPackages } from "./debs";
import type { Step } from "./step";

const packages = ["docker-compose"];

/**
 * Debian's docker-compose with all that it depends on: a tree to chroot into, as the lab's hosts have
 * no Python for it.
 */
export const dockerCompose: Step = {
  name: "docker-compose",
  title: "unpacking docker-compose",
  expectedSeconds: 20,
  recipe: () => JSON.stringify([packages, libraryTriplet()]),
  keyFiles: ["root/usr/bin/docker-compose"],
  build: async (dir, log) => {
    const scratch = join(dir, "apt");
    await unpackPackages(packages, join(dir, "root"), scratch, log, { dependencies: true });
    rmSync(scratch, { recursive: true });
  },
};

import { rmSync } from "node:fs";
import { join } from "node:path";

import { libraryTriplet, unpackPackages } from "./debs";
import type { Step } from "./step";

const packages = ["docker-registry"];

/** Debian's registry for images, which runs beside the hosts. It needs no more than libc. */
export const dockerRegistry: Step = {
  name: "docker-registry",
  title: "unpacking docker-registry",
  expectedSeconds: 10,
  recipe: () => JSON.stringify([packages, libraryTriplet()]),
  keyFiles: ["root/usr/bin/docker-registry"],
  build: async (dir, log) => {
    const scratch = join(dir, "apt");
    await unpackPackages(packages, join(dir, "root"), scratch, log, { dependencies: false });
    rmSync(scratch, { recursive: true });
  },
};

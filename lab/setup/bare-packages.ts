import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { Suite } from "../kind";
import { bareTree } from "./base";
import { debianMirror } from "./debian";
import { fetchPackages } from "./debs";
import { resultOf, type Step } from "./step";

/** What a bare host lacks of what Ferry needs. */
const wanted = ["docker.io", "docker-cli", "rsync", "python3-minimal", "iptables", "iproute2"];

/**
 * A folder of packages as an operator would carry it to a host that reaches no mirror: all that a
 * bare host lacks, with what that depends on.
 */
export function barePackages(suite: Suite): Step {
  return {
    name: "bare-packages",
    title: `downloading what a bare host of ${suite} lacks`,
    expectedSeconds: 30,
    recipe: () => JSON.stringify([suite, wanted, bareTree(suite).recipe()]),
    keyFiles: ["list"],
    build: async (dir, log) => {
      const scratch = join(dir, "scratch");
      const archives = await fetchPackages(wanted, scratch, log, {
        dependencies: true,
        sources: [{ uri: await debianMirror(), release: suite, component: "main" }],
        status: join(resultOf(bareTree(suite)), "root/var/lib/dpkg/status"),
      });
      mkdirSync(join(dir, "packages"));
      const files = readdirSync(archives).filter((name) => name.endsWith(".deb"));
      for (const file of files) renameSync(join(archives, file), join(dir, "packages", file));
      writeFileSync(join(dir, "list"), `${files.sort().join("\n")}\n`);
      rmSync(scratch, { recursive: true });
    },
  };
}

import { copyFileSync, existsSync, linkSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { basename, join } from "node:path";

import { shellQuote } from "./exec";
import type { Host, Lab } from "./identity";
import { hostImages, readIndex } from "./setup/images";
import { ensure, resultOf, type Say, type Step } from "./setup/step";
import { mustRun, run } from "./ssh";
import { webImage } from "./web-image";

function archiveName(step: Step): string {
  return `${basename(resultOf(step))}.tar`;
}

/** Puts the archives where every host sees them, in order of loading. Nothing is copied where a link will do. */
export async function offerImages(lab: Lab, say: Say): Promise<Step[]> {
  const web = webImage();
  if (web === undefined) say("no examples/moby-counter/web yet: going without ferry-demo/web:1");
  else await ensure(web, { index: 1, count: 1 }, say);
  const steps = web === undefined ? [hostImages] : [hostImages, web];
  const folder = join(lab.dir, "images");
  mkdirSync(folder, { recursive: true });
  for (const stale of readdirSync(folder)) {
    if (!steps.some((step) => archiveName(step) === stale)) rmSync(join(folder, stale));
  }
  for (const step of steps) {
    const target = join(folder, archiveName(step));
    if (existsSync(target)) continue;
    const source = join(resultOf(step), "images.tar");
    try {
      linkSync(source, target);
    } catch {
      copyFileSync(source, target); // another file system
    }
  }
  return steps;
}

/** Loads what the host lacks. The same contents have the same id everywhere, so one look at the ids is enough. */
export async function loadImages(lab: Lab, host: Host, steps: readonly Step[]): Promise<void> {
  for (const step of steps) {
    const { ids } = readIndex(step);
    const tags = Object.keys(ids).map(shellQuote);
    const asked = tags
      .map((tag) => `docker image inspect -f '{{.Id}}' ${tag} 2>/dev/null || echo none`)
      .join("; ");
    const found = (await run(host.name, asked, {}, lab)).stdout.trim().split("\n");
    const stale = Object.values(ids).some((id, index) => found[index] !== id);
    if (!stale) continue;
    await mustRun(
      host.name,
      ["docker", "load", "-q", "-i", `/opt/ferry-lab-images/${archiveName(step)}`],
      lab,
    );
    // The image that lost its tag has no other use; one that a container still runs from stays.
    const replaced = found.filter((id, index) => id !== "none" && id !== Object.values(ids)[index]);
    if (replaced.length > 0) await run(host.name, ["docker", "image", "rm", ...replaced], {}, lab);
  }
}

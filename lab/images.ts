import { copyFileSync, existsSync, linkSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { basename, join } from "node:path";

import { shellQuote } from "./exec";
import type { Host, Lab } from "./identity";
import type { HostKind } from "./kind";
import { demoImages, readIndex } from "./setup/images";
import { proxyImage, proxyTree } from "./setup/proxy-image";
import { ensure, resultOf, type Say, type Step } from "./setup/step";
import { weaveImages } from "./setup/weave-images";
import { mustRun, run } from "./ssh";
import { webImage } from "./web-image";

function archiveName(step: Step): string {
  return `${basename(resultOf(step))}.tar`;
}

/** Which archives hosts load, in order. */
export type ImagesOf = (kind: HostKind) => Step[];

/** HAProxy, for who asks for it: the hosts of most tests go without. */
export async function loadProxyImage(lab: Lab, hosts: readonly Host[], say: Say): Promise<void> {
  for (const step of [proxyTree, proxyImage]) await ensure(step, { index: 1, count: 2 }, say);
  const target = join(lab.dir, "images", archiveName(proxyImage));
  if (!existsSync(target)) copyFileSync(join(resultOf(proxyImage), "images.tar"), target);
  await Promise.all(hosts.map((host) => loadImages(lab, host, [proxyImage])));
}

/** Puts the archives where every host sees them. Nothing is copied where a link will do. */
export async function offerImages(
  lab: Lab,
  kinds: readonly HostKind[],
  say: Say,
): Promise<ImagesOf> {
  const web = { overlay2: webImage("upper layer"), containerd: webImage("all layers") };
  if (web.overlay2 === undefined) {
    say("no examples/moby-counter/web yet: going without ferry-demo/web:1");
  }
  const imagesOf: ImagesOf = ({ store, weave }) => {
    const app = web[store];
    return [demoImages, weaveImages(weave), ...(app === undefined ? [] : [app])];
  };
  const steps = [...new Map(kinds.flatMap(imagesOf).map((step) => [archiveName(step), step]))];
  const folder = join(lab.dir, "images");
  mkdirSync(folder, { recursive: true });
  for (const stale of readdirSync(folder)) {
    if (!steps.some(([name]) => name === stale)) rmSync(join(folder, stale));
  }
  for (const [name, step] of steps) {
    await ensure(step, { index: 1, count: 1 }, say);
    const target = join(folder, name);
    if (existsSync(target)) continue;
    const source = join(resultOf(step), "images.tar");
    try {
      linkSync(source, target);
    } catch {
      copyFileSync(source, target); // another file system
    }
  }
  return imagesOf;
}

/**
 * On the disk that the images are on. An image's id would not do: it is not the same in both of
 * Docker's stores.
 */
const loadedFile = "/var/lib/docker/ferry-lab-loaded";

/** Loads what the host lacks. */
export async function loadImages(lab: Lab, host: Host, steps: readonly Step[]): Promise<void> {
  for (const step of steps) {
    const name = archiveName(step);
    const ask = Object.keys(readIndex(step).ids)
      .map((tag) => `docker image inspect -f '{{.Id}}' ${shellQuote(tag)} 2>/dev/null || echo none`)
      .join("; ");
    const idsNow = async (): Promise<string[]> =>
      (await run(host.name, ask, {}, lab)).stdout.trim().split("\n");
    const before = await idsNow();
    const loaded = await run(host.name, ["grep", "-qxF", name, loadedFile], {}, lab);
    if (loaded.code === 0 && !before.includes("none")) continue;
    const load = ["docker", "load", "-q", "-i", `/opt/ferry-lab-images/${name}`];
    await mustRun(host.name, load, lab);
    await mustRun(host.name, `echo ${shellQuote(name)} >>${loadedFile}`, lab);
    // The image that lost its tag has no other use; one that a container still runs from stays.
    const after = await idsNow();
    const replaced = before.filter((id) => id !== "none" && !after.includes(id));
    if (replaced.length > 0) await run(host.name, ["docker", "image", "rm", ...replaced], {}, lab);
  }
}

import { createHash } from "node:crypto";
import { createReadStream, linkSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";

import { must } from "../exec";

/** A layer of an image: its tar file, named by the hash that Docker knows it by. */
export interface Layer {
  diffId: string;
  file: string;
}

export interface ImageSpec {
  /** Every name that it has. */
  tags: readonly string[];
  /** From the bottom up. */
  layers: { diffId: string; file?: string }[];
  config: {
    Entrypoint?: string[];
    Cmd?: string[];
    WorkingDir?: string;
    Labels?: Record<string, string>;
    Volumes?: Record<string, object>;
    ExposedPorts?: Record<string, object>;
  };
}

/**
 * Times and owners are set to fixed values, so that the same contents are the same image on every
 * machine.
 */
export async function makeLayer(tree: string, file: string): Promise<Layer> {
  const fixed = ["--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner"];
  await must(["tar", ...fixed, "--format=gnu", "-C", tree, "-cf", file, "."]);
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return { diffId: hash.digest("hex"), file };
}

const path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** The image's description; its hash is the image's id, the same on every host. */
export function imageConfig(spec: ImageSpec, arch: NodeJS.Architecture = process.arch): string {
  return JSON.stringify({
    architecture: arch === "x64" ? "amd64" : arch,
    os: "linux",
    created: "2024-01-01T00:00:00Z",
    config: { Env: [path], ...spec.config },
    rootfs: { type: "layers", diff_ids: spec.layers.map((layer) => `sha256:${layer.diffId}`) },
    history: spec.layers.map(() => ({ created: "2024-01-01T00:00:00Z", created_by: "ferry lab" })),
  });
}

export function imageId(spec: ImageSpec): string {
  return createHash("sha256").update(imageConfig(spec)).digest("hex");
}

/**
 * Writes one archive for `docker load` with all of the images; shared layers are in it once. A
 * layer without a file is one that the receiving daemon already has.
 */
export async function writeArchive(
  images: readonly ImageSpec[],
  scratch: string,
  archive: string,
): Promise<void> {
  mkdirSync(scratch, { recursive: true });
  const written = new Set<string>();
  const manifest = images.map((image) => {
    const config = `${imageId(image)}.json`;
    writeFileSync(join(scratch, config), imageConfig(image));
    const layers = image.layers.map(({ diffId, file }) => {
      const name = `${diffId}.tar`;
      if (file !== undefined && !written.has(name)) linkSync(file, join(scratch, name));
      written.add(name);
      return name;
    });
    return { Config: config, RepoTags: image.tags, Layers: layers };
  });
  writeFileSync(join(scratch, "manifest.json"), JSON.stringify(manifest));
  await must(["tar", "-C", scratch, "-cf", archive, "."]);
}

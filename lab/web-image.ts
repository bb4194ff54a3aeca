import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { LabError } from "./errors";
import { must } from "./exec";
import { type ImageSpec, imageId, makeLayer, writeArchive } from "./setup/archive";
import { demoImages, type ImageIndex, readIndex } from "./setup/images";
import { copyFolder } from "./setup/image-tree";
import { repoRoot } from "./setup/pulumi";
import { resultOf, type Step } from "./setup/step";

const webFolder = join(repoRoot, "examples/moby-counter/web");
const webTag = "ferry-demo/web:1";
const results = ["images.tar", "index.json"];

function folderHash(folder: string): string {
  const hash = createHash("sha256");
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  for (const file of files)
    hash.update(`${file.slice(folder.length)}\0`).update(readFileSync(file));
  return hash.digest("hex");
}

/**
 * Which layers an archive has: Docker's own store needs the new one alone, containerd's wants them
 * all.
 */
type Contained = "upper layer" | "all layers";

/** The layers of the node image. */
async function lowerLayers(contained: Contained, dir: string): Promise<ImageSpec["layers"]> {
  const { layers } = readIndex(demoImages);
  const diffIds = ["box", "node"].map((name) => layers[name] ?? "");
  if (contained === "upper layer") return diffIds.map((diffId) => ({ diffId }));
  const files = diffIds.map((diffId) => `./${diffId}.tar`);
  await must(["tar", "-C", dir, "-xf", join(resultOf(demoImages), "images.tar"), ...files]);
  return diffIds.map((diffId) => ({ diffId, file: join(dir, `${diffId}.tar`) }));
}

/**
 * The demo's web image: the node image and one layer with the demo's files. A changed file is a new
 * image at the next `up`.
 */
export function webImage(contained: Contained, folder = webFolder): Step | undefined {
  if (!existsSync(folder)) return undefined;
  // Taken once: somebody may be editing these files, and each use of the step must mean the same
  // image.
  const contents = folderHash(folder);
  return {
    name: contained === "all layers" ? "web-image-whole" : "web-image",
    title: "making the demo's web image",
    expectedSeconds: 2,
    recipe: () => JSON.stringify([demoImages.recipe(), contained, contents]),
    keyFiles: results,
    build: async (dir) => {
      const tree = join(dir, "tree");
      mkdirSync(tree);
      copyFolder(folder, join(tree, "app"));
      if (folderHash(join(tree, "app")) !== contents) {
        throw new LabError(`${folder} was changed while it was copied`);
      }
      const app = await makeLayer(tree, join(dir, "app.tar"));
      const image: ImageSpec = {
        tags: [webTag],
        layers: [...(await lowerLayers(contained, dir)), app],
        config: {
          Entrypoint: ["/usr/bin/node"],
          Cmd: ["/app/server.js"],
          WorkingDir: "/app",
        },
      };
      await writeArchive([image], join(dir, "archive"), join(dir, "images.tar"));
      const index: ImageIndex = { ids: { [webTag]: `sha256:${imageId(image)}` }, layers: {} };
      writeFileSync(join(dir, "index.json"), JSON.stringify(index));
      for (const name of readdirSync(dir)) {
        if (!results.includes(name)) rmSync(join(dir, name), { recursive: true });
      }
    },
  };
}

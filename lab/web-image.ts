import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { LabError } from "./errors";
import { type ImageSpec, imageId, makeLayer, writeArchive } from "./setup/archive";
import { hostImages, type ImageIndex, readIndex } from "./setup/images";
import { copyFolder } from "./setup/image-tree";
import { repoRoot } from "./setup/pulumi";
import type { Step } from "./setup/step";

const webFolder = join(repoRoot, "examples/moby-counter/web");
const webTag = "ferry-demo/web:1";

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

/** The demo's web image: the node image and one layer with the demo's files. A changed file is a new image at the next `up`. */
export function webImage(folder = webFolder): Step | undefined {
  if (!existsSync(folder)) return undefined;
  // Taken once: somebody may be editing these files, and each use of the step must mean the same image.
  const contents = folderHash(folder);
  return {
    name: "web-image",
    title: "making the demo's web image",
    expectedSeconds: 2,
    recipe: () => JSON.stringify([hostImages.recipe(), contents]),
    keyFiles: ["images.tar", "index.json"],
    build: async (dir) => {
      const tree = join(dir, "tree");
      mkdirSync(tree);
      copyFolder(folder, join(tree, "app"));
      if (folderHash(join(tree, "app")) !== contents) {
        throw new LabError(`${folder} was changed while it was copied`);
      }
      const app = await makeLayer(tree, join(dir, "app.tar"));
      const { layers } = readIndex(hostImages);
      // The lower layers are on every host already: their files need not travel again.
      const image: ImageSpec = {
        tag: webTag,
        layers: [{ diffId: layers["box"] ?? "" }, { diffId: layers["node"] ?? "" }, app],
        config: {
          Entrypoint: ["/usr/bin/node"],
          Cmd: ["/app/server.js"],
          WorkingDir: "/app",
        },
      };
      await writeArchive([image], join(dir, "archive"), join(dir, "images.tar"));
      const index: ImageIndex = { ids: { [webTag]: `sha256:${imageId(image)}` }, layers: {} };
      writeFileSync(join(dir, "index.json"), JSON.stringify(index));
      for (const name of ["tree", "archive", "app.tar"])
        rmSync(join(dir, name), { recursive: true });
    },
  };
}

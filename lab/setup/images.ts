import { mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { must } from "../exec";
import { type ImageSpec, imageId, type Layer, makeLayer, writeArchive } from "./archive";
import { copyFile, copyFolder, copyPrograms, imageTree, imageTreeRoot } from "./image-tree";
import { resultOf, type Step } from "./step";

/** Changes with what this file puts into an image. */
const contentVersion = 4;

/**
 * What a later step needs to know of the images: their ids by tag, and the layers others build on.
 */
export interface ImageIndex {
  ids: Record<string, string>;
  layers: Record<string, string>;
}

export type Fill = (tree: string) => Promise<void> | void;

/** The layer that all images but the empty one begin with. */
export async function boxTree(tree: string): Promise<void> {
  for (const dir of ["bin", "etc", "proc", "sys", "dev", "root", "run", "var", "usr/bin"]) {
    mkdirSync(join(tree, dir), { recursive: true });
  }
  mkdirSync(join(tree, "tmp"), { mode: 0o777 });
  const busybox = join(tree, "bin/busybox");
  copyFile(join(imageTreeRoot(), "bin/busybox"), busybox);
  for (const applet of (await must([busybox, "--list"])).split("\n")) {
    if (applet !== "" && applet !== "busybox") symlinkSync("busybox", join(tree, "bin", applet));
  }
  writeFileSync(join(tree, "etc/passwd"), "root:x:0:0:root:/root:/bin/sh\n");
  writeFileSync(join(tree, "etc/group"), "root:x:0:\n");
  writeFileSync(join(tree, "etc/nsswitch.conf"), "hosts: files dns\n");
}

async function redisTree(tree: string): Promise<void> {
  await copyPrograms(["usr/bin/redis-server", "usr/bin/redis-cli"], tree);
  mkdirSync(join(tree, "data"));
}

async function nodeTree(tree: string): Promise<void> {
  await copyPrograms(["usr/bin/node"], tree);
  // Debian's Node keeps some of its built-in modules as files.
  copyFolder(join(imageTreeRoot(), "usr/share/nodejs"), join(tree, "usr/share/nodejs"));
}

/** An archive of images, and what is known of them; each layer is a tree that is filled. */
export function imagesStep(options: {
  name: string;
  title: string;
  recipe: () => string;
  layers: Record<string, Fill>;
  images: (stack: (...names: string[]) => Layer[]) => ImageSpec[];
}): Step {
  return {
    name: options.name,
    title: options.title,
    expectedSeconds: 10,
    recipe: () => JSON.stringify([contentVersion, imageTree.recipe(), options.recipe()]),
    keyFiles: ["images.tar", "index.json"],
    build: async (dir) => {
      const layers: Record<string, Layer> = {};
      for (const [name, fill] of Object.entries(options.layers)) {
        const tree = join(dir, "trees", name);
        mkdirSync(tree, { recursive: true });
        await fill(tree);
        layers[name] = await makeLayer(tree, join(dir, `${name}.tar`));
      }
      const images = options.images((...names) =>
        names.flatMap((name) => {
          const layer = layers[name];
          return layer === undefined ? [] : [layer];
        }),
      );
      await writeArchive(images, join(dir, "archive"), join(dir, "images.tar"));
      const index: ImageIndex = {
        ids: Object.fromEntries(
          images.flatMap((image) => image.tags.map((tag) => [tag, `sha256:${imageId(image)}`])),
        ),
        layers: Object.fromEntries(
          Object.entries(layers).map(([name, layer]) => [name, layer.diffId]),
        ),
      };
      writeFileSync(join(dir, "index.json"), JSON.stringify(index, null, 2));
      for (const name of readdirSync(dir)) {
        if (name !== "images.tar" && name !== "index.json") {
          rmSync(join(dir, name), { recursive: true });
        }
      }
    },
  };
}

/**
 * What tests and the examples run; the same on every kind of host. Where an example takes an image
 * from a registry, the lab's stand-in has that name too: hosts of the lab reach no registry.
 */
export const demoImages = imagesStep({
  name: "images",
  title: "making the hosts' images (redis, node, box)",
  recipe: () => "named as in registries",
  layers: { box: boxTree, redis: redisTree, node: nodeTree },
  images: (stack) => [
    { tags: ["ferry-demo/box:1", "busybox:1"], layers: stack("box"), config: { Cmd: ["/bin/sh"] } },
    {
      tags: ["ferry-demo/redis:1", "redis:7"],
      layers: stack("box", "redis"),
      config: {
        Entrypoint: ["/usr/bin/redis-server"],
        WorkingDir: "/data",
        ExposedPorts: { "6379/tcp": {} },
      },
    },
    {
      tags: ["ferry-demo/node:18"],
      layers: stack("box", "node"),
      config: { Entrypoint: ["/usr/bin/node"] },
    },
  ],
});

export function readIndex(step: Step): ImageIndex {
  return JSON.parse(readFileSync(join(resultOf(step), "index.json"), "utf8")) as ImageIndex;
}

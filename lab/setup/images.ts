import { mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { must } from "../exec";
import { type ImageSpec, imageId, type Layer, makeLayer, writeArchive } from "./archive";
import {
  copyFile,
  copyFolder,
  copyPrograms,
  copyWithLibraries,
  imageTree,
  imageTreeRoot,
} from "./image-tree";
import { libraryTriplet } from "./debs";
import { resultOf, type Step } from "./step";
import { weaveBuild, weaveVersion } from "./weave";

/** Changes with what this file puts into an image. */
const contentVersion = 3;

/** What a later step needs to know of the images: their ids by tag, and the layers others build on. */
export interface ImageIndex {
  ids: Record<string, string>;
  layers: Record<string, string>;
}

type Fill = (tree: string) => Promise<void> | void;

async function boxTree(tree: string): Promise<void> {
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

/** What Weave's own images have: its programs and the network tools that they call. */
async function weaveTree(tree: string): Promise<void> {
  const bin = join(resultOf(weaveBuild), "bin");
  await copyPrograms(
    ["usr/sbin/ipset", "usr/sbin/conntrack", "usr/bin/curl", "usr/bin/dig", "sbin/ip"],
    tree,
  );
  const tables = ["usr/sbin/xtables-nft-multi", "usr/sbin/xtables-legacy-multi"];
  await copyPrograms(tables, tree);
  for (const family of ["iptables", "ip6tables"]) {
    for (const suffix of ["", "-save", "-restore"]) {
      const link = (name: string, multi: string): void =>
        symlinkSync(`xtables-${multi}-multi`, join(tree, "usr/sbin", name));
      link(`${family}${suffix}`, "nft");
      link(`${family}-nft${suffix}`, "nft");
      link(`${family}-legacy${suffix}`, "legacy");
    }
  }
  const extensions = join("usr/lib", libraryTriplet(), "xtables");
  copyFolder(join(imageTreeRoot(), extensions), join(tree, extensions));
  await copyWithLibraries(join(bin, "weaver"), join(tree, "home/weave/weaver"), tree);
  copyFile(join(bin, "weave"), join(tree, "home/weave/weave"));
  copyFile(join(bin, "weaveutil"), join(tree, "usr/bin/weaveutil"));
  copyFile(join(bin, "sigproxy"), join(tree, "home/weave/sigproxy"));
  copyFile(join(bin, "weavewait"), join(tree, "w/w"));
  copyFile(join(bin, "weavewait_noop"), join(tree, "w-noop/w"));
  copyFile(join(bin, "weavewait_nomcast"), join(tree, "w-nomcast/w"));
  mkdirSync(join(tree, "weavedb"));
  writeFileSync(join(tree, "weavedb/weavedata.db"), "");
}

const trees: Record<string, Fill> = {
  box: boxTree,
  redis: redisTree,
  node: nodeTree,
  weave: weaveTree,
  empty: (tree) => mkdirSync(join(tree, "etc")),
};

function specs(layers: Record<string, Layer>): ImageSpec[] {
  const stack = (...names: string[]): Layer[] =>
    names.flatMap((name) => {
      const layer = layers[name];
      return layer === undefined ? [] : [layer];
    });
  const Labels = { "works.weave.role": "system" };
  const weave = { WorkingDir: "/home/weave", Labels };
  return [
    {
      tag: `weaveworks/weave:${weaveVersion}`,
      layers: stack("box", "weave"),
      config: { Entrypoint: ["/home/weave/weaver"], ...weave },
    },
    {
      tag: `weaveworks/weaveexec:${weaveVersion}`,
      layers: stack("box", "weave"),
      config: { Entrypoint: ["/home/weave/sigproxy", "/home/weave/weave"], ...weave },
    },
    {
      tag: "weaveworks/weavedb:latest",
      layers: stack("empty"),
      config: { Entrypoint: ["data-only"], Labels },
    },
    { tag: "ferry-demo/box:1", layers: stack("box"), config: { Cmd: ["/bin/sh"] } },
    {
      tag: "ferry-demo/redis:1",
      layers: stack("box", "redis"),
      config: {
        Entrypoint: ["/usr/bin/redis-server"],
        WorkingDir: "/data",
        ExposedPorts: { "6379/tcp": {} },
      },
    },
    {
      tag: "ferry-demo/node:18",
      layers: stack("box", "node"),
      config: { Entrypoint: ["/usr/bin/node"] },
    },
  ];
}

export const hostImages: Step = {
  name: "images",
  title: "making the hosts' images (Weave, redis, node, box)",
  expectedSeconds: 15,
  recipe: () => JSON.stringify([contentVersion, imageTree.recipe(), weaveBuild.recipe()]),
  keyFiles: ["images.tar", "index.json"],
  build: async (dir) => {
    const layers: Record<string, Layer> = {};
    for (const [name, fill] of Object.entries(trees)) {
      const tree = join(dir, "trees", name);
      mkdirSync(tree, { recursive: true });
      await fill(tree);
      layers[name] = await makeLayer(tree, join(dir, `${name}.tar`));
    }
    const images = specs(layers);
    await writeArchive(images, join(dir, "archive"), join(dir, "images.tar"));
    const index: ImageIndex = {
      ids: Object.fromEntries(images.map((image) => [image.tag, `sha256:${imageId(image)}`])),
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

export function readIndex(step: Step): ImageIndex {
  return JSON.parse(readFileSync(join(resultOf(step), "index.json"), "utf8")) as ImageIndex;
}

import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { WeaveName } from "../kind";
import { libraryTriplet } from "./debs";
import { copyFile, copyFolder, copyPrograms, copyWithLibraries, imageTreeRoot } from "./image-tree";
import { boxTree, imagesStep } from "./images";
import { resultOf, type Step } from "./step";
import { weaveBuild, weaves } from "./weave";

/** What Weave's own images have: its programs and the network tools that they call. */
async function weaveTree(name: WeaveName, tree: string): Promise<void> {
  const bin = join(resultOf(weaveBuild(name)), "bin");
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

/** The images that a `weave` command runs. */
export function weaveImages(name: WeaveName): Step {
  const { owner, version } = weaves[name];
  const Labels = { "works.weave.role": "system" };
  const weave = { WorkingDir: "/home/weave", Labels };
  return imagesStep({
    name: `${name}-images`,
    title: `making the images of ${name}`,
    recipe: () => weaveBuild(name).recipe(),
    layers: {
      box: boxTree,
      weave: (tree) => weaveTree(name, tree),
      empty: (tree) => mkdirSync(join(tree, "etc")),
    },
    images: (stack) => [
      {
        tags: [`${owner}/weave:${version}`],
        layers: stack("box", "weave"),
        config: { Entrypoint: ["/home/weave/weaver"], ...weave },
      },
      {
        tags: [`${owner}/weaveexec:${version}`],
        layers: stack("box", "weave"),
        config: { Entrypoint: ["/home/weave/sigproxy", "/home/weave/weave"], ...weave },
      },
      {
        tags: [`${owner}/weavedb:latest`],
        layers: stack("empty"),
        config: { Entrypoint: ["data-only"], Labels },
      },
    ],
  });
}

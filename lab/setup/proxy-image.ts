import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";

import { libraryTriplet, unpackPackages } from "./debs";
import { copyPrograms } from "./image-tree";
import { boxTree, imagesStep } from "./images";
import { resultOf, type Step } from "./step";

const packages = ["haproxy"];

/** Debian's HAProxy, apart from the other images' programs: one test in the lab asks for it. */
export const proxyTree: Step = {
  name: "proxy-tree",
  title: "unpacking Debian's haproxy",
  expectedSeconds: 15,
  recipe: () => JSON.stringify([packages, libraryTriplet()]),
  keyFiles: ["root/usr/sbin/haproxy"],
  build: async (dir, log) => {
    const apt = join(dir, "apt");
    await unpackPackages(packages, join(dir, "root"), apt, log, { dependencies: true });
    rmSync(apt, { recursive: true });
  },
};

/** What stands for `haproxy:lts` in the lab, whose hosts reach no registry. */
export const proxyImage: Step = imagesStep({
  name: "proxy-image",
  title: "making the hosts' image of HAProxy",
  recipe: () => proxyTree.recipe(),
  layers: {
    box: boxTree,
    haproxy: async (tree) => {
      await copyPrograms(["usr/sbin/haproxy"], tree, join(resultOf(proxyTree), "root"));
      mkdirSync(join(tree, "usr/local/etc"), { recursive: true });
    },
  },
  images: (stack) => [
    {
      tags: ["haproxy:lts"],
      layers: stack("box", "haproxy"),
      config: { Cmd: ["/usr/sbin/haproxy", "-v"] },
    },
  ],
});

import { copyFileSync, cpSync, existsSync, mkdirSync, realpathSync, rmSync } from "node:fs";
import { dirname, join, relative } from "node:path";

import { LabError } from "../errors";
import { must } from "../exec";
import { libraryTriplet, unpackPackages } from "./debs";
import { resultOf, type Step } from "./step";

/** Where the programs of all images come from. */
const packages = [
  "busybox-static",
  "redis-server",
  "redis-tools",
  "nodejs",
  "iptables",
  "ipset",
  "iproute2",
  "conntrack",
  "curl",
  "libpcap0.8",
  "bind9-dnsutils",
];

/**
 * Debian's packages with all that they depend on, unpacked: images take from here only what they
 * need.
 */
export const imageTree: Step = {
  name: "image-tree",
  title: "unpacking the Debian packages that images are made of",
  expectedSeconds: 30,
  recipe: () => JSON.stringify([packages, libraryTriplet()]),
  keyFiles: ["root/usr/bin/redis-server", "root/usr/bin/redis-cli", "root/bin/busybox"],
  build: async (dir, log) => {
    const apt = join(dir, "apt");
    await unpackPackages(packages, join(dir, "root"), apt, log, { dependencies: true });
    rmSync(apt, { recursive: true });
  },
};

export function imageTreeRoot(): string {
  return join(resultOf(imageTree), "root");
}

function loader(root: string): string {
  const name =
    process.arch === "arm64" ? "lib/ld-linux-aarch64.so.1" : "lib64/ld-linux-x86-64.so.2";
  const path = join(root, name);
  if (!existsSync(path)) throw new LabError(`the unpacked packages have no ${name}`);
  return path;
}

/**
 * The libraries a program needs, asked of the tree's own loader: the machine's may be of another
 * version.
 */
export async function librariesOf(program: string, root: string): Promise<string[]> {
  const triplet = libraryTriplet();
  const search = [`lib/${triplet}`, `usr/lib/${triplet}`].map((dir) => join(root, dir)).join(":");
  const listing = await must([loader(root), "--library-path", search, "--list", program]);
  return parseLibraryList(listing, root);
}

export function parseLibraryList(listing: string, root: string): string[] {
  return listing
    .split("\n")
    .map((line) => /(?:=> )?(\/\S+) \(0x/.exec(line)?.[1])
    .filter((path): path is string => path?.startsWith(`${root}/`) === true)
    .map((path) => relative(root, path));
}

/**
 * Copies programs into an image's tree at the place they have in Debian, with the libraries and the
 * loader they need.
 */
export async function copyPrograms(
  programs: readonly string[],
  target: string,
  root = imageTreeRoot(),
): Promise<void> {
  for (const program of programs) {
    await copyWithLibraries(join(root, program), join(target, program), target, root);
  }
}

export async function copyWithLibraries(
  from: string,
  to: string,
  target: string,
  root = imageTreeRoot(),
): Promise<void> {
  copyFile(from, to);
  const ld = relative(root, loader(root));
  for (const library of [...(await librariesOf(from, root)), ld]) {
    if (!existsSync(join(target, library))) copyFile(join(root, library), join(target, library));
  }
}

/** Copies what a link leads to. */
export function copyFile(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(realpathSync(from), to);
}

/**
 * Copies a folder with its relative links as they are: Node would make them point back at the
 * original.
 */
export function copyFolder(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  cpSync(from, to, { recursive: true, verbatimSymlinks: true });
}

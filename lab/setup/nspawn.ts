import { join } from "node:path";

import { libraryTriplet, unpackPackages } from "./debs";
import { resultOf, type Step } from "./step";

const packages = [
  "systemd-container",
  "libsystemd-shared",
  "libsystemd0",
  "systemd",
  "debootstrap",
];

/**
 * systemd-nspawn and debootstrap, unpacked and not installed: installing systemd-container may
 * upgrade the machine's own systemd.
 */
export const nspawnTools: Step = {
  name: "nspawn",
  title: "unpacking systemd-nspawn and debootstrap",
  expectedSeconds: 10,
  recipe: () => JSON.stringify([packages, libraryTriplet()]),
  keyFiles: ["root/usr/bin/systemd-nspawn", "root/usr/sbin/debootstrap"],
  build: (dir, log) =>
    unpackPackages(packages, join(dir, "root"), join(dir, "apt"), log, { dependencies: false }),
};

export function nspawnPath(): string {
  return join(resultOf(nspawnTools), "root/usr/bin/systemd-nspawn");
}

/** nspawn's libraries, which are not among the machine's own. */
export function nspawnLibraries(): string {
  const root = join(resultOf(nspawnTools), "root");
  const triplet = libraryTriplet();
  return [
    `usr/lib/${triplet}/systemd`,
    `lib/${triplet}/systemd`,
    `usr/lib/${triplet}`,
    `lib/${triplet}`,
  ]
    .map((dir) => join(root, dir))
    .join(":");
}

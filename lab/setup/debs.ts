import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { mustLogged } from "../exec";
import { type AptSource, debianSources, sourcesList } from "./debian";

interface Wanted {
  readonly dependencies: boolean;
  /** @default Debian's own sources of this machine */
  readonly sources?: readonly AptSource[];
  /** dpkg's list of what is there already. @default nothing is */
  readonly status?: string;
}

/** Downloads packages with everything they depend on and unpacks them into `root`. */
export async function unpackPackages(
  packages: readonly string[],
  root: string,
  scratch: string,
  log: string,
  options: Wanted,
): Promise<void> {
  const archives = await fetchPackages(packages, scratch, log, options);
  mkdirSync(root, { recursive: true });
  for (const file of readdirSync(archives).filter((name) => name.endsWith(".deb"))) {
    await mustLogged(["dpkg-deb", "-x", join(archives, file), root], log);
  }
}

/**
 * Downloads packages into a folder below `scratch`, installing nothing. apt gets a state of its own,
 * in which only these sources count.
 */
export async function fetchPackages(
  packages: readonly string[],
  scratch: string,
  log: string,
  { dependencies, sources, status = join(scratch, "status") }: Wanted,
): Promise<string> {
  for (const dir of ["lists/partial", "archives/partial", "etc", "preferences.d"]) {
    mkdirSync(join(scratch, dir), { recursive: true });
  }
  writeFileSync(join(scratch, "status"), "");
  writeFileSync(join(scratch, "sources.list"), sourcesList(sources ?? (await debianSources())));
  const own = [
    ["Dir::State::lists", join(scratch, "lists")],
    ["Dir::State::status", status],
    ["Dir::Cache::archives", join(scratch, "archives")],
    ["Dir::Cache::pkgcache", ""],
    ["Dir::Cache::srcpkgcache", ""],
    ["Dir::Etc::sourcelist", join(scratch, "sources.list")],
    ["Dir::Etc::sourceparts", join(scratch, "etc")],
    ["Dir::Etc::preferences", join(scratch, "no-preferences")],
    ["Dir::Etc::preferencesparts", join(scratch, "preferences.d")],
    // apt's unprivileged user cannot enter the cache of root.
    ["APT::Sandbox::User", "root"],
  ].flatMap(([name, value]) => ["-o", `${name ?? ""}=${value ?? ""}`]);
  await mustLogged(["apt-get", ...own, "update"], log);
  const archives = join(scratch, "archives");
  if (dependencies) {
    const install = ["install", "--download-only", "--no-install-recommends", "-y"];
    await mustLogged(["apt-get", ...own, ...install, ...packages], log);
  } else {
    await mustLogged(["apt-get", ...own, "download", ...packages], log, { cwd: archives });
  }
  return archives;
}

/** Debian's name for the machine's kind, as in /usr/lib/x86_64-linux-gnu. */
export function libraryTriplet(arch: NodeJS.Architecture = process.arch): string {
  return arch === "arm64" ? "aarch64-linux-gnu" : "x86_64-linux-gnu";
}

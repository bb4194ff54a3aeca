import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { mustLogged } from "../exec";
import { debianSources, sourcesList } from "./debian";

/**
 * Downloads packages with everything they depend on and unpacks them into `root`, installing
 * nothing. apt gets a state of its own, in which no package is installed and only Debian's own
 * sources count.
 */
export async function unpackPackages(
  packages: readonly string[],
  root: string,
  scratch: string,
  log: string,
  options: { dependencies: boolean },
): Promise<void> {
  for (const dir of ["lists/partial", "archives/partial", "etc", "preferences.d"]) {
    mkdirSync(join(scratch, dir), { recursive: true });
  }
  writeFileSync(join(scratch, "status"), "");
  writeFileSync(join(scratch, "sources.list"), sourcesList(await debianSources()));
  const own = [
    ["Dir::State::lists", join(scratch, "lists")],
    ["Dir::State::status", join(scratch, "status")],
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
  if (options.dependencies) {
    const install = ["install", "--download-only", "--no-install-recommends", "-y"];
    await mustLogged(["apt-get", ...own, ...install, ...packages], log);
  } else {
    await mustLogged(["apt-get", ...own, "download", ...packages], log, { cwd: archives });
  }
  mkdirSync(root, { recursive: true });
  for (const file of readdirSync(archives).filter((name) => name.endsWith(".deb"))) {
    await mustLogged(["dpkg-deb", "-x", join(archives, file), root], log);
  }
}

/** Debian's name for the machine's kind, as in /usr/lib/x86_64-linux-gnu. */
export function libraryTriplet(arch: NodeJS.Architecture = process.arch): string {
  return arch === "arm64" ? "aarch64-linux-gnu" : "x86_64-linux-gnu";
}

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { LabError } from "../errors";
import { exec, must } from "../exec";
import type { Say } from "./step";

/**
 * The release that images are made of, and hosts where nothing else is asked for. The machine
 * itself must run it.
 */
export const suite = "bookworm";

export interface AptSource {
  uri: string;
  release: string;
  component: string;
}

/** The lines that apt is asked for, one a package index: `uri|release|component|kind`. */
export const indexFormat = "$(REPO_URI)|$(RELEASE)|$(COMPONENT)|$(CREATED_BY)";

/**
 * Debian's own sources among those that the machine uses. Asking apt, rather than reading its
 * files, covers one-line and deb822 files alike, and options on the command line.
 */
export function parseIndexTargets(text: string): AptSource[] {
  const releases = new Set([suite, `${suite}-updates`, `${suite}-security`]);
  const sources = new Map<string, AptSource>();
  for (const line of text.split("\n")) {
    const [uri = "", release = "", component = "", kind = ""] = line.split("|");
    // Third parties name their releases after Debian's, too, but not with Debian's component `main`
    // and index both.
    if (kind === "Packages" && component === "main" && releases.has(release)) {
      sources.set(`${uri} ${release}`, { uri, release, component });
    }
  }
  return [...sources.values()];
}

let known: AptSource[] | undefined;

export async function debianSources(): Promise<AptSource[]> {
  if (known !== undefined) return known;
  const sources = parseIndexTargets(
    await must(["apt-get", "indextargets", "--format", indexFormat]),
  );
  if (!sources.some((source) => source.release === suite)) {
    throw new LabError(
      `apt on this machine has no source for Debian '${suite}' main; add one under /etc/apt/sources.list.d and run this again.`,
    );
  }
  known = sources;
  return sources;
}

/**
 * The mirror that debootstrap takes base trees from: one that has this release has the ones that we
 * use beside it.
 */
export async function debianMirror(): Promise<string> {
  const mirror = (await debianSources()).find((source) => source.release === suite);
  return mirror?.uri ?? "";
}

const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";

/** A sources.list with Debian's own sources only, whatever else the machine has. */
export function sourcesList(sources: readonly AptSource[]): string {
  const option = existsSync(keyring) ? `[signed-by=${keyring}] ` : "";
  return sources
    .map((source) => `deb ${option}${source.uri} ${source.release} ${source.component}\n`)
    .join("");
}

/** What the machine itself needs: to build Weave and Pulumi, and to run the lab. */
const toBuildAndRun = [
  "openssh-client",
  "iproute2",
  "util-linux",
  "mount",
  "tar",
  "gcc",
  "libc6-dev",
  "libpcap-dev",
  "wget",
  "ca-certificates",
];

/** What unit tests read and run scripts with; a test whose program is not there is left out. */
const toTestScripts = ["busybox", "dash", "bash", "fish", "tcsh", "zsh", "rsync", "restic"];

const machinePackages = [...toBuildAndRun, ...toTestScripts];

/** dpkg's own list is read, not asked for: this runs at every warm start. */
export function missingPackages(dpkgStatus: string, wanted: readonly string[]): string[] {
  const installed = new Set<string>();
  for (const entry of dpkgStatus.split("\n\n")) {
    const name = /^Package: (.+)$/m.exec(entry)?.[1];
    if (name !== undefined && /^Status: install ok installed$/m.test(entry)) installed.add(name);
  }
  return wanted.filter((name) => !installed.has(name));
}

export async function installMachinePackages(say: Say): Promise<void> {
  const missing = missingPackages(
    readFileSync(join("/var/lib/dpkg", "status"), "utf8"),
    machinePackages,
  );
  if (missing.length === 0) return;
  say(`installing Debian packages: ${missing.join(" ")} (about 20 s)`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const install = ["apt-get", "install", "-y", "--no-install-recommends", ...missing];
  const update = await exec(["apt-get", "update"], { env });
  const result = await exec(install, { env });
  if (result.code === 0) return;
  const reason = (result.stderr || update.stderr).trim().split("\n").pop() ?? "";
  throw new LabError(
    `apt-get could not install ${missing.join(" ")}: ${reason}; put apt right (try 'apt-get update') and run this again.`,
  );
}

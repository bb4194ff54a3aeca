import { readFileSync } from "node:fs";
import process from "node:process";

import { suite } from "./setup/debian";
import { findOnPath } from "./setup/pulumi";

/** Why the lab cannot run on this machine, in one sentence; undefined when it can. */
export function unavailable(): string | undefined {
  if (process.platform !== "linux") return "The lab needs Linux (Debian 12).";
  const release = readOsRelease();
  if (!release.includes(`VERSION_CODENAME=${suite}`)) {
    return "The lab needs Debian 12: its hosts are made from the machine's own packages.";
  }
  if (process.getuid?.() !== 0) return "The lab needs root: it runs real hosts; use sudo.";
  if (findOnPath("go") === undefined) {
    return "The lab needs Go 1.26.3 or later on PATH to build Weave Net, Docker and the Pulumi engine.";
  }
  return undefined;
}

function readOsRelease(): string {
  try {
    return readFileSync("/etc/os-release", "utf8");
  } catch {
    return "";
  }
}

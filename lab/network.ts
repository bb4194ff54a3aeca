import { existsSync, readdirSync } from "node:fs";

import { exec, must } from "./exec";
import type { Host, Lab } from "./identity";

function linkNames(): string[] {
  return readdirSync("/sys/class/net");
}

/** The switch that all hosts are plugged into; it reaches nothing but them and this machine. */
export async function ensureBridge(lab: Lab): Promise<void> {
  if (!linkNames().includes(lab.bridge)) {
    await must(["ip", "link", "add", lab.bridge, "type", "bridge"]);
  }
  await must(["ip", "address", "replace", `${lab.network}.254/24`, "dev", lab.bridge]);
  await must(["ip", "link", "set", lab.bridge, "up"]);
}

export function linksOf(lab: Lab): string[] {
  return linkNames().filter((name) => name === lab.bridge || name.startsWith(`${lab.id}-`));
}

const namespaceDir = "/run/netns";

export function namespacesOf(lab: Lab): string[] {
  if (!existsSync(namespaceDir)) return [];
  return readdirSync(namespaceDir).filter((name) => name.startsWith(`${lab.id}-`));
}

/** Takes a stopped host's cable and namespace away. */
export async function removeHostNetwork(host: Host): Promise<void> {
  await exec(["ip", "netns", "delete", host.machine]);
  await exec(["ip", "link", "delete", host.cable]);
}

export async function removeNetwork(lab: Lab): Promise<void> {
  for (const name of namespacesOf(lab)) await exec(["ip", "netns", "delete", name]);
  for (const name of linksOf(lab)) {
    // A cable may go by itself between the listing and now, when its namespace does.
    await exec(["ip", "link", "delete", name]);
  }
}

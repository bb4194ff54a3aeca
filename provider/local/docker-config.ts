import { readFileSync } from "fs";
import { homedir } from "os";
import { join } from "path";
import { foundInConfig, type Found } from "../core/image/registry";
import type { RegistryCredentials } from "../core/adapter-ports";
import { askHelper } from "./credential-helper";

/**
 * What `docker login` has written down on this machine for a registry, or has given to a program of
 * its own to keep (`credsStore`, `credHelpers`).
 */
export async function credentialsOfMachine(
  registry: string,
): Promise<RegistryCredentials | undefined> {
  const found = inConfig(registry);
  if (found === undefined) return undefined;
  return "helper" in found ? askHelper(found, registry) : found.credentials;
}

function inConfig(registry: string): Found | undefined {
  const folder = process.env["DOCKER_CONFIG"] ?? join(homedir(), ".docker");
  try {
    return foundInConfig(readFileSync(join(folder, "config.json"), "utf8"), registry);
  } catch {
    return undefined;
  }
}

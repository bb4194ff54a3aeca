import { createHash } from "crypto";
import { canonicalJson } from "../canonical-json";
import type { CheckedReplica } from "./model";

/** Stands for what a service runs, for those that are started again when that changes. */
export function programHash(programs: unknown): string {
  return createHash("sha256").update(canonicalJson(programs)).digest("hex").slice(0, 16);
}

/**
 * Stands for everything that needs a new container when it changes, wherever the container is:
 * equal hashes mean that a container may be kept. Connections, host and timeouts are not in it.
 * Values of the environment cannot be read from it.
 */
export function specHash(replica: CheckedReplica): string {
  const of = hashed(replica, replica.spec);
  return createHash("sha256").update(canonicalJson(of)).digest("hex");
}

/** All that a container is made by, with this in the place of its spec. */
export function hashed(replica: CheckedReplica, spec: object): object {
  const { environment, ip, subnet, dnsDomain, deployment, service, containerName } = replica;
  const volumes = Object.fromEntries(
    Object.entries(replica.volumes).map(([key, { name }]) => [key, name]),
  );
  return {
    spec,
    environment,
    volumes,
    ip,
    subnet,
    dnsDomain,
    deployment,
    service,
    containerName,
    ...(replica.job === true ? { job: true } : {}),
    ...(replica.files === undefined ? {} : { files: replica.files }),
  };
}

import { createHash } from "crypto";
import { canonicalJson } from "../canonical-json";
import type { PlacedReplica } from "./model";

/**
 * Stands for everything that needs a new container when it changes, wherever the container is:
 * equal hashes mean that a container may be kept. Connections, host and timeouts are not in it.
 * Values of the environment cannot be read from it.
 */
export function specHash(replica: PlacedReplica): string {
  const { spec, environment, ip, subnet, dnsDomain, deployment, service, containerName } = replica;
  const volumes = Object.fromEntries(
    Object.entries(replica.volumes).map(([key, { name }]) => [key, name]),
  );
  const of = {
    spec,
    environment,
    volumes,
    ip,
    subnet,
    dnsDomain,
    deployment,
    service,
    containerName,
  };
  return createHash("sha256").update(canonicalJson(of)).digest("hex");
}

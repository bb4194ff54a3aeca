import { createHash } from "crypto";
import { canonicalJson } from "../canonical-json";
import { formatAddress, lastOf, parseCidr } from "../addresses/ipv4";
import type { Reach } from "../application";
import type { ContainerSpec } from "../container-spec";

/** A replica by its lease, and whom it may reach. */
export interface SeparatedReplica {
  readonly address: string;
  readonly reach: Reach;
}

/** Replicas that reach the same ones. */
interface Group {
  readonly reach: Reach;
  readonly addresses: string[];
}

/**
 * Who of a deployment reaches whom, as hosts keep it and their program reads it
 * (keep-apart.sh in provider/on-host): by addresses alone, which stay for life, so that it is the
 * same on every host and no move changes it. A line for the subnet, and for each group one with its
 * replicas and one with those that may send to them.
 */
export function separationRules(
  deployment: string,
  subnet: string,
  replicas: readonly SeparatedReplica[],
): string {
  const block = parseCidr(subnet);
  const groups = groupsOf(replicas);
  const lines = groups.flatMap(({ reach, addresses }, index) => {
    const peers = groups.filter((other) => shareNetwork(reach, other.reach));
    const from = peers.flatMap((other) => other.addresses);
    const kind = reach.internal === true ? "internal" : "open";
    return [
      ["group", index, kind, ...addresses].join(" "),
      ["from", index, ...from.sort(byAddress)].join(" "),
    ];
  });
  const own = [subnet, formatAddress(block.base + 1), formatAddress(lastOf(block))];
  return [
    `# Written by pulumi-ferry: who reaches whom in deployment '${deployment}'.`,
    ["subnet", ...own].join(" "),
    ...lines,
    "",
  ].join("\n");
}

function groupsOf(replicas: readonly SeparatedReplica[]): Group[] {
  const groups = new Map<string, Group>();
  for (const { address, reach } of [...replicas].sort((a, b) => byAddress(a.address, b.address))) {
    const key = canonicalJson(reach);
    const group = groups.get(key) ?? { reach, addresses: [] };
    group.addresses.push(address);
    groups.set(key, group);
  }
  return [...groups.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group);
}

const shareNetwork = (a: Reach, b: Reach) => a.networks.some((name) => b.networks.includes(name));

const byAddress = (a: string, b: string) => valueOf(a) - valueOf(b);
const valueOf = (address: string) =>
  address.split(".").reduce((value, part) => value * 256 + Number(part), 0);

/**
 * What a container is known by on Docker's bridge, where its address is another one at each start:
 * the first two bytes say how it is there, the others are its address on the overlay.
 */
export function dockerBridgeMac(
  { dockerBridge }: Pick<ContainerSpec, "dockerBridge">,
  overlayAddress: string | undefined,
): string | undefined {
  if (dockerBridge === undefined || dockerBridge === "none") return undefined;
  if (overlayAddress === undefined) return undefined;
  const kind = dockerBridge === "internal" ? "0e:fe" : "0a:fe";
  const [address = ""] = overlayAddress.split("/");
  const bytes = address.split(".").map((part) => Number(part).toString(16).padStart(2, "0"));
  return [kind, ...bytes].join(":");
}

/** What a deployment's rules are called on hosts: short, as it is a part of names of chains. */
export function separationId(of: { project: string; stack: string; deployment: string }): string {
  const name = [of.project, of.stack, of.deployment].join("/");
  return createHash("sha256").update(name).digest("hex").slice(0, 8);
}

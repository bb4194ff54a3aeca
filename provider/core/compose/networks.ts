import type { Reach } from "../application";
import { network } from "../network";
import { hasOwnNetwork } from "../replica/own-network";
import type { ServiceDraft } from "./draft";
import { readFields, refuse, withoutEffect, type FieldTable } from "./fields";
import { didYouMean, isHostName, isIpAddress } from "./name-rules";
import type { Place } from "./problems";
import { boolean, listOf, mapping, text, type Parser } from "./scalars";
import { isMapping, isSequence, type Node } from "./yaml";

/** What a service is on when it names none. */
const DEFAULT = "default";

const ONE_SUBNET =
  "has no effect: every deployment has one subnet of its own, handed out by the cluster.";

const noted = (reason: string) => ({
  how: `Told and passed over: it ${reason}`,
  parse: (_: Node, at: Place) => at.note(reason),
});

const driver: Parser<string> = (node, at) => {
  const value = text(node, at);
  if (
    value === undefined ||
    ["", "default", "bridge", "overlay", network.name.toLowerCase()].includes(value)
  )
    return value;
  return at.problem(
    `${at.show(value)} is not supported: replicas are on ${network.name}'s overlay and nowhere else. Remove it.`,
  );
};

/** A network of the file, as far as it says who reaches whom. */
export interface ComposeNetwork {
  /** Two keys with one name are one network. */
  name: string;
  /** No way out of it. */
  internal: boolean;
}

/** A network of the file. */
export const topLevelNetworkFields: FieldTable<ComposeNetwork> = {
  driver: withoutEffect(driver, "bridge or overlay, without effect."),
  driver_opts: noted(ONE_SUBNET),
  ipam: noted(ONE_SUBNET),
  enable_ipv4: withoutEffect(boolean, "Without effect."),
  enable_ipv6: withoutEffect(boolean, `Without effect: ${network.name}'s network is IPv4.`),
  attachable: withoutEffect(boolean, "Without effect."),
  labels: withoutEffect((node) => node, "Without effect."),
  name: {
    how: "Told: the network is the deployment's own. Two with one name are one.",
    parse(node, at, draft) {
      draft.name = text(node, at) ?? draft.name;
      at.note("has no effect: the network is the deployment's own.");
    },
  },
  external: {
    how: "Taken as the deployment's own network, and told: containers of others are not on it.",
    parse(node, at) {
      if (isMapping(node) || boolean(node, at) === true)
        at.note(
          "is taken as the deployment's own network: containers that are not in this file are not on it.",
        );
    },
  },
  internal: {
    how: "true: a service that is on such networks alone reaches no host and nothing outside of the deployment. See networks.md.",
    parse(node, at, draft) {
      draft.internal = boolean(node, at) ?? false;
    },
  },
};

/** Every network of the file, by its key. */
export function readNetworks(node: Node, at: Place): Map<string, ComposeNetwork> {
  const networks = mapping(node, at) ?? new Map<string, Node>();
  return new Map(
    [...networks].map(([key, settings]) => {
      const network = { name: key, internal: false };
      if (settings !== null) readFields(topLevelNetworkFields, settings, at.key(key), network);
      return [key, network];
    }),
  );
}

const alias: Parser<string> = (node, at) => {
  const value = text(node, at);
  if (value === undefined || isHostName(value)) return value;
  return at.problem(
    `${at.show(value)} is not a host's name. Use letters, digits, '.', '_' and '-'.`,
  );
};

/** What a service says of a network that it is on. */
export const serviceNetworkFields: FieldTable<ServiceDraft> = {
  aliases: {
    how: "Further names of the service inside the deployment.",
    parse(node, at, draft) {
      for (const [index, value] of (listOf(alias)(node, at) ?? []).entries())
        draft.names.push({ value, at: at.index(index) });
    },
  },
  ipv4_address: {
    how: "The first replica's address, where it is inside the deployment's `subnet`; else told and passed over.",
    parse(node, at, draft) {
      const value = text(node, at);
      if (value === undefined) return;
      if (!isIpAddress(value) || value.includes(":"))
        return void at.problem(`${at.show(value)} is not an IPv4 address. Write 10.40.8.5.`);
      draft.ipv4Address ??= { value, at };
      at.note(
        "is asked for where the deployment's `subnet` holds it; else the address is the pool's.",
      );
    },
  },
  ipv6_address: noted(`has no effect: ${network.name}'s network is IPv4.`),
  link_local_ips: noted("has no effect: a replica has one address."),
  mac_address: refuse("the target of a move makes a MAC address of its own. Remove it."),
  priority: withoutEffect(text, "Without effect: there is one network."),
  gw_priority: withoutEffect(text, "Without effect: there is one network."),
  interface_name: noted("has no effect: the network names a container's interface itself."),
  driver_opts: noted(ONE_SUBNET),
};

/** `networks` of a service: a list of names, or what it says of each. */
export function readServiceNetworks(node: Node, at: Place, draft: ServiceDraft): void {
  const names = isSequence(node)
    ? (listOf(text)(node, at) ?? []).map((name, index) => ({ name, here: at.index(index) }))
    : [...(mapping(node, at) ?? [])].map(([name]) => ({ name, here: at.key(name) }));
  for (const { name, here } of names) {
    const { networks } = draft.context;
    if (name !== DEFAULT && !networks.has(name))
      here.problem(
        `there is no network ${here.show(name)}.${didYouMean(name, networks.keys())} Declare it under the top-level \`networks\`.`,
      );
    draft.networks.push({ value: name, at: here });
    const settings = isMapping(node) ? (node.get(name) ?? null) : null;
    if (settings !== null) readFields(serviceNetworkFields, settings, here, draft);
  }
}

/**
 * Who reaches whom, by service; undefined where everybody reaches everybody, and out: then nothing
 * is to be kept apart.
 */
export function reachOf(drafts: readonly ServiceDraft[]): ReadonlyMap<string, Reach> | undefined {
  const onOverlay = drafts.filter(({ container }) => hasOwnNetwork(container));
  const all = new Map(onOverlay.map((draft) => [draft.name, reachOfOne(draft)]));
  const reaches = [...all.values()];
  const different = [...new Map(reaches.map((each) => [each.networks.join("/"), each])).values()];
  const isApart = different.some((one, index) =>
    different
      .slice(index + 1)
      .some((other) => !one.networks.some((n) => other.networks.includes(n))),
  );
  return isApart || reaches.some(({ internal }) => internal) ? all : undefined;
}

/** Compose makes the network that nobody names, and lets a file say how it is. */
function reachOfOne({ networks: named, noNetwork, context }: ServiceDraft): Reach {
  if (noNetwork) return { networks: [], internal: true };
  const keys = named.length === 0 ? [DEFAULT] : named.map(({ value }) => value);
  const on = keys.map((key) => context.networks.get(key) ?? { name: key, internal: false });
  const networks = [...new Set(on.map(({ name }) => name))].sort();
  return { networks, ...(on.every(({ internal }) => internal) ? { internal: true } : {}) };
}

import type { Dependency } from "../../application";
import { property, type ServiceDraft } from "../draft";
import { into, readFields, refused, withoutEffect, type FieldTable } from "../fields";
import { didYouMean, isIpAddress, validateDnsLabel } from "../names";
import { exposed, ports } from "../ports";
import type { Place } from "../problems";
import {
  boolean,
  listOf,
  matching,
  name,
  oneOrMore,
  sequence,
  text,
  type Parser,
} from "../scalars";
import { isMapping, isSequence, says, type Node } from "../yaml";

const ipAddress: Parser<string> = (node, at) => {
  const value = text(node, at);
  if (value === undefined || isIpAddress(value)) return value;
  return at.problem(`${at.show(value)} is not an IP address.`);
};

/** A service of the file other than this one. */
function otherService(service: string, at: Place, draft: ServiceDraft, verb: string): boolean {
  if (service === draft.name) at.problem(`${verb} itself. Remove it.`);
  else if (!draft.context.services.has(service))
    at.problem(
      `${verb} ${at.show(service)}, and there is no such service.${didYouMean(service, draft.context.services)}`,
    );
  else return true;
  return false;
}

function readLink(node: Node, at: Place, draft: ServiceDraft): void {
  const value = text(node, at);
  if (value === undefined) return;
  const [service = "", alias = service, ...more] = value.split(":");
  if (more.length > 0)
    return void at.problem(`${at.show(value)} is not a link. Write "service" or "service:alias".`);
  if (!otherService(service, at, draft, "links to")) return;
  if (validateDnsLabel(alias) !== undefined)
    return void at.problem(
      `the alias in ${at.show(value)} is not a DNS label: lower-case letters, digits and inner '-', 63 at most.`,
    );
  if (alias !== service && draft.context.services.has(alias))
    return void at.problem(
      `the alias in ${at.show(value)} is the name of a service. Use another alias.`,
    );
  const other = draft.links.find((link) => link.value.alias === alias);
  if (other !== undefined)
    return void at.problem(
      `the alias in ${at.show(value)} is taken by ${other.at.path}. Use another alias.`,
    );
  draft.links.push({ value: { service, alias }, at });
}

interface DependencyDraft {
  condition?: Dependency["condition"];
  required?: boolean;
}

/** The long syntax of one entry of `depends_on`. */
export const dependencyFields: FieldTable<DependencyDraft> = {
  condition: {
    how: "service_started or service_healthy.",
    parse(node, at, draft) {
      if (node === "service_started") draft.condition = "started";
      else if (node === "service_healthy") draft.condition = "healthy";
      else if (node === "service_completed_successfully")
        at.problem(
          "Ferry runs services that stay up, and has no jobs to wait for. Run it beforehand.",
        );
      else at.problem("must be service_started or service_healthy.");
    },
  },
  required: into("required", boolean, "false: the service may be missing from the file."),
  restart: refused(
    "a dependent keeps running while Ferry moves or restarts what it uses. Remove it.",
  ),
};

function readDependency(service: string, node: Node, at: Place, draft: ServiceDraft): void {
  const read: DependencyDraft = {};
  if (node !== null) {
    readFields(dependencyFields, node, at, read);
    if (read.condition === undefined)
      return says(node, "condition") ? undefined : void at.problem("has no `condition`.");
  }
  if (read.required === false && !draft.context.services.has(service)) return;
  if (!otherService(service, at, draft, "depends on")) return;
  if (draft.dependsOn.some((other) => other.value.service === service))
    return void at.problem(`names ${at.show(service)} a second time. Keep one of them.`);
  draft.dependsOn.push({ value: { service, condition: read.condition ?? "started" }, at });
}

/** Names for addresses: "name:ip", "name=ip", or a mapping of a name to one or more addresses. */
const extraHosts: Parser<readonly { name: string; ip: string }[]> = (node, at) => {
  const written = isMapping(node)
    ? [...node].flatMap(([host, ips]) =>
        (oneOrMore(text)(ips, at.key(host)) ?? []).map((ip) => ({ host, ip, at: at.key(host) })),
      )
    : (listOf(text)(node, at) ?? []).map((item, index) => {
        const match = /^([^:=]+)[:=](.*)$/s.exec(item);
        return { host: match?.[1] ?? "", ip: match?.[2] ?? item, at: at.index(index) };
      });
  return written.flatMap(({ host, ip, at: here }) => {
    const address = ip.replace(/^\[(.*)\]$/, "$1");
    if (/^[\w.-]+$/.test(host) && (address === "host-gateway" || isIpAddress(address)))
      return [{ name: host, ip: address }];
    here.problem(`is not a host's name and its IP address. Write "name:192.0.2.1".`);
    return [];
  });
};

const SUBNET =
  "every deployment has one subnet of its own, in which all its services see each other";

/** Only the network that everybody has anyway. */
export function defaultNetworkOnly(node: Node, at: Place): void {
  if (!isMapping(node) && !isSequence(node)) return void sequence(node, at);
  const names = isMapping(node)
    ? [...node]
    : (listOf(text)(node, at) ?? []).map((each) => [each, null] as const);
  for (const [network, settings] of names) {
    const here = isMapping(node) ? at.key(network) : at;
    if (network !== "default") here.problem(`not supported: ${SUBNET}. Remove the network.`);
    else if (settings !== null && !(isMapping(settings) && settings.size === 0))
      here.problem(`settings are not supported: ${SUBNET}. Leave the default network empty.`);
  }
}

const networkMode: Parser<string> = (node, at) =>
  node === "bridge"
    ? node
    : at.problem(
        "must be bridge: every replica has an address of its own on the overlay. Remove it.",
      );

export const networkFields: FieldTable<ServiceDraft> = {
  ports: {
    how: "Short or long syntax, with ranges, address and protocol. Published by the host that the replica is on.",
    parse(node, at, draft) {
      sequence(node, at)?.forEach((item, index) => {
        const here = at.index(index);
        for (const value of ports(item, here) ?? []) draft.ports.push({ value, at: here });
      });
    },
  },
  expose: withoutEffect(
    listOf(exposed),
    "Checked, without effect: the overlay reaches every port.",
  ),
  links: {
    how: "service or service:alias. Services see each other without links too; a link may go in a circle.",
    parse(node, at, draft) {
      sequence(node, at)?.forEach((item, index) => readLink(item, at.index(index), draft));
    },
  },
  depends_on: {
    how: "List of services, or the long syntax below. Not in a circle.",
    parse(node, at, draft) {
      if (isMapping(node)) {
        for (const [service, settings] of node)
          readDependency(service, settings ?? new Map(), at.key(service), draft);
      } else
        sequence(node, at)?.forEach((item, index) => {
          const service = name(item, at.index(index));
          if (service !== undefined) readDependency(service, null, at.index(index), draft);
        });
    },
  },
  extra_hosts: property("extraHosts", extraHosts, "List of name:ip or name=ip, or a mapping."),
  dns: property("dns", oneOrMore(ipAddress), "One IP address or a list."),
  dns_search: property(
    "dnsSearch",
    oneOrMore(matching(/^(\.|[\w-]+(\.[\w-]+)*\.?)$/, "a domain", "Write example.com.")),
    "One domain or a list.",
  ),
  network_mode: withoutEffect(networkMode, "bridge only, which changes nothing."),
  networks: {
    how: "`default` only, and empty: every deployment has one subnet of its own.",
    parse: (node, at) => defaultNetworkOnly(node, at),
  },
};

/** Keys that only a fig file has. */
export const figNetworkFields: FieldTable<ServiceDraft> = {
  net: withoutEffect(networkMode, "bridge only, which changes nothing."),
};

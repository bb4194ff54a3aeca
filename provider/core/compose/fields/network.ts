import type { Dependency } from "../../application";
import { network } from "../../network";
import { property, type ServiceDraft } from "../draft";
import { into, readFields, unlessEmpty, withoutEffect } from "../fields";
import type { FieldTable, SupportedField } from "../fields";
import { didYouMean, isHostName, isIpAddress } from "../name-rules";
import { NETWORK_MODE, networkMode } from "../namespaces";
import { readServiceNetworks } from "../networks";
import { distinctPorts, exposed, ports } from "../published-ports";
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
import { isMapping, says, type Node } from "../yaml";

const ipAddress: Parser<string> = (node, at) => {
  const value = text(node, at);
  if (value === undefined || isIpAddress(value)) return value;
  return at.problem(`${at.show(value)} is not an IP address.`);
};

/** A service of the file other than this one. */
function otherService(service: string, at: Place, draft: ServiceDraft, verb: string): boolean {
  if (service === draft.name) at.problem(`${verb} itself. Remove it.`);
  else if (draft.context.off.has(service))
    at.problem(
      `${verb} ${at.show(service)}, whose profiles are off. Give the deployment one of them in \`profiles\`.`,
    );
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
  if (!isHostName(alias))
    return void at.problem(
      `the alias in ${at.show(value)} is not a host's name. Use letters, digits, '.', '_' and '-'.`,
    );
  if (alias !== service && draft.context.services.has(alias))
    return void at.problem(
      `the alias in ${at.show(value)} is the name of a service. Use another alias.`,
    );
  const other = draft.links.find((link) => link.value.alias === alias);
  if (other?.value.service === service) return;
  if (other !== undefined)
    return void at.problem(
      `the alias in ${at.show(value)} is taken by ${other.at.path}. Use another alias.`,
    );
  draft.links.push({ value: { service, alias }, at });
}

interface DependencyDraft {
  condition?: Dependency["condition"];
  required?: boolean;
  restart?: boolean;
}

/** The long syntax of one entry of `depends_on`. */
export const dependencyFields: FieldTable<DependencyDraft> = {
  condition: {
    how: "service_started, service_healthy, or service_completed_successfully: that service is a job (`docs/changes.md`).",
    parse(node, at, draft) {
      if (node === "service_started") draft.condition = "started";
      else if (node === "service_healthy") draft.condition = "healthy";
      else if (node === "service_completed_successfully")
        draft.condition = "completed_successfully";
      else
        at.problem("must be service_started, service_healthy or service_completed_successfully.");
    },
  },
  required: into("required", boolean, "false: the service may be missing from the file."),
  restart: into(
    "restart",
    boolean,
    "true: replicas are started again once the containers of that service have been changed.",
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
  const { condition = "started", restart = false } = read;
  const value = { service, condition, ...(restart ? { restart: true as const } : {}) };
  draft.dependsOn.push({ value, at });
}

/** Names for addresses: "name:ip", "name=ip", or a mapping of a name to one or more addresses. */
export const extraHosts: Parser<readonly { name: string; ip: string }[]> = (node, at) => {
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
    if (isHostName(host) && (address === "host-gateway" || isIpAddress(address)))
      return [{ name: host, ip: address }];
    here.problem(`is not a host's name and its IP address. Write "name:192.0.2.1".`);
    return [];
  });
};

/** A further name, where it says more than the service's own. */
function furtherName(key: string, reported: string): SupportedField<ServiceDraft> {
  return {
    how: reported,
    parse(node, at, draft) {
      const value = text(node, at);
      if (value === undefined || value === "") return;
      if (!isHostName(value))
        return void at.problem(
          `${at.show(value)} is not a ${key}. Use letters, digits, '.', '_' and '-'.`,
        );
      if (key === "host's name") draft.hostname = value;
      if (value !== draft.name) draft.names.push({ value, at });
      if (key === "name of a container") draft.containerNames.push(value);
      draft.namedAt.push(at);
    },
  };
}

export const networkFields: FieldTable<ServiceDraft> = {
  ports: {
    how: "Short or long syntax, with ranges, address and protocol. Published by the host that the replica is on.",
    parse(node, at, draft) {
      sequence(node, at)?.forEach((item, index) => {
        const here = at.index(index);
        for (const value of ports(item, here) ?? []) draft.ports.push({ value, at: here });
      });
      draft.ports = distinctPorts(draft.ports);
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
  dns: unlessEmpty(property("dns", oneOrMore(ipAddress), "One IP address or a list.")),
  dns_search: unlessEmpty(
    property(
      "dnsSearch",
      oneOrMore(matching(/^(\.|[\w-]+(\.[\w-]+)*\.?)$/, "a domain", "Write example.com.")),
      "One domain or a list.",
    ),
  ),
  network_mode: { how: NETWORK_MODE, parse: networkMode },
  networks: {
    how: "List of names, or the long syntax below. Services that share none do not reach each other: see networks.md.",
    parse: readServiceNetworks,
  },
  container_name: furtherName(
    "name of a container",
    "A further name of the service inside the deployment; containers keep Ferry's names, told in a line.",
  ),
  hostname: furtherName(
    "host's name",
    `A further name of the service inside the deployment; containers keep the host name that ${network.name}'s DNS knows them by, told in a line.`,
  ),
  domainname: {
    how: "With `hostname`: both together are a further name of the service.",
    parse(node, at, draft) {
      const value = text(node, at);
      if (value === undefined || value === "") return;
      if (!isHostName(value))
        return void at.problem(`${at.show(value)} is not a domain. Write example.com.`);
      draft.domainname = value;
    },
  },
};

/** Keys that only a fig file has. */
export const figNetworkFields: FieldTable<ServiceDraft> = {
  net: { how: NETWORK_MODE, parse: networkMode },
};

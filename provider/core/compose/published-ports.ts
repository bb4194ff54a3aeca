import type { PortBinding } from "../container-spec";
import { sharesAddress } from "../port-binding";
import type { Mutable } from "./draft";
import { into, readFields, unlessEmpty, withoutEffect, type FieldTable } from "./fields";
import { isIpAddress } from "./name-rules";
import type { Place } from "./problems";
import { oneOf, text, type Parser } from "./scalars";
import { isMapping, says, type Node } from "./yaml";

const FORMS =
  'Write "80", "8080:80", "127.0.0.1:8080:80", "8080-8082:80-82", each with /udp or /sctp at will.';

interface Range {
  readonly first: number;
  readonly last: number;
}

/** Docker's own word for any free one. */
const ANY: Range = { first: 0, last: 0 };

/** "80" or "80-82"; ports are 1 to 65535. */
function parseRange(written: string): Range | undefined {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(written);
  if (match === null) return undefined;
  const first = Number(match[1]);
  const last = Number(match[2] ?? match[1]);
  return first >= 1 && first <= last && last <= 65535 ? { first, last } : undefined;
}

const lengthOf = (range: Range) => range.last - range.first + 1;

const oneProtocol = oneOf("tcp", "udp", "sctp");

const protocol: Parser<PortBinding["protocol"]> = (node, at) =>
  oneProtocol(typeof node === "string" ? node.toLowerCase() : node, at);

const range: Parser<Range> = (node, at) => {
  const value = text(node, at);
  if (value === undefined) return undefined;
  const read = parseRange(value);
  return (
    read ?? at.problem(`${at.show(value)} is not a port from 1 to 65535, nor a range. ${FORMS}`)
  );
};

const hostRange: Parser<Range> = (node, at) => (node === "0" ? ANY : range(node, at));

const hostAddress: Parser<string> = (node, at) => {
  const value = text(node, at);
  if (value === undefined || isIpAddress(value)) return value;
  return at.problem(`${at.show(value)} is not an IP address of a host. ${FORMS}`);
};

interface Written {
  readonly ip?: string;
  readonly host?: Range;
  readonly container: Range;
  readonly protocol: PortBinding["protocol"];
}

/** One entry of `ports`; a range is several bindings. */
export const ports: Parser<readonly PortBinding[]> = (node, at) => {
  const written = isMapping(node) ? longSyntax(node, at) : shortSyntax(node, at);
  return written === undefined ? undefined : bindings(written, at);
};

function shortSyntax(node: Node, at: Place): Written | undefined {
  const value = text(node, at);
  if (value === undefined) return undefined;
  const match = /^(?:(?:(\[[^\]]*\]|[^:[\]]*):)?([^:]*):)?([^:/]+)(?:\/([a-z]+))?$/i.exec(value);
  if (match === null) return at.problem(`${at.show(value)} is not a port. ${FORMS}`);
  const [, ip = "", host = "", container = "", protocolName = "tcp"] = match;
  const read = {
    ip: ip === "" ? ip : hostAddress(ip.replace(/^\[(.*)\]$/, "$1"), at),
    host: host === "" ? "" : hostRange(host, at),
    container: range(container, at),
    protocol: protocol(protocolName, at),
  };
  if (read.ip === undefined || read.host === undefined) return undefined;
  if (read.container === undefined || read.protocol === undefined) return undefined;
  return {
    container: read.container,
    protocol: read.protocol,
    ...(read.ip === "" ? {} : { ip: read.ip }),
    ...(typeof read.host === "string" ? {} : { host: read.host }),
  };
}

/** The long syntax of `ports`. */
export const portFields: FieldTable<Mutable<Partial<Written>>> = {
  target: into("container", range, "The container's port, or a range of them."),
  published: unlessEmpty(
    into(
      "host",
      hostRange,
      "The host's port, or as many as `target` has; for one port a range that Docker picks from. 0 is any.",
    ),
  ),
  host_ip: into("ip", hostAddress, "The host's address that listens; all of them when absent."),
  protocol: into("protocol", protocol, "tcp (default), udp or sctp."),
  mode: withoutEffect(
    oneOf("host", "ingress"),
    "host or ingress; either way the replica's own host publishes the port.",
  ),
  name: withoutEffect(text, "Any text, without effect: it is for who reads the file."),
  app_protocol: withoutEffect(text, "Any text, without effect: Docker does nothing with it."),
};

function longSyntax(node: Node, at: Place): Written | undefined {
  const draft: Mutable<Partial<Written>> = {};
  readFields(portFields, node, at, draft);
  if (draft.container !== undefined)
    return { ...draft, container: draft.container, protocol: draft.protocol ?? "tcp" };
  return says(node, "target") ? undefined : at.problem("has no `target`, the container's port.");
}

function bindings(written: Written, at: Place): readonly PortBinding[] | undefined {
  const { ip, host, container, protocol: protocolName } = written;
  const count = lengthOf(container);
  const common = { ...(ip === undefined ? {} : { hostIp: ip }), protocol: protocolName };
  if (host !== undefined && count === 1 && lengthOf(host) > 1)
    return [
      {
        containerPort: container.first,
        hostPortRange: `${host.first}-${host.last}`,
        ...common,
      },
    ];
  const fixed = host === ANY ? undefined : host;
  if (fixed !== undefined && lengthOf(fixed) !== count)
    return at.problem(
      `publishes ${lengthOf(fixed)} host ports for ${count} of the container. Make both ranges equally long.`,
    );
  return Array.from({ length: count }, (_, offset) => ({
    containerPort: container.first + offset,
    ...(fixed === undefined ? {} : { hostPort: fixed.first + offset }),
    ...common,
  }));
}

/** One entry of `expose`, which only has to be right: on the overlay every port can be reached. */
export const exposed: Parser<string> = (node, at) => {
  const value = text(node, at);
  if (value === undefined) return undefined;
  const match = /^([\d-]+)(?:\/(?:tcp|udp|sctp))?$/i.exec(value);
  if (match?.[1] !== undefined && parseRange(match[1]) !== undefined) return value;
  return at.problem(`${at.show(value)} is not a port. Write "80", "80-82" or "53/udp".`);
};

/** Without those that are there twice, which say nothing more. */
export function distinctPorts<T extends { value: PortBinding }>(all: readonly T[]): T[] {
  const byText = new Map<string, T>();
  for (const each of all) {
    const text = JSON.stringify(each.value);
    if (!byText.has(text)) byText.set(text, each);
  }
  return [...byText.values()];
}

/** Tells of two bindings that one host cannot publish at once. */
export function checkPorts(all: readonly { value: PortBinding; at: Place }[]): void {
  const taken = new Map<string, { value: PortBinding; at: Place }[]>();
  for (const each of all) {
    const { value, at } = each;
    if (value.hostPortRange !== undefined) continue;
    const random = value.hostPort === undefined;
    const key = `${random ? `container port ${value.containerPort}` : `host port ${value.hostPort}`}/${value.protocol}`;
    const others = taken.get(key) ?? [];
    const other = others.find((each) => sharesAddress(each.value, value));
    if (other !== undefined)
      at.problem(`publishes ${key}, as ${other.at.path} does already. Remove one of them.`);
    taken.set(key, [...others, each]);
  }
}

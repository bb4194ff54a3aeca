import type { ContainerState } from "../adapter-ports";
import type { PlacedReplica } from "../replica/model";
import { counted } from "./format";
import type { Ties } from "./move-ports";

/**
 * Why data does not move between two hosts: programs may keep it in the order of bytes, or with the
 * widths, of their processor. undefined when they are of one kind.
 */
export function otherArchitecture(
  source: { readonly host: string; readonly architecture: string },
  target: { readonly host: string; readonly architecture: string },
): string | undefined {
  if (source.architecture === target.architecture) return undefined;
  return `host '${source.host}' is ${source.architecture}, host '${target.host}' is ${target.architecture}`;
}

interface Mapping {
  readonly host: string;
  readonly usernsRemap: boolean;
  readonly rootDirectory: string;
}

/**
 * Why files would belong to other users on the target: they move with the owners that they have on
 * disk, and with userns-remap these are not those in the container. The end of Docker's data root
 * says who root is then: "/var/lib/docker/100000.100000".
 */
export function otherOwners(source: Mapping, target: Mapping): string | undefined {
  const [ours, theirs] = [source, target].map(mappingOf);
  if (ours === theirs) return undefined;
  return (
    `Docker on host '${source.host}' ${ours}, on host '${target.host}' it ${theirs}, so that its files would belong to ` +
    "other users there. Let both map them alike (`userns-remap` in daemon.json)"
  );
}

function mappingOf({ usernsRemap, rootDirectory }: Mapping): string {
  if (!usernsRemap) return "does not map users";
  return `maps users from ${/\/(\d+\.\d+)$/.exec(rootDirectory)?.[1] ?? "somewhere"} on`;
}

/** Host ports that the spec wants and something on the host has: "8080/tcp". */
export function takenPorts(
  spec: PlacedReplica["spec"],
  listening: ReadonlySet<string>,
  containers: readonly ContainerState[],
): string[] {
  const published = new Set(
    containers
      .filter(({ status }) => status === "running" || status === "paused")
      .flatMap(({ publishedPorts }) => publishedPorts),
  );
  const wanted = (spec.ports ?? []).flatMap(({ hostPort, protocol }) =>
    hostPort === undefined ? [] : [`${hostPort}/${protocol}`],
  );
  return wanted.filter((port) => listening.has(port) || published.has(port));
}

/** Data that only this host has and that a move would leave behind. */
export function boundPaths(spec: PlacedReplica["spec"]): { written: string[]; readOnly: string[] } {
  const binds = (spec.mounts ?? []).flatMap((mount) => (mount.type === "bind" ? [mount] : []));
  return {
    written: binds.filter(({ readOnly }) => readOnly !== true).map(({ source }) => source),
    readOnly: binds.filter(({ readOnly }) => readOnly === true).map(({ source }) => source),
  };
}

/** Why a volume can have no equal copy anywhere; undefined when it can. */
export function tiesProblem(volume: string, { mounted, linked }: Ties): string | undefined {
  if (mounted !== undefined) {
    return (
      `volume '${volume}' has another file system in it, at '${mounted}'. Ferry moves what is on the volume's own: unmount ` +
      "the other one, or put its data into the volume"
    );
  }
  if (linked === undefined) return undefined;
  return (
    `${counted(linked.count, "file")} in volume '${volume}' ${linked.count === 1 ? "has" : "have"} a further name outside of ` +
    `it (a hard link), so that no copy could be equal: '${linked.name}'. Remove the names outside, as of a backup that was ` +
    "made by links, or put copies into the volume"
  );
}

/** Parses "mounted NAME" or "linked COUNT NAME". */
export function parseTies(text: string): Ties {
  const [, mounted] = /^mounted (.*)$/m.exec(text) ?? [];
  if (mounted !== undefined) return { mounted };
  const [, count, name = ""] = /^linked (\d+) (.*)$/m.exec(text) ?? [];
  return count === undefined ? {} : { linked: { count: Number(count), name } };
}

/** Parses /proc/net/tcp, tcp6, udp and udp6, each after a line with its name, to "8080/tcp". */
export function parseListeningPorts(text: string): Set<string> {
  const ports = new Set<string>();
  let protocol = "tcp";
  for (const line of text.split("\n")) {
    const fields = line.trim().split(/\s+/);
    const [first = "", local = "", , state] = fields;
    if (/^(tcp|udp)6?$/.test(first)) {
      protocol = first.slice(0, 3);
      continue;
    }
    // 0A is LISTEN; a UDP socket that waits for anybody is 07.
    if (state !== (protocol === "tcp" ? "0A" : "07")) continue;
    const port = local.split(":")[1];
    if (port !== undefined && /^[0-9A-F]{4}$/.test(port))
      ports.add(`${parseInt(port, 16)}/${protocol}`);
  }
  return ports;
}

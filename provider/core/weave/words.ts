import { FerryError } from "../errors";
import { atLeast, type WeaveVersion } from "./version";

/**
 * Which version of Weave Net has which word. Read in the tagged scripts (`weave`) and the router's
 * list of flags (`prog/weaver/main.go`) of each release from 1.0.0 to 2.8.1; what 2.6.5 does with
 * them was measured on real hosts.
 */
type Since = readonly [major: number, minor: number];

/**
 * Commands, and flags of commands, that not every version has. Those that are not here are in all
 * of them.
 */
const COMMAND_SINCE = {
  report: [1, 1],
  prime: [1, 5],
  "reset --force": [1, 6],
  "launch --resume": [1, 6],
} satisfies Record<string, Since>;

/** What a launch can be told, in the words of the newest version. */
const FLAG_SINCE: Readonly<Record<string, Since>> = {
  "conn-limit": [1, 1],
  "dns-domain": [1, 1],
  "dns-fallback-timeout": [1, 1],
  "dns-listen-address": [1, 1],
  "dns-ttl": [1, 1],
  "log-level": [1, 1],
  "min-protocol-version": [1, 1],
  "no-dns": [1, 1],
  "pkt-debug": [1, 1],
  // 1.2 brought WEAVE_MTU, long before the flag.
  mtu: [1, 2],
  "trusted-subnets": [1, 4],
  host: [1, 5],
  "ipalloc-init": [1, 5],
  "no-restart": [1, 5],
  awsvpc: [1, 6],
  "resolv-conf": [1, 6],
  resume: [1, 6],
  "status-addr": [1, 8],
  "advertise-address": [2, 0],
  "hostname-from-label": [2, 0],
  "hostname-match": [2, 0],
  "hostname-replacement": [2, 0],
  "no-default-ipalloc": [2, 0],
  "no-multicast-route": [2, 0],
  "no-rewrite-hosts": [2, 0],
  "rewrite-inspect": [2, 0],
  "without-dns": [2, 0],
  plugin: [2, 0],
  proxy: [2, 0],
  token: [2, 0],
  "no-bridged-fastdp": [2, 2],
  "metrics-addr": [2, 3],
  "no-masq-local": [2, 4],
};

/** As 1.0 spelled what later versions spell otherwise, always with one dash. */
const SPELT_IN_1_0: Readonly<Record<string, string>> = {
  "conn-limit": "connlimit",
  "init-peer-count": "initpeercount",
  "ipalloc-range": "iprange",
  "ipalloc-default-subnet": "ipsubnet",
  "no-discovery": "nodiscovery",
};

export type LaterCommand = keyof typeof COMMAND_SINCE;

/** Rejects a command that this version does not have yet. */
export function requireCommand(version: WeaveVersion, command: LaterCommand): void {
  mustHave(version, COMMAND_SINCE[command], `'weave ${command}'`);
}

/**
 * Rejects a flag that this version does not have yet; one that no version is known to have is left
 * to Weave.
 */
export function requireFlag(version: WeaveVersion, name: string, setting = `'--${name}'`): void {
  const since = Object.hasOwn(FLAG_SINCE, name) ? FLAG_SINCE[name] : undefined;
  if (since !== undefined) mustHave(version, since, setting);
}

function mustHave(version: WeaveVersion, [major, minor]: Since, what: string): void {
  if (atLeast(version, major, minor)) return;
  throw new FerryError(
    `Weave Net ${version.major}.${version.minor}.${version.patch} has no ${what}: ${major}.${minor} was the first that had it`,
  );
}

/** The words of one flag in this version. */
export function flagWords(version: WeaveVersion, name: string, value?: string): string[] {
  if (atLeast(version, 1, 1)) return [value === undefined ? `--${name}` : `--${name}=${value}`];
  // The script of 1.0 finds the range only as a word of its own.
  const word = `-${SPELT_IN_1_0[name] ?? name}`;
  return value === undefined ? [word] : [word, value];
}

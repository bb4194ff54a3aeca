import { contains, parseCidr } from "../addresses/ipv4";
import type { Connection } from "../connection";
import { FerryError, type InputProblem } from "../errors";
import { containsUnknown, isUnknown } from "../unknown";
import type { BootExposures } from "./boot-unit";
import { dnsEntries, exposure } from "./exposure-inputs";
import * as read from "../input-reader";
import { dialAddress, peerNameText } from "./peer-texts";
import type { LaunchSettings } from "./settings";
import { commandPath, imageOwner, imageVersion } from "./source";
import { normaliseTargets } from "./topology";

/** What a Peer is asked to be, validated and normalised: equal settings have equal spellings. */
export interface PeerInputs {
  readonly cluster: string;
  readonly host: string;
  readonly connection: Connection;
  /** How other peers dial this one. */
  readonly address: string;
  readonly targets: readonly string[];
  readonly electors: number;
  /** Takes no part in dividing the range. Absent: an elector. */
  readonly observer?: true;
  /**
   * Names of the peers between which the range is divided from the start, the same on all peers for
   * ever.
   */
  readonly seed?: readonly string[];
  readonly ipallocRange: string;
  readonly ipallocDefaultSubnet?: string;
  readonly peerName?: string;
  readonly nickname?: string;
  readonly password?: string;
  readonly dnsDomain?: string;
  readonly discovery: boolean;
  readonly trustedSubnets?: readonly string[];
  readonly mtu?: number;
  readonly extraFlags?: readonly string[];
  /** The host's one address on which the router listens. Absent: all. */
  readonly bindAddress?: string;
  /** Absent: where the host has no Open vSwitch. */
  readonly noFastdp?: true;
  /** Of Weave's images. Absent: that of the host's weave command. */
  readonly imageVersion?: string;
  /** Whose images. Absent: those of the host's weave command. */
  readonly images?: string;
  /** The path of the weave command. Absent: where the host finds `weave`. */
  readonly command?: string;
  /** Absent: the router is launched at boot where the host has systemd. */
  readonly launchAtBoot?: false;
  /**
   * What its host is given again at boot, since Weave forgets it: as for the mesh, which gives it
   * while all runs.
   */
  readonly expose?: readonly string[];
  readonly dnsEntries?: Readonly<Record<string, readonly string[]>>;
  /** Never the program's: what a refresh says of a router that has stopped. */
  readonly running?: false;
  /**
   * Only in what a refresh has found: the unit that collects dead links is not at work, and the
   * next `up` puts that right.
   */
  readonly swept?: false;
}

/**
 * The peers that one peer lives with, as the program has them in this run. Used up in `check`: it
 * follows from the other inputs of the cluster, so a change of it alone is no change of the peer.
 */
export interface Membership {
  readonly members: readonly OtherPeer[];
  /** Those who join do so one at a time: they are electors that all list one another. */
  readonly oneAtATime: boolean;
  /** Seconds that a peer may take until it is connected and knows how the range is divided. */
  readonly timeoutSeconds: number;
}

export interface OtherPeer {
  readonly host: string;
  /** How other peers dial it. */
  readonly address: string;
  /** It dials this peer. */
  readonly dials: boolean;
  /** This peer dials it. */
  readonly dialled: boolean;
}

/** Pure. `news` is the program's word, in which anything may not be known yet. */
export function checkPeer(
  olds: Partial<PeerInputs>,
  news: Readonly<Record<string, unknown>>,
): { inputs: PeerInputs; problems: InputProblem[] } {
  const reader = new read.InputReader(news);
  const connection = reader.required("connection", read.connection);
  const address =
    reader.optional("address", dialAddress).address ??
    (isUnknown(connection) ? connection : (connection as Connection | undefined)?.host);
  const targets = reader.required("targets", read.listOf(dialAddress));
  const subnets = reader.optional("trustedSubnets", (value) =>
    [...new Set(read.listOf(read.cidr)(value))].sort(),
  );
  const seed = reader.optional("seed", (value) =>
    [...new Set(read.listOf(peerNameText)(value))].sort(),
  );
  const inputs: PeerInputs = {
    cluster: reader.required("cluster", read.text()),
    host: reader.required("host", read.text()),
    connection,
    address: address as string,
    targets:
      containsUnknown([targets, address]) || reader.problems.length > 0
        ? targets
        : normaliseTargets(targets, address as string),
    electors: reader.required("electors", read.integer(1, 10_000)),
    ...onlyIf("observer", true, reader.optional("observer", read.boolean).observer),
    ...withoutEmpty("seed", seed.seed),
    ipallocRange: reader.required("ipallocRange", range),
    ...reader.optional("ipallocDefaultSubnet", read.cidr),
    ...reader.optional("peerName", peerNameText),
    ...reader.optional(
      "nickname",
      read.text(/^[A-Za-z0-9][\w.-]{0,62}$/, "is no name: use letters, digits, '.', '_' and '-'"),
    ),
    ...reader.optional("password", password),
    ...reader.optional("dnsDomain", dnsDomain),
    discovery: reader.optional("discovery", read.boolean).discovery ?? true,
    ...withoutEmpty("trustedSubnets", subnets.trustedSubnets),
    ...reader.optional("mtu", read.integer(576, 65_535)),
    ...withoutEmpty("extraFlags", reader.optional("extraFlags", read.listOf(extraFlag)).extraFlags),
    ...reader.optional("bindAddress", bindAddress),
    ...onlyIf("noFastdp", true, reader.optional("noFastdp", read.boolean).noFastdp),
    ...reader.optional("imageVersion", imageVersion),
    ...reader.optional("images", imageOwner),
    ...reader.optional("command", commandPath),
    ...onlyIf("launchAtBoot", false, reader.optional("launchAtBoot", read.boolean).launchAtBoot),
    ...exposed(reader.optional("expose", exposure).expose),
    ...reader.optional("dnsEntries", dnsEntries),
  };
  refuseSubnetOutsideRange(reader, inputs);
  refuseAnotherName(reader, olds.peerName, inputs.peerName);
  refuseAnotherSeed(reader, olds, inputs);
  return { inputs, problems: reader.problems };
}

/** Reads what `company` a peer has, once all of it is known. */
export function membershipOf(value: unknown): Membership | undefined {
  if (typeof value !== "object" || value === null || containsUnknown(value)) return undefined;
  return value as Membership;
}

/** Inputs that are handed to the router as they are, where there are any. */
const AS_THEY_ARE = [
  "peerName",
  "nickname",
  "ipallocDefaultSubnet",
  "dnsDomain",
  "mtu",
  "observer",
  "seed",
  "bindAddress",
  "noFastdp",
  "imageVersion",
  "images",
  "password",
] as const satisfies readonly (keyof PeerInputs & keyof LaunchSettings)[];

/** What the router is to be launched with. */
export function launchSettings(inputs: PeerInputs): LaunchSettings {
  const given = AS_THEY_ARE.flatMap((name) =>
    inputs[name] === undefined ? [] : [[name, inputs[name]] as const],
  );
  return {
    ...(Object.fromEntries(given) as Partial<LaunchSettings>),
    ipallocRange: inputs.ipallocRange,
    discovery: inputs.discovery,
    trustedSubnets: inputs.trustedSubnets ?? [],
    extraFlags: inputs.extraFlags ?? [],
    targets: inputs.targets,
    electors: inputs.electors,
  };
}

/** What its host is given again at boot. */
export function bootExposures({ expose, dnsEntries = {} }: PeerInputs): BootExposures {
  const names = Object.entries(dnsEntries);
  return {
    ...(expose === undefined ? {} : { expose }),
    ...(names.length === 0
      ? {}
      : { externalNames: names.map(([name, addresses]) => ({ name, addresses })) }),
  };
}

const exposed = (expose: readonly string[] | false | undefined): Pick<PeerInputs, "expose"> =>
  expose === undefined || expose === false ? {} : { expose };

/**
 * A switch is kept only where it says something else than its default, so that equal wishes are
 * equal.
 */
function onlyIf<K extends string, V extends boolean>(
  name: K,
  kept: V,
  value: boolean | undefined,
): Partial<Record<K, V>> {
  return isUnknown(value) || value === kept ? ({ [name]: value } as Record<K, V>) : {};
}

/** An empty list and no list are the same wish. */
function withoutEmpty<K extends string, T>(
  name: K,
  list: readonly T[] | undefined,
): Partial<Record<K, readonly T[]>> {
  return list === undefined || list.length === 0
    ? {}
    : ({ [name]: list } as Record<K, readonly T[]>);
}

function range(value: unknown): string {
  const normal = read.cidr(value);
  if (parseCidr(normal).prefix > 30)
    throw new FerryError(`'${normal}' is too small: Weave needs a /30 or wider`);
  return normal;
}

/** On this address the router also waits for the others, so it has to be an address of the host. */
const bindAddress = read.text(/^(\d{1,3}\.){3}\d{1,3}$/, "is no IPv4 address of the host");

function dnsDomain(value: unknown): string {
  const name = read.text()(value).toLowerCase().replace(/\.$/, "");
  const label = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
  if (name.length > 200 || !name.split(".").every((each) => label.test(each))) {
    throw new FerryError(`'${name}' is not a legal DNS domain`);
  }
  return name;
}

/** Its text is never repeated in a message. */
function password(value: unknown): string {
  if (typeof value !== "string") throw new FerryError("is not a text");
  if (value.length < 8) throw new FerryError("is too short: it needs at least 8 characters");
  if (/[\r\n\0]/.test(value)) throw new FerryError("must be one line");
  return value;
}

/** Flags that have an input of their own, or that would take from Ferry what it relies on. */
const OWN_INPUT: Readonly<Record<string, string>> = {
  name: "peerName",
  nickname: "nickname",
  password: "password",
  "ipalloc-range": "ipallocRange",
  "ipalloc-default-subnet": "ipallocDefaultSubnet",
  "ipalloc-init": "electors",
  "dns-domain": "dnsDomain",
  "no-discovery": "discovery",
  "trusted-subnets": "trustedSubnets",
  mtu: "mtu",
  host: "bindAddress",
};
const RELIED_UPON = new Set(
  "proxy H port http-addr status-addr host-root docker-bridge weave-bridge datapath no-fastdp resume no-restart token".split(
    " ",
  ),
);

function extraFlag(value: unknown): string {
  const flag = read.text(
    /^--[A-Za-z][\w-]*(=[\w.,:/@%+=-]*)?$/,
    "is not one flag of the form --name or --name=value, without spaces or quotes",
  )(value);
  const name = flag.slice(2).split("=")[0] ?? "";
  const input = OWN_INPUT[name];
  if (input !== undefined)
    throw new FerryError(`'--${name}' has an input of its own: use ${input}`);
  if (RELIED_UPON.has(name) || name.startsWith("tls")) {
    throw new FerryError(`'--${name}' is set by Ferry or would keep it from working: leave it out`);
  }
  return flag;
}

function refuseSubnetOutsideRange(
  reader: read.InputReader,
  { ipallocRange, ipallocDefaultSubnet }: PeerInputs,
): void {
  if (
    ipallocDefaultSubnet === undefined ||
    isUnknown(ipallocRange) ||
    isUnknown(ipallocDefaultSubnet)
  )
    return;
  if (reader.problems.some(({ property }) => property.startsWith("ipalloc"))) return;
  if (contains(parseCidr(ipallocRange), parseCidr(ipallocDefaultSubnet))) return;
  reader.problem(
    "ipallocDefaultSubnet",
    `'${ipallocDefaultSubnet}' is not inside ipallocRange '${ipallocRange}'`,
  );
}

/** A peer holds its share of Weave's range by its name: another name would orphan it. */
function refuseAnotherName(
  reader: read.InputReader,
  old: string | undefined,
  wanted: string | undefined,
): void {
  if (
    old === undefined ||
    wanted === undefined ||
    old === wanted ||
    isUnknown(old) ||
    isUnknown(wanted)
  )
    return;
  reader.problem(
    "peerName",
    `cannot change from ${old} to ${wanted}, since the peer holds its share of the range by its name: ` +
      "take the host out of the program, run `pulumi up`, then add it with the new name",
  );
}

/** Peers with another seed than the network's can never join it. */
function refuseAnotherSeed(
  reader: read.InputReader,
  olds: Partial<PeerInputs>,
  { seed }: PeerInputs,
): void {
  if (olds.host === undefined || containsUnknown([olds.seed, seed])) return;
  const [was, is] = [olds.seed ?? [], seed ?? []];
  if (was.join() === is.join()) return;
  reader.problem(
    "seed",
    `cannot change from ${was.join(", ") || "none"} to ${is.join(", ") || "none"}: the seed is the same on every peer for ` +
      "as long as the network lives. Put it back, with the names of peers that have gone; or make a new cluster",
  );
}

import { contains, parseCidr } from "../addresses/ipv4";
import type { Connection } from "../connection";
import { FerryError, type InputProblem } from "../errors";
import { containsUnknown, isUnknown } from "../unknown";
import * as read from "./input-reader";
import type { LaunchSettings } from "./settings";
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
}

/** Pure. `news` is the program's word, in which anything may not be known yet. */
export function checkPeer(
  olds: Partial<PeerInputs>,
  news: Readonly<Record<string, unknown>>,
): { inputs: PeerInputs; problems: InputProblem[] } {
  const reader = new read.InputReader(news);
  const connection = reader.required("connection", read.connection);
  const address =
    reader.optional("address", read.dialAddress).address ??
    (isUnknown(connection) ? connection : (connection as Connection | undefined)?.host);
  const targets = reader.required("targets", read.listOf(read.dialAddress));
  const subnets = reader.optional("trustedSubnets", (value) =>
    [...new Set(read.listOf(read.cidr)(value))].sort(),
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
    ipallocRange: reader.required("ipallocRange", range),
    ...reader.optional("ipallocDefaultSubnet", read.cidr),
    ...reader.optional("peerName", read.peerNameText),
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
  };
  refuseSubnetOutsideRange(reader, inputs);
  refuseAnotherName(reader, olds.peerName, inputs.peerName);
  return { inputs, problems: reader.problems };
}

/** What the router is to be launched with. */
export function launchSettings(inputs: PeerInputs): LaunchSettings {
  const { peerName, nickname, ipallocDefaultSubnet, dnsDomain: domain, mtu } = inputs;
  return {
    ...(peerName === undefined ? {} : { peerName }),
    ...(nickname === undefined ? {} : { nickname }),
    ipallocRange: inputs.ipallocRange,
    ...(ipallocDefaultSubnet === undefined ? {} : { ipallocDefaultSubnet }),
    ...(domain === undefined ? {} : { dnsDomain: domain }),
    discovery: inputs.discovery,
    trustedSubnets: inputs.trustedSubnets ?? [],
    ...(mtu === undefined ? {} : { mtu }),
    extraFlags: inputs.extraFlags ?? [],
    targets: inputs.targets,
    electors: inputs.electors,
    ...(inputs.password === undefined ? {} : { password: inputs.password }),
  };
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

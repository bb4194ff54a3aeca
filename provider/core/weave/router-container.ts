import { DEFAULT_DNS_DOMAIN } from "../identity";
import { normaliseTarget, type RouterSettings } from "./settings";

/** Weave's router as Docker knows it, whether it runs or not. */
export interface RouterContainer {
  readonly status: string;
  /** The tag of its image: "2.6.5". */
  readonly imageVersion: string;
  /** Whose image it is: "weaveworks". */
  readonly images: string;
  /** False: it was launched without the fast datapath, whoever decided that. */
  readonly fastDatapath: boolean;
  readonly settings: RouterSettings;
  /**
   * Its password against the one that was asked for; the host compares, so that the password never
   * travels back.
   */
  readonly password: "none" | "same" | "other";
}

/**
 * Flags that Weave's script gives every router by itself, and that say nothing about the user's
 * settings.
 */
const SCRIPTS_OWN = new Set([
  "port",
  "host-root",
  "docker-bridge",
  "weave-bridge",
  "datapath",
  "no-fastdp",
  "no-bridged-fastdp",
  "dns-listen-address",
  "http-addr",
  "status-addr",
  "resolv-conf",
  "H",
  "plugin",
  "proxy",
]);

/** Reads "weaveworks/weave:2.6.5", and the same from any registry. */
export function parseRouterImage(image: string): Pick<RouterContainer, "imageVersion" | "images"> {
  const [, tagless = image, imageVersion = "latest"] = /^(.*?)(?::([^:/]+))?$/.exec(image) ?? [];
  return { imageVersion, images: tagless.replace(/^docker\.io\//, "").replace(/\/?[^/]*$/, "") };
}

/** Flags that never have a value in the next word. */
const SWITCHES = new Set([
  "plugin",
  "proxy",
  "no-fastdp",
  "no-bridged-fastdp",
  "no-discovery",
  "no-dns",
  "resume",
  "without-dns",
  "no-multicast-route",
  "no-rewrite-hosts",
  "no-default-ipalloc",
  "rewrite-inspect",
  "no-masq-local",
  "no-detect-tls",
  "plugin-v2",
  "expect-npc",
  "awsvpc",
]);

interface Flag {
  readonly name: string;
  readonly value: string | undefined;
  readonly text: string;
}

/**
 * Reads the settings back from the arguments of a router's container. Weave's script puts defaults
 * in front of the user's flags and the last one counts, except that its own hostname is no nickname
 * that anybody chose.
 */
export function parseRouterArguments(argv: readonly string[]): RouterSettings {
  const flags = parseFlags(argv);
  const last = (name: string) => flags.findLast((flag) => flag.name === name)?.value;
  const nicknames = flags.filter((flag) => flag.name === "nickname");
  const nickname = nicknames.length > 1 ? nicknames.at(-1)?.value : undefined;
  const peerName = last("name");
  const ipallocDefaultSubnet = last("ipalloc-default-subnet");
  const dnsDomain = last("dns-domain")?.replace(/\.$/, "");
  const mtu = last("mtu");
  const bindAddress = last("host");
  return {
    ...(peerName === undefined ? {} : { peerName }),
    ...(nickname === undefined ? {} : { nickname }),
    ipallocRange: last("ipalloc-range") ?? "",
    ...(ipallocDefaultSubnet === undefined ? {} : { ipallocDefaultSubnet }),
    ...(dnsDomain === undefined ? {} : { dnsDomain }),
    discovery: !flags.some((flag) => flag.name === "no-discovery" && flag.value !== "false"),
    trustedSubnets: (last("trusted-subnets") ?? "").split(",").filter(Boolean).sort(),
    ...(mtu === undefined ? {} : { mtu: Number(mtu) }),
    ...(bindAddress === undefined ? {} : { bindAddress }),
    extraFlags: flags.filter(isExtra).map((flag) => flag.text),
  };
}

const SETTINGS = new Set([
  "name",
  "nickname",
  "ipalloc-range",
  "ipalloc-default-subnet",
  "ipalloc-init",
  "dns-domain",
  "no-discovery",
  "trusted-subnets",
  "mtu",
  "host",
]);

function isExtra(flag: Flag): boolean {
  // The script's own `--plugin` has no value; a user's `--plugin=false` does.
  if (flag.name === "plugin" || flag.name === "proxy") return flag.value !== undefined;
  return !SCRIPTS_OWN.has(flag.name) && !SETTINGS.has(flag.name);
}

function parseFlags(argv: readonly string[]): Flag[] {
  const flags: Flag[] = [];
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i] ?? "";
    const match = /^--?([A-Za-z][\w-]*)(?:=(.*))?$/s.exec(word);
    // The first word that is no flag starts the list of targets.
    if (match === null) break;
    const [, name = "", inline] = match;
    const next = argv[i + 1];
    const takesNext =
      inline === undefined && !SWITCHES.has(name) && next !== undefined && !next.startsWith("-");
    if (takesNext) i++;
    flags.push({
      name,
      value: takesNext ? next : inline,
      text: takesNext ? `${word}=${next}` : word,
    });
  }
  return flags;
}

export interface Difference {
  /** As the program calls it. */
  readonly setting: string;
  readonly wanted: string;
  readonly found: string;
}

/**
 * What a router would have to be launched anew for. A name or a nickname that the program leaves
 * open differs from nothing. `actual` is what the router itself says, where it answers.
 */
export function differences(
  wanted: RouterSettings & { readonly password?: string },
  found: RouterContainer,
  actual?: { readonly peerName: string; readonly nickname: string },
): Difference[] {
  const is = found.settings;
  const compare = (setting: string, want: string, have: string): Difference[] =>
    want === have ? [] : [{ setting, wanted: want, found: have }];
  const peerName = actual?.peerName ?? is.peerName ?? "";
  const nickname = actual?.nickname ?? is.nickname ?? "";
  return [
    ...compare("peerName", wanted.peerName ?? peerName, peerName),
    ...compare("nickname", wanted.nickname ?? nickname, nickname),
    ...compare("ipallocRange", wanted.ipallocRange, is.ipallocRange),
    ...compare("ipallocDefaultSubnet", subnetOf(wanted), subnetOf(is)),
    ...compare(
      "dnsDomain",
      wanted.dnsDomain ?? DEFAULT_DNS_DOMAIN,
      is.dnsDomain ?? DEFAULT_DNS_DOMAIN,
    ),
    ...compare("discovery", String(wanted.discovery), String(is.discovery)),
    ...compare("trustedSubnets", list(wanted.trustedSubnets), list(is.trustedSubnets)),
    ...compare("mtu", mtuText(wanted.mtu), mtuText(is.mtu)),
    ...compare("bindAddress", wanted.bindAddress ?? "all", is.bindAddress ?? "all"),
    ...compare("imageVersion", wanted.imageVersion ?? found.imageVersion, found.imageVersion),
    ...compare("images", wanted.images ?? found.images, found.images),
    // Only what the program rules out: where the host cannot, the router goes without by itself.
    ...(wanted.noFastdp === true && found.fastDatapath
      ? [{ setting: "noFastdp", wanted: "true", found: "false" }]
      : []),
    ...compare("extraFlags", list(wanted.extraFlags), list(is.extraFlags)),
    ...passwordDifference(wanted.password, found.password),
  ];
}

function passwordDifference(
  wanted: string | undefined,
  found: RouterContainer["password"],
): Difference[] {
  const want = wanted === undefined ? "none" : "the one given";
  const have = { none: "none", same: "the one given", other: "another one" }[found];
  return want === have ? [] : [{ setting: "password", wanted: want, found: have }];
}

/** The whole range, said or unsaid, is the same. */
const subnetOf = ({ ipallocDefaultSubnet: subnet, ipallocRange }: RouterSettings) =>
  subnet === undefined || subnet === ipallocRange ? "the whole range" : subnet;
const list = (items: readonly string[]) => items.join(" ") || "none";
const mtuText = (mtu: number | undefined) => (mtu === undefined ? "Weave's default" : String(mtu));

/** "ipallocRange is 10.32.0.0/12, not 10.32.0.0/13; password is another one, not the one given" */
export function describeDifferences(found: readonly Difference[]): string {
  return found.map((each) => `${each.setting} is ${each.found}, not ${each.wanted}`).join("; ");
}

/** Which targets to add and which to take away, so that a router dials just the wanted ones. */
export function targetChanges(
  wanted: readonly string[],
  found: readonly string[],
): { connect: string[]; forget: string[] } {
  const want = new Set(wanted.map(normaliseTarget));
  const have = new Set(found.map(normaliseTarget));
  return {
    connect: [...want].filter((target) => !have.has(target)).sort(),
    forget: [...have].filter((target) => !want.has(target)).sort(),
  };
}

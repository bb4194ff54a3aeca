import { createPrivateKey, X509Certificate, type KeyObject } from "crypto";
import type { InputProblem } from "../errors";
import type { DriverOptions } from "./driver";

/**
 * What is known of Flocker, which attaches volumes to one host at a time as its control service is
 * told. A volume is a dataset whose metadata has its name; where it is to be is its `primary`, a
 * node's UUID, and where it is, the state says.
 */
export interface FlockerControl {
  /** "https://control:4523". */
  readonly control: string;
  /** PEM: the cluster's certificate, and what an API user has of it. */
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** The name that its Docker plugin has by default. */
export const FLOCKER_DRIVER = "flocker";

/** What is to be, as the control service keeps it; what was deleted stays listed for ever. */
export interface Dataset {
  readonly dataset_id: string;
  readonly primary: string;
  readonly deleted: boolean;
  readonly metadata: Readonly<Record<string, string>>;
  readonly maximum_size?: number | null;
}

/** What is, as an agent has told; without `primary` and `path` it is attached nowhere. */
export interface DatasetState {
  readonly dataset_id: string;
  readonly primary?: string;
  readonly path?: string;
}

/** The dataset stays on this node as long as there is one. */
export interface DatasetLease {
  readonly dataset_id: string;
  readonly node_uuid: string;
}

/** One whose agent is connected. */
export interface FlockerNode {
  readonly uuid: string;
  readonly host: string;
}

/** A dataset that is to be made. */
export type DatasetRequest = Pick<Dataset, "primary" | "metadata"> & {
  readonly maximum_size?: number;
};

/** The keys of metadata that Flocker and its plugin read. */
const NAME = "name";
const SIZE = "maximum_size";
const PROFILE = "clusterhq:flocker:profile";

const PROFILES = ["gold", "silver", "bronze"];
const UNITS = ["", "k", "m", "g", "t"];
const SMALLEST = 64 * 1024 ** 2;

/** In bytes; undefined where Flocker's plugin would take its own default in silence. */
function sizeOf(text: string): number | undefined {
  const [, digits, unit] = /^(\d+)([kmgt])?(?:i?b)?$/i.exec(text.trim()) ?? [];
  if (digits === undefined) return undefined;
  return Number(digits) * 1024 ** UNITS.indexOf((unit ?? "").toLowerCase());
}

/** Completes "volume 'data' ...". */
export function flockerOptionsProblem(options: DriverOptions): string | undefined {
  const other = Object.keys(options).find((key) => key !== "size" && key !== "profile");
  if (other !== undefined) {
    return `has the driver option \`${other}\`, and Flocker knows \`size\` and \`profile\``;
  }
  const { size, profile } = options;
  if (profile !== undefined && !PROFILES.includes(profile)) {
    return `has profile '${profile}', and Flocker knows ${PROFILES.join(", ")}`;
  }
  if (size === undefined) return undefined;
  const bytes = sizeOf(size);
  if (bytes === undefined) return `has size '${size}'. Say it as "10GB" or "512MiB"`;
  if (bytes >= SMALLEST && bytes % 1024 === 0 && Number.isSafeInteger(bytes)) return undefined;
  return `has size '${size}', and Flocker takes 64 MiB and more, in whole KiB`;
}

/** As its Docker plugin makes one, so that either finds what the other has made. */
export function datasetRequest(
  name: string,
  options: DriverOptions,
  primary: string,
): DatasetRequest {
  const { size, profile } = options;
  const bytes = size === undefined ? undefined : sizeOf(size);
  return {
    primary,
    metadata: {
      [NAME]: name,
      ...(bytes === undefined ? {} : { [SIZE]: String(bytes) }),
      ...(profile === undefined ? {} : { [PROFILE]: profile }),
    },
    ...(bytes === undefined ? {} : { maximum_size: bytes }),
  };
}

/** Those of a name: two, where two have asked for it at once. */
export function datasetsNamed(all: readonly Dataset[], name: string): Dataset[] {
  return all.filter(({ deleted, metadata }) => !deleted && metadata[NAME] === name);
}

/** Why it is not as the program says; what that does not say, is as it is. */
export function differenceOf(
  { maximum_size: has, metadata }: Dataset,
  { size, profile }: DriverOptions,
): string | undefined {
  const wanted = size === undefined ? undefined : sizeOf(size);
  if (wanted !== undefined && typeof has === "number" && has !== wanted) {
    return `it has ${has} bytes, and the program says ${wanted} ('${size ?? ""}')`;
  }
  const now = metadata[PROFILE];
  if (profile === undefined || profile === now) return undefined;
  return `it has ${now === undefined ? "no profile" : `profile '${now}'`}, and the program says '${profile}'`;
}

/** Of all that agents tell of one dataset: whether a node has it, or what is to be waited for. */
export function whyNotOn(
  states: readonly DatasetState[],
  id: string,
  node: string,
  hostOf: (node: string) => string,
): string | undefined {
  const ofIt = states.filter((each) => each.dataset_id === id);
  const on = ofIt.flatMap(({ primary }) => (primary === undefined ? [] : [primary]));
  if (on.length > 1) return `${on.map(hostOf).join(" and ")} both say that they have it`;
  const [first] = on;
  if (first === undefined) return ofIt.length === 0 ? "no agent tells of it" : "no node has it";
  if (first !== node) return `${hostOf(first)} has it still`;
  return ofIt.some(({ path }) => path !== undefined) ? undefined : "it is not mounted there yet";
}

/** What is wrong with what the program says of a control service. */
export function controlProblems(said: FlockerControl, key: string): InputProblem[] {
  const problem = isUrl(said.control)
    ? identityProblem(said)
    : (["control", `'${said.control}' is no address such as https://control:4523`] as const);
  if (problem === undefined) return [];
  const [field, reason] = problem;
  return [{ property: `flocker.${field}`, reason: `volume '${key}': ${reason}` }];
}

const isUrl = (text: string): boolean => URL.canParse(text) && /^https:\/\/[^/@?#]+\/?$/.test(text);

/** The service itself would only hang up. */
function identityProblem({
  ca,
  cert,
  key,
}: FlockerControl): [field: string, reason: string] | undefined {
  const [cluster, own] = [certificateIn(ca), certificateIn(cert)];
  if (cluster === undefined) return ["ca", "this is no certificate in PEM"];
  if (own === undefined) return ["cert", "this is no certificate in PEM"];
  const [, name = own.subject] = /^CN=(.*)$/m.exec(own.subject) ?? [];
  if (!name.startsWith("user-")) {
    return [
      "cert",
      `this is the certificate of '${name}', and Flocker lets API users in, 'user-...'`,
    ];
  }
  if (!own.verify(cluster.publicKey))
    return ["cert", "this certificate is none of the cluster's, `ca`"];
  const secret = privateKeyIn(key);
  if (secret === undefined) return ["key", "this is no private key in PEM"];
  return own.checkPrivateKey(secret) ? undefined : ["key", "this is not the key of `cert`"];
}

function certificateIn(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

function privateKeyIn(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined;
  }
}

import { createHash } from "crypto";
import { canonicalJson } from "../canonical-json";
import { compareVersions } from "../host/facts";
import { REWEAVE_SINCE } from "../host/fitness";

/** From where Docker comes; "auto": the distribution's, where it has one. */
export type DockerSource = "auto" | "distribution" | "docker.com";

/** What is wanted of a host's preparation, with all that the program left open filled in. */
export interface BootstrapSettings {
  readonly docker: DockerSource | false;
  readonly tools: boolean;
  readonly weave: WeaveWanted | false;
  /** The operator's folder of packages, in place of repositories. */
  readonly packages?: string;
  readonly mirrors: Mirrors;
}

export interface WeaveWanted {
  /** Absent where the operator gives a command of any version. */
  readonly version?: string;
  readonly sha256?: string;
  /** Files of the operator's: the command, and an archive of its images. */
  readonly command?: string;
  readonly archive?: string;
}

export interface Mirrors {
  /** In place of Docker's own repository. */
  readonly docker: string;
  /** In place of reWeave's releases. */
  readonly weave: string;
  /** Of Docker's registry. */
  readonly registry?: string;
}

/** The newest release of reWeave (rajch/weave), whose command starts on every Docker of today. */
export const NEWEST_REWEAVE = "2.9.0";
const DOCKER_URL = "https://download.docker.com";
const REWEAVE_URL = "https://github.com/rajch/weave/releases/download";

type Fields = Record<string, unknown>;

/** Paths of what is wrong, each with why. */
export type SettingsProblem = readonly [path: string, reason: string];

/**
 * Reads `bootstrap` of a host as the program has it, without `proxy` and `noProxy`, which may be
 * known later.
 */
export function readBootstrap(given: unknown): BootstrapSettings | readonly SettingsProblem[] {
  const problems: SettingsProblem[] = [];
  const fields = fieldsOf(given, "bootstrap", problems, [
    ...["docker", "tools", "weave", "packages", "mirrors", "again", "proxy", "noProxy"],
  ]);
  const docker = dockerOf(fields["docker"], problems);
  const tools = flag(fields["tools"], "bootstrap.tools", problems);
  const weave = weaveOf(fields["weave"], problems);
  const packages = text(fields["packages"], "bootstrap.packages", /./, "a folder", problems);
  text(fields["again"], "bootstrap.again", /^.+$/, "a word", problems);
  if (packages !== undefined && !tools) {
    problems.push([
      "bootstrap.packages",
      "needs `tools`, with which the last of the packages come onto the host",
    ]);
  }
  const mirrors = mirrorsOf(fields["mirrors"], problems);
  if (problems.length > 0) return problems;
  return { docker, tools, weave, ...(packages === undefined ? {} : { packages }), mirrors };
}

/**
 * Tells one preparation from another by what the program says of it, not by what a release of Ferry
 * makes of that: another release prepares nothing anew. Empty for `bootstrap: true`.
 */
export function bootstrapMark(given: unknown): string {
  if (typeof given !== "object" || given === null) return "";
  const { proxy: _proxy, noProxy: _noProxy, ...fields } = given as Fields;
  if (Object.values(fields).every((value) => value === undefined)) return "";
  return createHash("sha256").update(canonicalJson(fields)).digest("hex").slice(0, 6);
}

/** Addresses end up in files of the host, so they hold no quotes and no spaces. */
const URL_FORM = /^https?:\/\/[^\s'"\\$`]+$/;
/** A password in one would stand on command lines of the host and in a file that all may read. */
const MIRROR_FORM = /^https?:\/\/[^\s'"\\$`@/]+(\/[^\s'"\\$`]*)?$/;
export const PROXY_FORMS = { proxy: URL_FORM, noProxy: /^[\w.,*:[\]/-]+$/ };

function dockerOf(value: unknown, problems: SettingsProblem[]): DockerSource | false {
  if (value === undefined || value === true) return "auto";
  if (value === false || value === "distribution" || value === "docker.com") return value;
  problems.push(["bootstrap.docker", `is "distribution", "docker.com", true or false`]);
  return "auto";
}

function weaveOf(value: unknown, problems: SettingsProblem[]): WeaveWanted | false {
  if (value === false) return false;
  const at = "bootstrap.weave";
  const given = typeof value === "string" ? { version: value } : value;
  const fields = fieldsOf(given, at, problems, ["version", "sha256", "command", "archive"]);
  const command = text(fields["command"], `${at}.command`, /./, "the path of a file", problems);
  const archive = text(fields["archive"], `${at}.archive`, /./, "the path of a file", problems);
  const form = /^\d+\.\d+\.\d+$/;
  const version = text(fields["version"], `${at}.version`, form, `like "2.9.0"`, problems);
  const sum = /^[0-9a-f]{64}$/;
  const sha256 = text(fields["sha256"], `${at}.sha256`, sum, "64 digits of base 16", problems);
  const wanted = version ?? (command === undefined ? NEWEST_REWEAVE : undefined);
  if (
    version !== undefined &&
    command === undefined &&
    compareVersions(version, REWEAVE_SINCE) < 0
  ) {
    problems.push([
      `${at}.version`,
      `is older than ${REWEAVE_SINCE}, the first release of reWeave with images of its own, from where it would be fetched; give its file as \`command\``,
    ]);
  }
  return {
    ...(wanted === undefined ? {} : { version: wanted }),
    ...(sha256 === undefined ? {} : { sha256 }),
    ...(command === undefined ? {} : { command }),
    ...(archive === undefined ? {} : { archive }),
  };
}

function mirrorsOf(value: unknown, problems: SettingsProblem[]): Mirrors {
  const at = "bootstrap.mirrors";
  const fields = fieldsOf(value, at, problems, ["docker", "weave", "registry"]);
  const url = (name: string) =>
    text(
      fields[name],
      `${at}.${name}`,
      MIRROR_FORM,
      "an address with http:// or https://, without user and password",
      problems,
    );
  const registry = url("registry");
  return {
    docker: withoutSlash(url("docker") ?? DOCKER_URL),
    weave: withoutSlash(url("weave") ?? REWEAVE_URL),
    ...(registry === undefined ? {} : { registry }),
  };
}

const withoutSlash = (url: string) => url.replace(/\/+$/, "");

function fieldsOf(
  value: unknown,
  at: string,
  problems: SettingsProblem[],
  known: readonly string[],
): Fields {
  if (value === undefined || value === true) return {};
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    problems.push([at, `is true, or an object of ${known.join(", ")}`]);
    return {};
  }
  for (const name of Object.keys(value)) {
    if (!known.includes(name))
      problems.push([`${at}.${name}`, `is not known; there is ${known.join(", ")}`]);
  }
  return value as Fields;
}

function flag(value: unknown, at: string, problems: SettingsProblem[]): boolean {
  if (value !== undefined && typeof value !== "boolean") problems.push([at, "is true or false"]);
  return value !== false;
}

function text(
  value: unknown,
  at: string,
  form: RegExp,
  what: string,
  problems: SettingsProblem[],
): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === "string" && form.test(value)) return value;
  problems.push([at, `is no text that is ${what}; it must be known when the program runs`]);
  return undefined;
}

import { createHash } from "crypto";
import { canonicalJson } from "../canonical-json";
import { network } from "../network";
import type { PreparedNetwork } from "../network/preparation";
import { fieldsOf, flag, text, type Fields, type SettingsProblem } from "./fields";

/** From where Docker comes; "auto": the distribution's, where it has one. */
export type DockerSource = "auto" | "distribution" | "docker.com";

/** What is wanted of a host's preparation, with all that the program left open filled in. */
export interface BootstrapSettings {
  readonly docker: DockerSource | false;
  readonly tools: boolean;
  readonly network: PreparedNetwork | false;
  /** The operator's folder of packages, in place of repositories. */
  readonly packages?: string;
  readonly mirrors: Mirrors;
}

export interface Mirrors {
  /** In place of Docker's own repository. */
  readonly docker: string;
  /** In place of where the network's own releases are. */
  readonly network: string;
  /** Of Docker's registry. */
  readonly registry?: string;
}

const DOCKER_URL = "https://download.docker.com";
const FIELDS = ["docker", "tools", network.preparation.field, "packages", "mirrors"];
/** What is known later, or is no setting of its own. */
const BESIDE = ["again", "proxy", "noProxy"];

/**
 * Reads `bootstrap` of a host as the program has it, without `proxy` and `noProxy`, which may be
 * known later.
 */
export function readBootstrap(given: unknown): BootstrapSettings | readonly SettingsProblem[] {
  const problems: SettingsProblem[] = [];
  const fields = fieldsOf(given, "bootstrap", problems, [...FIELDS, ...BESIDE]);
  const docker = dockerOf(fields["docker"], problems);
  const tools = flag(fields["tools"], "bootstrap.tools", problems);
  const { preparation } = network;
  const wanted = preparation.read(fields[preparation.field], problems);
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
  return {
    docker,
    tools,
    network: wanted,
    ...(packages === undefined ? {} : { packages }),
    mirrors,
  };
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

function mirrorsOf(value: unknown, problems: SettingsProblem[]): Mirrors {
  const at = "bootstrap.mirrors";
  const { field, mirror } = network.preparation;
  const fields = fieldsOf(value, at, problems, ["docker", field, "registry"]);
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
    network: withoutSlash(url(field) ?? mirror),
    ...(registry === undefined ? {} : { registry }),
  };
}

const withoutSlash = (url: string) => url.replace(/\/+$/, "");

import type { RegistryCredentials } from "../adapter-ports";

/** Who the program says that registries take us for, by the registry's name. */
export type Registries = Readonly<Record<string, RegistryCredentials>>;

export const DOCKER_HUB = "docker.io";

const NAMES_OF_DOCKER_HUB = ["docker.io", "index.docker.io", "registry-1.docker.io"];

/** The registry that an image's name asks: what stands before its first slash, if that is a host. */
export function registryOf(image: string): string {
  const [first = "", ...rest] = image.split("/");
  const isHost = rest.length > 0 && /[.:]|^localhost$/.test(first);
  return isHost ? plainRegistry(first) : DOCKER_HUB;
}

/** Programs and Docker's configuration spell one registry in several ways. */
export function plainRegistry(name: string): string {
  const host = name.replace(/^https?:\/\//, "").replace(/\/.*$/, "");
  return NAMES_OF_DOCKER_HUB.includes(host) ? DOCKER_HUB : host;
}

/** Those of a registry, among some that are by whatever spelling of names. */
export function credentialsIn(
  registries: Registries,
  registry: string,
): RegistryCredentials | undefined {
  return Object.entries(registries).find(([name]) => plainRegistry(name) === registry)?.[1];
}

/** In place of a user's name, where the password is a token that says who it is. */
export const TOKEN = "<token>";

/** Where a Docker configuration has what a registry wants to know. */
export type Found =
  | { readonly credentials: RegistryCredentials }
  /** A program that keeps it, and whether `docker login` has surely given it that. */
  | { readonly helper: string; readonly isSure: boolean };

interface Auth {
  readonly auth?: string;
  readonly identitytoken?: string;
}

interface DockerConfig {
  readonly auths?: Readonly<Record<string, Auth>>;
  readonly credsStore?: string;
  readonly credHelpers?: Readonly<Record<string, string>>;
}

/** undefined where it has nothing for the registry. */
export function foundInConfig(config: string, registry: string): Found | undefined {
  const { auths = {}, credsStore, credHelpers = {} } = JSON.parse(config) as DockerConfig;
  const of = <T>(all: Readonly<Record<string, T>>): T | undefined =>
    Object.entries(all).find(([name]) => plainRegistry(name) === registry)?.[1];
  const own = of(credHelpers);
  if (own !== undefined && own !== "") return { helper: own, isSure: true };
  const auth = of(auths);
  const credentials = auth && credentialsOf(auth);
  if (credentials !== undefined) return { credentials };
  if (credsStore === undefined || credsStore === "") return undefined;
  // `docker login` leaves an empty entry for what it has given to the program.
  return { helper: credsStore, isSure: auth !== undefined };
}

function credentialsOf({ auth = "", identitytoken = "" }: Auth): RegistryCredentials | undefined {
  if (identitytoken !== "") return { username: TOKEN, password: identitytoken };
  const said = Buffer.from(auth, "base64").toString();
  const [, username, password] = /^([^:]*):(.*)$/s.exec(said) ?? [];
  if (username === undefined || password === undefined) return undefined;
  return { username, password: password.replace(/\0+$/, "") };
}

/** What such a program calls the registry. */
export const nameForHelper = (registry: string): string =>
  registry === DOCKER_HUB ? "https://index.docker.io/v1/" : registry;

/** What such a program answers; undefined where that is no answer. */
export function credentialsOfHelper(said: string): RegistryCredentials | undefined {
  try {
    const { Username, Secret } = JSON.parse(said) as Readonly<Record<string, unknown>>;
    if (typeof Username !== "string" || typeof Secret !== "string") return undefined;
    return { username: Username, password: Secret };
  } catch {
    return undefined;
  }
}

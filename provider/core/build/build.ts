import type { Ulimit } from "../container-spec";

/** How a service's image is built: what the file says, with paths as they stand there. */
export interface Build {
  /** A folder, seen from the compose file; or a URL, which the builder fetches. */
  readonly context: string;
  /** A file, seen from the context. @default "Dockerfile" */
  readonly dockerfile?: string;
  /** Its text, in place of a file. */
  readonly dockerfileInline?: string;
  readonly target?: string;
  readonly args?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  /** By the id that the Dockerfile asks for. */
  readonly secrets?: Readonly<Record<string, BuildSecret>>;
  /**
   * Agents and keys by id: where they are, seen from the compose file, or "" for the agent of
   * whoever runs this.
   */
  readonly ssh?: Readonly<Record<string, string>>;
  /**
   * By the name that the Dockerfile uses: a folder, "docker-image://" and an image, or "service:"
   * and a service.
   */
  readonly additionalContexts?: Readonly<Record<string, string>>;
  /** "linux/amd64": hosts of another kind refuse it. */
  readonly platforms?: readonly string[];
  readonly cacheFrom?: readonly string[];
  readonly network?: "host" | "none";
  readonly shmSizeBytes?: number;
  readonly ulimits?: readonly Ulimit[];
  readonly extraHosts?: readonly string[];
  readonly noCache?: boolean;
  readonly pull?: boolean;
}

/** One of both is said. */
export interface BuildSecret {
  /** A file, seen from the compose file. */
  readonly path?: string;
  readonly content?: string;
}

export const DOCKER_IMAGE = "docker-image://";
export const SERVICE = "service:";

/** What a builder fetches by itself: a repository, an archive, a Dockerfile. */
export const isRemote = (context: string): boolean =>
  /^([a-z][a-z0-9+.-]*:\/\/|git@|github\.com\/)/i.test(context);

/** What a provider's process is told of a build, and state never has. */
export interface BuildRecipe {
  /** The image's name, whose tag ends with the hash. */
  readonly image: string;
  readonly hash: string;
  /** The folder that the file's paths are seen from. */
  readonly folder: string;
  readonly build: Build;
  /** Values of arguments are not to be told. */
  readonly hidesArgs: boolean;
  /** Whose build it is: "project/stack". */
  readonly program?: string;
  /** Recipes of other services' images that it is built on, as JSON. */
  readonly bases?: readonly string[];
}

/** On images that Ferry has built: the hash of all that they were built from. */
export const BUILD_LABEL = "pulumi-ferry.build";

/** On those that were built on others of them: the hashes of these. */
export const BASES_LABEL = "pulumi-ferry.build-bases";

/** What it is built on, as far as that is built as well. */
export const basesOf = ({ bases = [] }: BuildRecipe): readonly BuildRecipe[] =>
  bases.map((base) => JSON.parse(base) as BuildRecipe);

const HASH = /[:-]([0-9a-f]{16})$/;

/**
 * What the built image is called: as the file calls it, or as Compose would, and always with the
 * hash of what it is built from, so that another content is another image.
 */
export function builtName(of: {
  readonly image: string;
  readonly deployment: string;
  readonly service: string;
  readonly hash: string;
}): string {
  const { image, deployment, service, hash } = of;
  if (image === "") return `${deployment}-${service}:${hash}`;
  const [named = ""] = image.split("@");
  const [, name = named, tag] = /^(.*?)(?::([^:/]+))?$/.exec(named) ?? [];
  return tag === undefined ? `${name}:${hash}` : `${name}:${tag.slice(0, 100)}-${hash}`;
}

/** The hash that a built image's name ends with; undefined where no build of ours has named it. */
export const hashInName = (image: string): string | undefined => HASH.exec(image)?.[1];

/**
 * A Dockerfile in which names stand for images: as stages before its first one, behind the
 * arguments that hold for all of them.
 */
export function withStages(dockerfile: string, images: Readonly<Record<string, string>>): string {
  const stages = Object.entries(images).map(([name, image]) => `FROM ${image} AS ${name}`);
  if (stages.length === 0) return dockerfile;
  const lines = dockerfile.split("\n");
  const first = lines.findIndex((line) => /^\s*FROM\s/i.test(line));
  return [...lines.slice(0, first), ...stages, ...lines.slice(first)].join("\n");
}

import { FerryError } from "../errors";
import { containsUnknown } from "../unknown";
import * as read from "../input-reader";

/**
 * Where a host's Weave comes from. What is absent is as the weave command of the host itself has
 * it.
 */
export interface WeaveSource {
  /** Of Weave's images: "2.9.0". */
  readonly version?: string;
  /** Whose images they are: "rajchaudhuri" (reWeave), "weaveworks", "registry.example/mirror". */
  readonly images?: string;
  /** The path of the weave command on the host. */
  readonly command?: string;
}

export const imageVersion = read.text(
  /^[A-Za-z0-9][\w.-]{0,62}$/,
  'is no version of Weave\'s images, such as "2.8.1"',
);

const owner = read.text(
  /^([A-Za-z0-9][A-Za-z0-9.-]*(:\d+)?\/)?[a-z0-9]+([._-]+[a-z0-9]+)*(\/[a-z0-9]+([._-]+[a-z0-9]+)*)*$/,
  'is no owner of images, such as "rajchaudhuri" or "registry.example:5000/mirror"',
);

/** Docker's own registry goes without saying. */
export const imageOwner = (value: unknown): string =>
  owner(value).replace(/^(docker\.io|index\.docker\.io)\//, "");

/**
 * A path of characters that no shell reads anything into, and without "=", by which scripts on the
 * host tell it from what is set for it.
 */
export const commandPath = read.text(
  /^(\/[\w.@%+:,-]+)+$/,
  "is not the path of the weave command on the host, such as /usr/local/bin/weave",
);

/** All of it, as hosts and the mesh are told. */
export function weaveSource(value: unknown): WeaveSource {
  if (typeof value !== "object" || value === null) {
    throw new FerryError("is not a set of version, images and command");
  }
  const reader = new read.InputReader(value as Record<string, unknown>);
  const source = {
    ...reader.optional("version", imageVersion),
    ...reader.optional("images", imageOwner),
    ...reader.optional("command", commandPath),
  };
  const [problem] = reader.problems;
  if (problem !== undefined) throw new FerryError(`${problem.property} ${problem.reason}`);
  return source;
}

/** What a host's resource says of Weave. */
export const inputsOfHost = (reader: read.InputReader): { readonly weave?: WeaveSource } =>
  reader.optional("weave", weaveSource);

/** The same out of all that it says, once it is known. */
export function sourceOnHost(inputs: object | undefined): WeaveSource | undefined {
  const { weave } = (inputs ?? {}) as { readonly weave?: WeaveSource };
  return containsUnknown(weave) ? undefined : weave;
}

/** A peer says the same with inputs of its own. */
export function sourceOf({
  imageVersion: version,
  images,
  command,
}: {
  readonly imageVersion?: string;
  readonly images?: string;
  readonly command?: string;
}): WeaveSource {
  return {
    ...(version === undefined ? {} : { version }),
    ...(images === undefined ? {} : { images }),
    ...(command === undefined ? {} : { command }),
  };
}

import { createHash } from "crypto";
import { createReadStream, lstatSync, openSync, closeSync, readSync } from "fs";
import { readdirSync, readFileSync, readlinkSync, statSync } from "fs";
import { join, resolve } from "path";
import { DOCKER_IMAGE, isRemote, type Build } from "../core/build/build";
import type { SourceEntry } from "../core/build/build-request";
import { buildHash, folderHash, type HashedEntry } from "../core/build/hash";
import { ignoreRules, type IgnoreRules } from "../core/build/ignore";
import { FerryError } from "../core/errors";

/** What a build takes from this machine, as it is now. */
export interface BuildContent {
  /** The Dockerfile's text. */
  readonly dockerfile: string;
  readonly context: readonly SourceEntry[];
  /** Further folders by the name that the Dockerfile uses, each with its own hash. */
  readonly contexts: Readonly<Record<string, FurtherContext>>;
  readonly hash: string;
}

export interface FurtherContext {
  readonly entries: readonly SourceEntry[];
  readonly hash: string;
}

/** Reads all of it. `folder` is what the file's paths are seen from. */
export function readBuild(folder: string, build: Build): BuildContent {
  if (isRemote(build.context)) return fetchedElsewhere(build);
  const root = requireFolder(folder, build.context, "context");
  const name = build.dockerfile ?? "Dockerfile";
  const dockerfile = build.dockerfileInline ?? requireDockerfile(root, name);
  const ignored = textIfThere(join(root, `${name}.dockerignore`));
  const context = entriesIn(
    root,
    ignoreRules(ignored ?? textIfThere(join(root, ".dockerignore")) ?? ""),
  );
  const further = Object.entries(build.additionalContexts ?? {})
    .filter(([, from]) => !from.startsWith(DOCKER_IMAGE))
    .map(([key, path]) => [key, furtherContext(folder, path)] as const);
  const hashed = further.map(([key, { entries }]) => [key, entries.map(hashedEntry)] as const);
  return {
    dockerfile,
    context,
    contexts: Object.fromEntries(further),
    hash: buildHash({
      ...{ build, dockerfile, context: context.map(hashedEntry) },
      contexts: Object.fromEntries(hashed),
    }),
  };
}

/** The builder fetches it: of what is there by then nothing is known here. */
function fetchedElsewhere(build: Build): BuildContent {
  const nothing = { dockerfile: build.dockerfile ?? "", context: [], contexts: {} };
  return { ...nothing, hash: buildHash({ build, ...nothing }) };
}

function furtherContext(folder: string, path: string): FurtherContext {
  const root = requireFolder(folder, path, "additional context");
  const rules = ignoreRules(textIfThere(join(root, ".dockerignore")) ?? "");
  const entries = entriesIn(root, rules);
  return { entries, hash: folderHash(entries.map(hashedEntry)) };
}

type Found = SourceEntry & { readonly at: string };

/** In BuildKit's order: a folder, all that is in it, what comes after it. */
function entriesIn(root: string, rules: IgnoreRules): Found[] {
  const walk = (folder: string): Found[] =>
    sortedNames(join(root, folder)).flatMap((name) => {
      const path = folder === "" ? name : `${folder}/${name}`;
      const ignored = rules.ignores(path);
      const entry = ignored && !rules.hasExceptions ? undefined : entryAt(root, path);
      if (entry === undefined) return [];
      const below = entry.kind === "folder" ? walk(path) : [];
      return ignored && below.length === 0 ? [] : [entry, ...below];
    });
  return walk("");
}

function sortedNames(folder: string): string[] {
  return readdirSync(folder).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

/** Sockets and the like are nothing to build from. */
function entryAt(root: string, path: string): Found | undefined {
  const at = join(root, path);
  const stat = lstatSync(at);
  const mode = stat.mode & 0o7777;
  if (stat.isDirectory()) return { path, at, kind: "folder", mode, size: 0, read: nothing };
  if (stat.isSymbolicLink())
    return {
      path,
      at,
      kind: "link",
      mode: 0o777,
      size: 0,
      target: readlinkSync(at),
      read: nothing,
    };
  if (!stat.isFile()) return undefined;
  const read = () => createReadStream(at, { highWaterMark: CHUNK }) as AsyncIterable<Buffer>;
  return { path, at, kind: "file", mode, size: stat.size, read };
}

const CHUNK = 256 * 1024;

async function* nothing(): AsyncIterable<Buffer> {
  // A folder has no content.
}

function hashedEntry(entry: SourceEntry): HashedEntry {
  const { path, kind, mode, target, at } = entry as Found;
  return { path, kind, mode, content: kind === "file" ? contentHash(at) : (target ?? "") };
}

function contentHash(path: string): string {
  const hash = createHash("sha256");
  const buffer = Buffer.alloc(CHUNK);
  const file = openSync(path, "r");
  try {
    for (let read = 1; read > 0;) {
      read = readSync(file, buffer);
      hash.update(buffer.subarray(0, read));
    }
  } finally {
    closeSync(file);
  }
  return hash.digest("hex");
}

function requireFolder(folder: string, path: string, what: string): string {
  const root = resolve(folder, path);
  if (statSync(root, { throwIfNoEntry: false })?.isDirectory() === true) return root;
  throw new FerryError(
    `the ${what} '${path}' is not there, or is no folder. Its path is seen from the compose file`,
  );
}

function requireDockerfile(root: string, name: string): string {
  const text = textIfThere(resolve(root, name));
  if (text !== undefined) return text;
  throw new FerryError(
    `there is no '${name}' in its context. Give the file's path, seen from there, as \`dockerfile\``,
  );
}

function textIfThere(path: string): string | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  return found?.isFile() === true ? readFileSync(path, "utf8") : undefined;
}

/** A secret's bytes. */
export function readSecret(
  folder: string,
  { path, content = "" }: { path?: string; content?: string },
): Buffer {
  if (path === undefined) return Buffer.from(content);
  const found = statSync(resolve(folder, path), { throwIfNoEntry: false });
  if (found?.isFile() !== true)
    throw new FerryError(
      `the file '${path}' is not there, or is no file. Its path is seen from the compose file`,
    );
  return readFileSync(resolve(folder, path));
}

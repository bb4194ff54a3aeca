import { createHash } from "crypto";
import { posix } from "path";
import type { ServiceFile } from "../application";
import type { Mount, Propagation } from "../container-spec";
import { PROXY_WORDS, type ProxyWord, type Publish } from "../ports/everywhere";
import { folderProblem } from "../volume/folder";
import { into, readFields, type FieldTable } from "./fields";
import type { KindOf } from "./draft";
import type { Place } from "./problems";
import { boolean, oneOf, size } from "./scalars";
import { isMapping, type Node } from "./yaml";

/** What the file says of what lies beside it. */
export interface FerryWords {
  files?: "config" | "data";
  maxSize?: number;
  moves?: boolean;
}

/** The same, and what a service alone has. */
export interface ServiceWords extends FerryWords {
  publish?: "everywhere";
  proxy?: ProxyWord;
}

/** `x-ferry` of a service, and of one of its mounts. */
export const ferryFields: FieldTable<FerryWords> = {
  files: into(
    "files",
    oneOf("config", "data"),
    "`config`: what lies beside the file is carried to the host as it is, read-only, each time that it changes. `data`: a volume that is filled from it when it is made, and never again. By default what is read-only or a file is `config`, a folder that may be written to `data`.",
  ),
  moves: into(
    "moves",
    boolean,
    "true: an absolute folder that may be written to is data, and a move copies it to the same path. Of a service: all its folders that may be written to, but the system's own.",
  ),
  maxSize: into("maxSize", size, "The most that a `config` may have; 16m when absent."),
};

/** Further ones of a service. */
export const serviceWords: FieldTable<Omit<ServiceWords, keyof FerryWords>> = {
  publish: into(
    "publish",
    oneOf("everywhere"),
    "`everywhere`: its `ports` answer on every host and lead to all of its healthy replicas in turn, wherever these are. They are TCP, each with a port of the host.",
  ),
  proxy: into(
    "proxy",
    oneOf(...PROXY_WORDS),
    "With `publish`, how a client's address gets to the replicas: `protocol` (PROXY protocol, version 2, which the program has to read) or `http` (the header `X-Forwarded-For`).",
  ),
};

/** What `x-ferry` of a service may say. */
export const serviceFerryFields: FieldTable<ServiceWords> = { ...ferryFields, ...serviceWords };

export const readFerryWords = (node: Node, at: Place): FerryWords => {
  const words: FerryWords = {};
  readFields(ferryFields, node, at, words);
  return words;
};

/** What travels with one service: its mounts refer to these. */
export class Travelling {
  readonly files = new Map<string, ServiceFile>();
  /** Volumes that are filled from folders, by the volume's key. */
  readonly folders = new Map<string, { readonly path: string; readonly at: Place }>();

  /** Folders of the hosts that are data, by the volume's key. */
  readonly moving = new Map<string, { readonly path: string; readonly at: Place }>();

  constructor(
    private readonly words: ServiceWords,
    private readonly kindOf: KindOf,
  ) {}

  static of(service: Node, at: Place, kindOf: KindOf): Travelling {
    const said = isMapping(service) ? (service.get("x-ferry") ?? null) : null;
    const words: ServiceWords = {};
    const here = at.key("x-ferry");
    if (said !== null) readFields(serviceFerryFields, said, here, words);
    if (words.proxy !== undefined && words.publish === undefined)
      here.key("proxy").problem("says how ports that answer everywhere lead on. Add `publish`.");
    return new Travelling(words, kindOf);
  }

  /** Whether its ports answer on every host. */
  get publish(): Publish | undefined {
    const { publish: on, proxy } = this.words;
    return on === undefined ? undefined : { on, ...(proxy === undefined ? {} : { proxy }) };
  }

  /** A mount of what lies beside the compose file. */
  beside(
    source: string,
    target: string,
    at: Place,
    modes: { readonly readOnly?: true; readonly selinux?: "z" | "Z" },
    own: FerryWords = {},
  ): Mount | undefined {
    const path = posix.normalize(source).replace(/(?<=.)\/+$/, "");
    if (path.startsWith("~"))
      at.note("is in the home folder of whoever runs the program, as Compose has it.");
    const { files = this.words.files, maxSize = this.words.maxSize } = own;
    const kind = this.kindOf(path);
    const isConfig =
      files === undefined ? modes.readOnly === true || kind === "file" : files === "config";
    const { selinux } = modes;
    const common = { target, ...(selinux === undefined ? {} : { selinux }) };
    if (!isConfig && kind === "file")
      return at.problem(`${at.show(source)} is a file, and data is a folder. Mount its folder.`);
    if (kind === undefined)
      at.note("is not there: an empty folder is mounted, as Compose makes one.");
    if (isConfig) {
      const name = /^(\.\.|~)/.test(path) ? path : `./${path}`.replace(/^\.\/\.$/, ".");
      this.files.set(name, {
        path,
        ...(maxSize === undefined ? {} : { maxBytes: maxSize }),
        ...(kind === undefined ? { orEmpty: true } : {}),
      });
      if (modes.readOnly !== true)
        at.note("is carried to the host whenever it changes, and is read-only there.");
      return { type: "file", file: name, ...common };
    }
    const volume = keyOf(path);
    this.folders.set(volume, { path, at });
    const access = modes.readOnly === true ? { readOnly: true } : {};
    return { type: "volume", volume, ...common, ...access, noCopy: true };
  }

  /** A mount of a folder of the host; undefined where it is the host's own, or cannot move. */
  folderOfHost(
    path: string,
    target: string,
    at: Place,
    modes: MovingModes,
    own: FerryWords = {},
  ): Mount | "host's own" | undefined {
    const readOnly = modes.readOnly === true;
    const moves = own.moves ?? (this.words.moves === true && !readOnly && !folderProblem(path));
    if (!moves) return "host's own";
    const problem = folderProblem(path);
    if (problem !== undefined)
      return at.problem(
        `${at.show(path)} ${problem}, and does not move. Give the data a folder of its own.`,
      );
    if (modes.propagation !== undefined)
      return at.problem("has a propagation, and folders that move have none. Remove it.");
    this.moving.set(keyOf(path), { path, at });
    return movingMount(path, { target, ...modes });
  }

  /** One that the file names, as `secrets` and `configs` do. */
  add(name: string, file: ServiceFile, target: string): Mount {
    const other = this.files.get(name);
    const key = other === undefined || isSame(other, file) ? name : `${name} at ${target}`;
    this.files.set(key, file);
    return { type: "file", file: key, target };
  }
}

interface MovingModes {
  readonly readOnly?: boolean;
  readonly selinux?: "z" | "Z";
  readonly propagation?: Propagation;
}

/** Of a folder that moves, in place of what binds it. */
export function movingMount(
  path: string,
  { target, readOnly, selinux }: Pick<MovingModes, "readOnly" | "selinux"> & { target: string },
): Mount {
  return {
    type: "volume",
    volume: keyOf(path),
    target,
    ...(readOnly === true ? { readOnly } : {}),
    ...(selinux === undefined ? {} : { selinux }),
    noCopy: true,
  };
}

const isSame = (one: ServiceFile, other: ServiceFile) =>
  JSON.stringify(one) === JSON.stringify(other);

/** A readable name that no two paths have in common. */
function keyOf(path: string): string {
  const hash = createHash("sha256").update(path).digest("hex").slice(0, 8);
  const readable = path
    .replace(/[^a-zA-Z0-9]+/g, "-")
    .replace(/^-|-$/g, "")
    .slice(0, 40);
  return `${readable === "" ? "folder" : readable}-${hash}`;
}

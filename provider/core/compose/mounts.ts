import { posix } from "path";
import type { Mount, Propagation } from "../container-spec";
import type { FileContext, MountEntry, Mutable, Placed } from "./draft";
import { into, readFields, refuse, unlessEmpty, withoutEffect, type FieldTable } from "./fields";
import { didYouMean } from "./name-rules";
import { readFerryWords, type FerryWords } from "./travelling";
import type { Place } from "./problems";
import { boolean, mode, name, oneOf, size, text, type Parser } from "./scalars";
import { isMapping, says, type Content, type Node } from "./yaml";

const FORMS = 'Write "data:/path", "/host/path:/path" or "/path", with :ro at will.';

const PROPAGATIONS = ["shared", "slave", "private", "rshared", "rslave", "rprivate"] as const;

/** An absolute path in the container, without "." and ".." and a slash at its end. */
const target: Parser<string> = (node, at) => {
  const written = text(node, at);
  if (written === undefined) return undefined;
  if (!written.startsWith("/"))
    return at.problem(`${at.show(written)} is not an absolute path in the container. ${FORMS}`);
  const path = posix.normalize(written).replace(/(?<=.)\/+$/, "");
  return path === "/" ? at.problem("mounts over the container's root. Mount a folder.") : path;
};

/** A mount whose source is a named volume or a path on the host, as the text says. */
function fromSource(
  source: string,
  mountPoint: string,
  at: Place,
  context: FileContext,
  modes: Modes,
  words?: FerryWords,
): Mount | undefined {
  const { propagation, createHostPath, readOnly, selinux } = modes;
  const ofBind = {
    ...ofVolume({ ...(readOnly && { readOnly }), ...(selinux && { selinux }) }),
    ...(propagation === undefined ? {} : { propagation }),
    ...(createHostPath === true ? { createHostPath } : {}),
  };
  if (source.startsWith("/")) {
    const path = posix.normalize(source).replace(/(?<=.)\/+$/, "");
    const moves = context.travelling.folderOfHost(path, mountPoint, at, modes, words);
    if (moves !== "host's own") return moves;
    return { type: "bind", source: posix.normalize(source), target: mountPoint, ...ofBind };
  }
  if (/^~[^/]|\\/.test(source))
    return at.problem(
      `${at.show(source)} is a path of one machine, and containers run on remote hosts. ` +
        "Use a path beside this file, a named volume, or an absolute path that exists on every host.",
    );
  const beside = context.format === "fig" ? context.kindOf(source) : undefined;
  if (beside !== undefined)
    at.note(`is the ${beside} of that name beside this file, as fig took it.`);
  if (beside !== undefined || words !== undefined || /^[.~]|\//.test(source))
    return context.travelling.beside(source, mountPoint, at, modes, words);
  if (context.format === "fig" && source.includes("."))
    at.note(`is a named volume, as no file or folder of that name lies beside this file.`);
  const key = namedVolume(source, at, context);
  return key === undefined
    ? undefined
    : { type: "volume", volume: key, target: mountPoint, ...ofVolume(modes) };
}

/** What may stand behind a mount's second colon, and the same in the long syntax. */
interface Modes {
  readonly readOnly?: true;
  readonly selinux?: "z" | "Z";
  readonly propagation?: Propagation;
  readonly noCopy?: true;
  readonly subPath?: string;
  readonly createHostPath?: boolean;
}

const ofVolume = ({ readOnly, selinux, noCopy, subPath: within }: Modes) => ({
  ...(readOnly === undefined ? {} : { readOnly }),
  ...(selinux === undefined ? {} : { selinux }),
  ...(noCopy === undefined ? {} : { noCopy }),
  ...(within === undefined ? {} : { subPath: within }),
});

/** "ro,z,rslave": what Docker knows of them has a meaning, or none on Linux. */
function modes(written: string, at: Place): Modes | undefined {
  const read: Mutable<Modes> = {};
  for (const mode of written.split(",")) {
    const propagation = PROPAGATIONS.find((each) => each === mode);
    if (propagation !== undefined) read.propagation = propagation;
    else if (mode === "ro") read.readOnly = true;
    else if (mode === "z" || mode === "Z") read.selinux = mode;
    else if (mode === "nocopy") read.noCopy = true;
    else if (!["rw", "cached", "delegated", "consistent", "copy", ""].includes(mode))
      return at.problem(
        `the mode ${at.show(mode)} is not known. Write ro, rw, z, Z, nocopy, or a propagation such as rslave.`,
      );
  }
  return read;
}

/** The key itself when the service may mount it. */
function namedVolume(key: string, at: Place, context: FileContext): string | undefined {
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(key))
    return at.problem(
      `${at.show(key)} is not a volume's name: letters, digits, '_', '.' and '-'. ${FORMS}`,
    );
  if (context.format === "compose" && !context.volumes.has(key))
    return at.problem(
      `there is no volume ${at.show(key)}.${didYouMean(key, context.volumes)} Declare it under the top-level \`volumes\`.`,
    );
  return key;
}

/** One entry of `volumes`. */
export function mount(node: Content, at: Place, context: FileContext): Mount | undefined {
  return isMapping(node) ? longSyntax(node, at, context) : shortSyntax(node, at, context);
}

function shortSyntax(node: Node, at: Place, context: FileContext): Mount | undefined {
  const value = text(node, at);
  if (value === undefined) return undefined;
  const [first = "", second, mode, ...more] = value.split(":");
  if (more.length > 0 || first === "" || second === "" || mode === "")
    return at.problem(`${at.show(value)} is not a volume. ${FORMS}`);
  if (second === undefined) {
    if (!first.startsWith("/"))
      return at.problem(`${at.show(value)} has no path in the container. ${FORMS}`);
    const path = target(first, at);
    return path === undefined ? undefined : { type: "volume", target: path };
  }
  const read = modes(mode ?? "", at);
  const path = target(second, at);
  if (path === undefined || read === undefined) return undefined;
  return fromSource(first, path, at, context, read);
}

interface LongDraft {
  type?: "volume" | "bind" | "tmpfs";
  source?: Placed<string>;
  target?: string;
  readOnly?: boolean;
  tmpfs?: Mutable<TmpfsOptions>;
  bind?: BindDraft;
  ferry?: FerryWords;
  volume?: MountedVolumeDraft;
}

interface BindDraft {
  propagation?: Propagation;
  selinux?: "z" | "Z";
  createHostPath?: boolean;
}

interface TmpfsOptions {
  readonly sizeBytes?: number;
  readonly mode?: number;
  readonly options?: readonly string[];
}

export const tmpfsFields: FieldTable<Mutable<TmpfsOptions>> = {
  size: into(
    "sizeBytes",
    size,
    "Bytes, or a size such as 64m. Half of the host's memory when absent.",
  ),
  mode: into("mode", mode, "Permission bits, always read as octal: 1777, 0755."),
};

export const bindFields: FieldTable<BindDraft> = {
  propagation: unlessEmpty(
    into(
      "propagation",
      oneOf(...PROPAGATIONS),
      "Whether mounts below it are seen on the other side: rprivate (default), rslave, rshared ...",
    ),
  ),
  selinux: into("selinux", oneOf("z", "Z"), "z or Z: relabelled where SELinux is on."),
  create_host_path: into(
    "createHostPath",
    boolean,
    "true: Docker makes the folder on the host where it is missing.",
  ),
  recursive: refuse("Docker mounts what is below a folder with it. Remove it."),
};

interface MountedVolumeDraft {
  noCopy?: boolean;
  subPath?: string;
}

/** Docker takes no way out of the volume. */
const subPath: Parser<string> = (node, at) => {
  const value = name(node, at);
  if (value === undefined) return undefined;
  const path = posix.normalize(value).replace(/\/+$/, "");
  if (!path.startsWith("/") && path !== "." && path.split("/")[0] !== "..") return path;
  return at.problem(`${at.show(value)} is no folder inside of the volume. Write a/b.`);
};

export const mountedVolumeFields: FieldTable<MountedVolumeDraft> = {
  nocopy: into("noCopy", boolean, "true: a new volume does not take what the image has there."),
  subpath: into("subPath", subPath, "A folder inside of the volume. Docker 26 on."),
  labels: refuse("they belong to the volume. Give them to the top-level volume."),
};

/** The long syntax of `volumes`. */
export const mountFields: FieldTable<LongDraft> = {
  type: {
    how: "volume, bind or tmpfs.",
    parse(node, at, draft) {
      if (node === "npipe" || node === "cluster" || node === "image")
        return void at.problem(`the type '${node}' is not supported. Use volume, bind or tmpfs.`);
      const value = oneOf("volume", "bind", "tmpfs")(node, at);
      if (value !== undefined) draft.type = value;
    },
  },
  source: {
    how: "A declared volume, an absolute path on the host, or a path seen from the compose file, whose content travels.",
    parse(node, at, draft) {
      const value = name(node, at);
      if (value !== undefined) draft.source = { value, at };
    },
  },
  target: into("target", target, "An absolute path in the container."),
  read_only: into("readOnly", boolean, "true or false (default)."),
  tmpfs: {
    how: "`size` and `mode`.",
    parse: (node, at, draft) => void readFields(tmpfsFields, node, at, (draft.tmpfs = {})),
  },
  bind: {
    how: "`propagation`, `selinux` and `create_host_path`.",
    parse: (node, at, draft) => void readFields(bindFields, node, at, (draft.bind = {})),
  },
  volume: {
    how: "`nocopy` and `subpath`.",
    parse: (node, at, draft) => void readFields(mountedVolumeFields, node, at, (draft.volume = {})),
  },
  "x-ferry": {
    how: "Ferry's own words for what lies beside the file; see below.",
    parse: (node, at, draft) => void (draft.ferry = readFerryWords(node, at)),
  },
  image: refuse("the Docker Engine API that Ferry speaks has no image mounts. Use a volume."),
  consistency: withoutEffect(text, "Without effect, as on every Linux host."),
};

function longSyntax(node: Node, at: Place, context: FileContext): Mount | undefined {
  const draft: LongDraft = {};
  readFields(mountFields, node, at, draft);
  const { type, source, target: path } = draft;
  // A key that was there and wrong has been reported; what is told here is what is missing.
  if (type === undefined)
    return says(node, "type") ? undefined : at.problem("has no `type`. Say volume, bind or tmpfs.");
  if (path === undefined)
    return says(node, "target")
      ? undefined
      : at.problem("has no `target`, the path in the container.");
  if (draft.tmpfs !== undefined && type !== "tmpfs")
    return at.problem(`has \`tmpfs\` options, and is a ${type}. Remove them.`);
  if (type === "tmpfs") {
    if (source !== undefined || draft.readOnly === true)
      return at.problem("a tmpfs has neither `source` nor `read_only`. Remove them.");
    return { type, target: path, ...draft.tmpfs };
  }
  const read = modesOf(draft);
  if (source === undefined && type === "volume") return { type, target: path, ...ofVolume(read) };
  if (source === undefined)
    return says(node, "source") ? undefined : at.problem("has no `source`, the path on the host.");
  const isPath = /^[/.~]/.test(source.value);
  if (isPath && type === "volume")
    return source.at.problem(
      `${source.at.show(source.value)} is a path, and the type is volume. Say bind.`,
    );
  const words = type === "bind" ? (draft.ferry ?? {}) : undefined;
  return fromSource(source.value, path, source.at, context, read, words);
}

function modesOf({ readOnly, bind = {}, volume }: LongDraft): Modes {
  return {
    ...(readOnly === true ? { readOnly } : {}),
    ...(volume?.noCopy === true ? { noCopy: true } : {}),
    ...(volume?.subPath === undefined ? {} : { subPath: volume.subPath }),
    ...bind,
  };
}

/** Options of a tmpfs that Docker takes, beside size and mode. */
const TMPFS_OPTION =
  /^(?:rw|ro|(?:no)?(?:exec|suid|dev|atime|diratime|relatime|strictatime|lazytime)|a?sync|dirsync|(?:uid|gid|nr_inodes|nr_blocks)=\d+[kmg]?|size=\d+%|mpol=[\w:,-]+)$/i;

/** One entry of `tmpfs`: "/run" or "/run:size=64m,mode=1777,uid=1000". */
export const tmpfs: Parser<Mount> = (node, at) => {
  const value = text(node, at);
  if (value === undefined) return undefined;
  const [path = "", options = "", ...more] = value.split(":");
  if (more.length > 0)
    return at.problem(`${at.show(value)} is not a tmpfs. Write "/run:size=64m".`);
  const draft: Mutable<TmpfsOptions> & { options?: string[] } = {};
  for (const option of options === "" ? [] : options.split(",")) {
    const [key = "", written = ""] = option.split(/=(.*)/s);
    if (TMPFS_OPTION.test(option)) {
      draft.options = [...(draft.options ?? []), option];
      continue;
    }
    if (key !== "size" && key !== "mode")
      return at.problem(
        `the tmpfs option ${at.show(key)} is not known. Write size, mode, uid, gid, noexec, nosuid and the like.`,
      );
    const read = (key === "size" ? size : mode)(written, at);
    if (read === undefined) return undefined;
    draft[key === "size" ? "sizeBytes" : "mode"] = read;
  }
  const mountPoint = target(path, at);
  return mountPoint === undefined ? undefined : { type: "tmpfs", target: mountPoint, ...draft };
};

/**
 * Of two volumes or two `tmpfs` at one path the last one counts, as in Compose; a volume and a `tmpfs` at one path
 * are a mistake there too.
 */
export function resolveMounts(all: readonly MountEntry[]): MountEntry[] {
  const byPath = new Map<string, MountEntry>();
  for (const each of all) {
    const other = byPath.get(each.value.target);
    if (other !== undefined && other.key === each.key)
      other.at.warn(`is passed over: ${each.at.path} mounts at the same path. Remove one of them.`);
    else if (other !== undefined)
      each.at.problem(`mounts at the same path as ${other.at.path}. Give each its own path.`);
    byPath.set(each.value.target, each);
  }
  return [...byPath.values()];
}

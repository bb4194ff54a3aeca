import { posix } from "path";
import type { Mount } from "../container-spec";
import type { FileContext, Mutable, Placed } from "./draft";
import { into, readFields, refused, type FieldTable } from "./fields";
import { didYouMean } from "./names";
import type { Place } from "./problems";
import { boolean, name, oneOf, size, text, type Parser } from "./scalars";
import { isMapping, says, type Content, type Node } from "./yaml";

const FORMS = 'Write "data:/path", "/host/path:/path" or "/path", with :ro at will.';

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
  readOnly: boolean,
): Mount | undefined {
  const mode = readOnly ? { readOnly } : {};
  if (source.startsWith("/"))
    return { type: "bind", source: posix.normalize(source), target: mountPoint, ...mode };
  if (/^[.~]|[/\\]/.test(source))
    return at.problem(
      `${at.show(source)} is a path relative to this machine, and containers run on remote hosts. ` +
        "Use a named volume, or an absolute path that exists on every host.",
    );
  const key = namedVolume(source, at, context);
  return key === undefined
    ? undefined
    : { type: "volume", volume: key, target: mountPoint, ...mode };
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
  if (mode !== undefined && mode !== "ro" && mode !== "rw")
    return at.problem(`the mode ${at.show(mode)} is not supported. Write ro or rw.`);
  const path = target(second, at);
  return path === undefined ? undefined : fromSource(first, path, at, context, mode === "ro");
}

interface LongDraft {
  type?: "volume" | "bind" | "tmpfs";
  source?: Placed<string>;
  target?: string;
  readOnly?: boolean;
  tmpfs?: Mutable<TmpfsOptions>;
}

interface TmpfsOptions {
  readonly sizeBytes?: number;
  readonly mode?: number;
}

/** Permission bits, octal in every spelling. */
const mode: Parser<number> = (node, at) => {
  const value = text(node, at);
  if (value === undefined) return undefined;
  if (/^(0o?)?[0-7]{3,4}$/.test(value)) return parseInt(value.replace("o", ""), 8);
  return at.problem(`${at.show(value)} is not a mode in octal. Write 1777 or 0755.`);
};

export const tmpfsFields: FieldTable<Mutable<TmpfsOptions>> = {
  size: into(
    "sizeBytes",
    size,
    "Bytes, or a size such as 64m. Half of the host's memory when absent.",
  ),
  mode: into("mode", mode, "Permission bits, always read as octal: 1777, 0755."),
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
    how: "A declared volume, or an absolute path on the host.",
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
  bind: refused(
    "a path is mounted as Docker does by default. Make the folder on every host first.",
  ),
  volume: refused("a new volume takes what the image has at that path, and is mounted as a whole."),
  image: refused("the Docker Engine API that Ferry speaks has no image mounts. Use a volume."),
  consistency: refused("it means nothing on Linux. Remove it."),
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
  const readOnly = draft.readOnly === true;
  if (source === undefined && type === "volume")
    return { type, target: path, ...(readOnly ? { readOnly } : {}) };
  if (source === undefined)
    return says(node, "source") ? undefined : at.problem("has no `source`, the path on the host.");
  const isPath = /^[/.~]/.test(source.value);
  if (isPath !== (type === "bind"))
    return source.at.problem(
      type === "bind"
        ? `${source.at.show(source.value)} is not an absolute path on the host.`
        : `${source.at.show(source.value)} is a path, and the type is volume. Say bind.`,
    );
  return fromSource(source.value, path, source.at, context, readOnly);
}

/** One entry of `tmpfs`: "/run" or "/run:size=64m,mode=1777". */
export const tmpfs: Parser<Mount> = (node, at) => {
  const value = text(node, at);
  if (value === undefined) return undefined;
  const [path = "", options = "", ...more] = value.split(":");
  if (more.length > 0)
    return at.problem(`${at.show(value)} is not a tmpfs. Write "/run:size=64m".`);
  const draft: Mutable<TmpfsOptions> = {};
  for (const option of options === "" ? [] : options.split(",")) {
    const [key = "", written = ""] = option.split(/=(.*)/s);
    if (key !== "size" && key !== "mode")
      return at.problem(`the tmpfs option ${at.show(key)} is not supported. Use size and mode.`);
    const read = (key === "size" ? size : mode)(written, at);
    if (read === undefined) return undefined;
    draft[key === "size" ? "sizeBytes" : "mode"] = read;
  }
  const mountPoint = target(path, at);
  return mountPoint === undefined ? undefined : { type: "tmpfs", target: mountPoint, ...draft };
};

/** Tells of two mounts at one path. */
export function checkMounts(all: readonly { value: Mount; at: Place }[]): void {
  const seen = new Map<string, Place>();
  for (const { value, at } of all) {
    const other = seen.get(value.target);
    if (other !== undefined)
      at.problem(`mounts at the same path as ${other.path}. Give each its own path.`);
    seen.set(value.target, at);
  }
}

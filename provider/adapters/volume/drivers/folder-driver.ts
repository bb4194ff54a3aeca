import { canonicalJson } from "../../../core/canonical-json";
import type { ContainerState, DockerInfo, Host } from "../../../core/adapter-ports";
import { FerryError } from "../../../core/errors";
import { LABELS } from "../../../core/identity";
import { formatBytes } from "../../../core/move/format";
import type { VolumeDriver } from "../../../core/volume/driver";
import {
  FOLDER_DRIVER,
  folderIn,
  folderOf,
  folderProblem,
  isWithin,
  parseFolder,
  type Folder,
} from "../../../core/volume/folder";
import { hostProgram } from "../../../on-host/load";

export const FOLDER_LOOK = hostProgram("volume/folder-look.sh");
export const FOLDER_MAKE = hostProgram("volume/folder-make.sh");
export const FOLDER_REMOVE = hostProgram("volume/folder-remove.sh");

const LONG = { root: true, timeoutSeconds: 600 };

/** Docker's own name for what binds it. */
const LOCAL = "local";

const EXAMPLE = '{ type: "none", o: "bind", device: "/srv/app" }';

/**
 * A folder of the host, which a move copies to the same path. Docker's volume stands for it there:
 * its labels say whose the folder is, and what was there before.
 */
export const folderDriver: VolumeDriver = {
  names: [FOLDER_DRIVER],
  scope: "host",
  optionsProblem(options) {
    const path = folderIn(options);
    if (path === undefined)
      return `needs the options that bind a folder, and no others: ${EXAMPLE}`;
    const problem = folderProblem(path);
    return (
      problem && `is the folder '${path}', which ${problem}. Give the data a folder of its own`
    );
  },
  moveInWords: (_names, options) =>
    `copies ${options.map((each) => `folder '${folderIn(each) ?? ""}'`).join(", ")} to the same path while it runs, then stops ` +
    "it for the last difference; the old folder stays as an older copy",
  recognises: (existing) => existing.driver === LOCAL && folderOf(existing) !== undefined,
  hasOptions: (existing, wanted) =>
    folderOf(existing) !== undefined && canonicalJson(existing.options) === canonicalJson(wanted),
  handOverProblem: () => undefined,
  find: (host, name) => host.docker.volume(name),
  async copyProblem(host, options, bytes) {
    const path = folderIn(options) ?? "";
    const { is, freeBytes } = await look(host, path);
    if (is === "found") {
      return (
        `folder '${path}' on host '${host.name}' has something in it, and Ferry did not put it there. Look at it, then move it ` +
        "away, or empty the folder"
      );
    }
    const user = await userOf(host, path);
    if (user !== undefined)
      return `container '${user.name}' on host '${host.name}' uses folder '${path}'`;
    if (freeBytes >= bytes) return undefined;
    return `${formatBytes(bytes)} of data do not fit in '${path}' on host '${host.name}', where ${formatBytes(freeBytes)} are free`;
  },
  async make(host, { name, options, labels }) {
    const there = await host.docker.volume(name);
    if (there !== undefined) return there;
    const path = folderIn(options) ?? "";
    const { is } = await look(host, path);
    const said = { ...labels, [LABELS.folder]: is === "absent" ? "made" : is };
    // An empty folder without a volume is in nobody's way; a volume without its folder would be one
    // whose data is lost.
    await run(host, `making folder '${path}'`, FOLDER_MAKE, [path]);
    return host.docker.createVolume({ name, driver: LOCAL, options, labels: said });
  },
  async remove(host, existing) {
    const path = folderOf(existing);
    const before = existing.labels[LABELS.folder];
    if (path !== undefined && before !== "found") {
      const user = await userOf(host, path, existing.name);
      if (user !== undefined) throw inUse(host, path, user);
      await run(host, `removing folder '${path}'`, FOLDER_REMOVE, [path, before ?? ""]);
    }
    await host.docker.removeVolume(existing.name);
  },
  letGo: () => Promise.resolve(),
  takeProblem: () => Promise.resolve(undefined),
  take: () => Promise.resolve(),
  forget: () => Promise.resolve(),
};

/** What is there; what cannot be anybody's data is refused. */
async function look(host: Host, path: string): Promise<Folder> {
  const [stdout, info] = await Promise.all([
    run(host, `looking at folder '${path}'`, FOLDER_LOOK, [path]),
    host.docker.info(),
  ]);
  const found = parseFolder(stdout);
  const reason = lookProblem(found, path, info);
  if (reason === undefined) return found;
  throw new FerryError({
    kind: "settings",
    what: `using folder '${path}'`,
    host: host.name,
    reason,
  });
}

function lookProblem({ is, real }: Folder, path: string, { rootDirectory }: DockerInfo) {
  if (is === "linked") {
    return `it is reached by a symbolic link, and is '${real ?? ""}' there. Write that path, and let every host have it`;
  }
  if (is === "file") return "it is a file there, and data is a folder. Mount its folder";
  if (isWithin(path, rootDirectory) || isWithin(rootDirectory, path)) {
    return `Docker keeps its own files there, in '${rootDirectory}'. Give the data a folder of its own`;
  }
  return undefined;
}

/** Whoever has the folder, by its volume or by its path. */
async function userOf(
  host: Host,
  path: string,
  volumeName?: string,
): Promise<ContainerState | undefined> {
  const containers = await host.docker.containers({});
  return containers.find(({ mounts }) =>
    mounts.some(({ volume, source }) =>
      volume === undefined
        ? source !== "" && (isWithin(source, path) || isWithin(path, source))
        : volume === volumeName,
    ),
  );
}

/** As Docker does for volumes of its own: what is in use stays. */
function inUse(host: Host, path: string, { name }: ContainerState): FerryError {
  return new FerryError({
    ...{ kind: "trouble", what: `removing folder '${path}'`, host: host.name },
    reason: `container '${name}' uses it`,
  });
}

async function run(
  host: Host,
  what: string,
  program: string,
  args: readonly string[],
): Promise<string> {
  const { exitCode, stdout, stderr } = await host.shell.script(program, args, LONG);
  if (exitCode === 0) return stdout;
  const reason = stderr.trim().split("\n").at(-1) ?? "";
  throw new FerryError({ kind: "trouble", what, host: host.name, reason });
}

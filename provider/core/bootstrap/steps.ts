import { PACKAGE_OF_TOOL } from "../host/tools";
import type { BootstrapSettings, DockerSource, WeaveWanted } from "./settings";

/** The parts of a preparation in their order, each a script in provider/on-host/bootstrap. */
export const PARTS = ["system", "docker", "tools", "weave", "images"] as const;
export type PartName = (typeof PARTS)[number];

/** Known only when the program runs on: they may come out of other resources, or be secret. */
export interface Proxies {
  readonly proxy?: string;
  readonly noProxy?: string;
}

/** A command on the host that one part is done by. */
export interface BootstrapStep {
  readonly part: PartName;
  /** What the login shell is given. Says in words what will be done, for whoever reads a preview. */
  readonly command: string;
  /** The script, which comes by standard input. */
  stdin(proxies: Proxies): string;
}

/** A file or folder of the operator's that is copied to the host first. */
export interface BootstrapCopy {
  readonly what: "packages" | "command" | "archive";
  readonly source: string;
  readonly folder: boolean;
  /** In the home folder of who logs in, which is where commands of SSH begin. */
  readonly target: string;
}

const COPIED = ".pulumi-ferry-bootstrap";
const TARGETS = {
  packages: `${COPIED}/packages`,
  command: `${COPIED}/weave`,
  archive: `${COPIED}/images.tar`,
} as const;

/**
 * Who logs in may be root, or one who may `sudo` without a password. The words behind it are for
 * readers alone.
 */
const AS_ROOT = `sh -c 'if [ "$(id -u)" = 0 ]; then exec sh -s; else exec sudo -n sh -s; fi' sh`;

export function bootstrapCopies(settings: BootstrapSettings): BootstrapCopy[] {
  const { packages, weave } = settings;
  const { command, archive }: WeaveWanted = weave === false ? {} : weave;
  const copy = (what: BootstrapCopy["what"], source: string | undefined): BootstrapCopy[] =>
    source === undefined
      ? []
      : [{ what, source, folder: what === "packages", target: TARGETS[what] }];
  // With a slash what is in it is copied to the target; without, a folder of its name.
  const inside = packages?.replace(/\/*$/, "/");
  return [...copy("packages", inside), ...copy("command", command), ...copy("archive", archive)];
}

/**
 * The commands in their order: each needs the ones before it. `programOf` gives the text of a file in
 * provider/on-host; `packageFiles` are in the folder of packages, which a host may have more in: what
 * is copied lies over what was copied before.
 */
export function bootstrapSteps(
  settings: BootstrapSettings,
  programOf: (name: string) => string,
  packageFiles: readonly string[],
): BootstrapStep[] {
  const { docker, tools, weave } = settings;
  const wanted: Record<PartName, string | undefined> = {
    system: "looks whether the host can be prepared",
    docker: docker === false ? undefined : `Docker ${FROM[docker]}, unless it is there`,
    tools: tools
      ? "rsync, python3, iptables, ebtables, ip, and full tools in place of busybox, where they are not there"
      : undefined,
    weave:
      weave === false ? undefined : `the weave command ${weaveFrom(weave)}, unless it is there`,
    images:
      weave === false ? undefined : "the images of the weave command, where they are not there",
  };
  return PARTS.flatMap((part) => {
    const what = wanted[part];
    if (what === undefined) return [];
    const stdin = (proxies: Proxies) =>
      // A shell reads the whole of a group before it runs any of it: a script that arrives cut short
      // does nothing, and no program of it reads the rest of the script.
      `{\n${assignments(valuesOf(settings, proxies, packageFiles))}${programOf(`bootstrap/${part}.sh`)}} </dev/null\n`;
    return [{ part, command: `${AS_ROOT} '${what}'`, stdin }];
  });
}

const FROM: Record<DockerSource, string> = {
  auto: "of the distribution, or of docker.com where that has none",
  distribution: "of the distribution",
  "docker.com": "of docker.com",
};

function weaveFrom({ version, command }: WeaveWanted): string {
  const numbered = version === undefined ? "" : `${version} `;
  return command === undefined ? `${numbered}of reWeave` : `${numbered}from a file`;
}

/** The names that provider/on-host/bootstrap/begin.sh has. */
function valuesOf(
  settings: BootstrapSettings,
  proxies: Proxies,
  packageFiles: readonly string[],
): Record<string, string> {
  const { docker, weave, packages, mirrors } = settings;
  const { version, sha256, command, archive }: WeaveWanted = weave === false ? {} : weave;
  return {
    root: "",
    copied: COPIED,
    docker: docker === false ? "auto" : docker,
    docker_url: mirrors.docker,
    registry_mirror: mirrors.registry ?? "",
    needed_tools: PACKAGE_OF_TOOL.map((pair) => pair.join(":")).join(" "),
    packages: packages === undefined ? "" : TARGETS.packages,
    package_files: packageFiles.join("\n"),
    weave_file: command === undefined ? "" : TARGETS.command,
    weave_url: version === undefined ? "" : `${mirrors.weave}/v${version}/weave`,
    weave_version: version ?? "",
    weave_sha256: sha256 ?? "",
    images_file: archive === undefined ? "" : TARGETS.archive,
    proxy: proxies.proxy ?? "",
    no_proxy_for: proxies.noProxy ?? "",
  };
}

const assignments = (values: Record<string, string>) =>
  Object.entries(values)
    .map(([name, value]) => `${name}='${value.replaceAll("'", `'\\''`)}'\n`)
    .join("");

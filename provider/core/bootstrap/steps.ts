import { PACKAGE_OF_TOOL } from "../host/needed-tools";
import { network } from "../network";
import type { NetworkPart } from "../network/preparation";
import { COPIED } from "./copied";
import type { BootstrapSettings, DockerSource } from "./settings";

/** Known only when the program runs on: they may come out of other resources, or be secret. */
export interface Proxies {
  readonly proxy?: string;
  readonly noProxy?: string;
}

/** A command on the host that one part is done by. */
export interface BootstrapStep {
  /** Names a resource of the program's. */
  readonly part: string;
  /**
   * What the login shell is given. Says in words what will be done, for whoever reads a preview.
   */
  readonly command: string;
  /** The script, which comes by standard input. */
  stdin(proxies: Proxies): string;
}

/** A file or folder of the operator's that is copied to the host first. */
export interface BootstrapCopy {
  /** Names a resource of the program's. */
  readonly what: string;
  readonly source: string;
  readonly folder: boolean;
  /** In the home folder of who logs in, which is where commands of SSH begin. */
  readonly target: string;
}

const PACKAGES = `${COPIED}/packages`;

/**
 * Who logs in may be root, or one who may `sudo` without a password. The words behind it are for
 * readers alone.
 */
const AS_ROOT = `sh -c 'if [ "$(id -u)" = 0 ]; then exec sh -s; else exec sudo -n sh -s; fi' sh`;

export function bootstrapCopies({ packages, network: wanted }: BootstrapSettings): BootstrapCopy[] {
  const files = wanted === false ? [] : wanted.files;
  return [
    ...(packages === undefined ? [] : [folderOf(packages)]),
    ...files.map((file) => ({ ...file, folder: false })),
  ];
}

/** With a slash what is in it is copied to the target; without, a folder of its name. */
const folderOf = (packages: string): BootstrapCopy => ({
  what: "packages",
  source: packages.replace(/\/*$/, "/"),
  folder: true,
  target: PACKAGES,
});

/**
 * The commands in their order: each needs the ones before it. `programOf` gives the text of a file
 * in provider/on-host; `packageFiles` are in the folder of packages, which a host may have more in:
 * what is copied lies over what was copied before.
 */
export function bootstrapSteps(
  settings: BootstrapSettings,
  programOf: (name: string) => string,
  packageFiles: readonly string[],
): BootstrapStep[] {
  return partsOf(settings).map(({ part, program, words }) => ({
    part,
    command: `${AS_ROOT} '${words}'`,
    // A shell reads the whole of a group before it runs any of it: a script that arrives cut short
    // does nothing, and no program of it reads the rest of the script.
    stdin: (proxies) =>
      `{\n${assignments(valuesOf(settings, proxies, packageFiles))}${programOf(program)}} </dev/null\n`,
  }));
}

/** Each is one script on the host. */
function partsOf({ docker, tools, network: wanted }: BootstrapSettings): NetworkPart[] {
  const own = (part: string, words: string) => ({ part, program: `bootstrap/${part}.sh`, words });
  return [
    own("system", "looks whether the host can be prepared"),
    ...(docker === false ? [] : [own("docker", `Docker ${FROM[docker]}, unless it is there`)]),
    ...(tools ? [own("tools", TOOLS)] : []),
    ...(wanted === false ? [] : wanted.parts),
  ];
}

const TOOLS =
  "rsync, python3, iptables, ebtables, ip, and full tools in place of busybox, where they are not there";

const FROM: Record<DockerSource, string> = {
  auto: "of the distribution, or of docker.com where that has none",
  distribution: "of the distribution",
  "docker.com": "of docker.com",
};

/** The names that provider/on-host/bootstrap/begin.sh has. */
function valuesOf(
  settings: BootstrapSettings,
  proxies: Proxies,
  packageFiles: readonly string[],
): Record<string, string> {
  const { docker, network: wanted, packages, mirrors } = settings;
  return {
    root: "",
    copied: COPIED,
    docker: docker === false ? "auto" : docker,
    docker_url: mirrors.docker,
    registry_mirror: mirrors.registry ?? "",
    needed_tools: PACKAGE_OF_TOOL.map((pair) => pair.join(":")).join(" "),
    needed_network: network.preparation.needs,
    packages: packages === undefined ? "" : PACKAGES,
    package_files: packageFiles.join("\n"),
    ...(wanted === false ? {} : wanted.values(mirrors.network)),
    proxy: proxies.proxy ?? "",
    no_proxy_for: proxies.noProxy ?? "",
  };
}

const assignments = (values: Record<string, string>) =>
  Object.entries(values)
    .map(([name, value]) => `${name}='${value.replaceAll("'", `'\\''`)}'\n`)
    .join("");

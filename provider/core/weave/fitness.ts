import { compareVersions, isDocker, majorOf, OLDEST_DOCKER, type HostFacts } from "../host/facts";
import type { Row } from "../host/fitness";
import type { NetworkRows } from "../network/network-port";
import { parseVersion } from "./version";

/** The weave command of a host. */
export interface WeaveCommandFacts {
  /** "2.8.1". */
  readonly version: string;
  /**
   * Whose images it launches: "weaveworks", "rajchaudhuri" (reWeave), or a registry of one's own.
   */
  readonly images: string;
}

/**
 * The API that Weave of weaveworks speaks, whatever its version, and that of reWeave unless it is
 * told another one.
 */
const WEAVEWORKS_API = "1.18";
const REWEAVE_API = "1.24";
/**
 * From here on reWeave has images of its own, and speaks 1.24, and another one by
 * DOCKER_API_VERSION.
 */
export const REWEAVE_SINCE = "2.8.3";
/** From here on its images write rules with nft. */
const REWEAVE_BY_NFT = "2.9.0";
/** The last whose images weaveworks have. */
const LAST_OF_WEAVEWORKS = "2.8.1";

/**
 * Whose images these are decides which of the two it is; a registry of one's own goes by the
 * version. A build without a number ("unreleased") is taken for a recent one.
 */
export function isReweave({ images, version }: WeaveCommandFacts): boolean {
  if (images === "weaveworks") return false;
  return parseVersion(version) === undefined || compareVersions(version, REWEAVE_SINCE) >= 0;
}

/**
 * What DOCKER_API_VERSION has to be for the weave command and its router; undefined where they need
 * none.
 */
export function weaveApiVersion(
  { docker }: Pick<HostFacts, "docker">,
  weave: WeaveCommandFacts | undefined,
): string | undefined {
  if (weave === undefined || !isReweave(weave)) return undefined;
  const lowest = docker.minApiVersion;
  return compareVersions(lowest, REWEAVE_API) > 0 ? lowest : undefined;
}

const isTooOldFor = ({ docker }: HostFacts, weave: WeaveCommandFacts | undefined): boolean =>
  weave !== undefined &&
  !isReweave(weave) &&
  compareVersions(docker.minApiVersion, WEAVEWORKS_API) > 0;

/** A program may ask for a version that is reWeave's, and have the images of the host's command. */
function instead(weave: WeaveCommandFacts | undefined): string {
  const { images, version } = weave ?? { images: "", version: "none" };
  return images === "weaveworks" && compareVersions(version, LAST_OF_WEAVEWORKS) > 0
    ? `its images are weaveworks', which have no ${version}`
    : `it has ${version}`;
}

/**
 * What a host must have for Weave (core/host/fitness.ts).
 *
 * @param weave undefined where the host has no weave command
 */
export function weaveRows(weave: WeaveCommandFacts | undefined): NetworkRows {
  return { machine: machineRows(weave), docker: dockerRows(weave) };
}

const machineRows = (weave: WeaveCommandFacts | undefined): readonly Row[] => [
  {
    what: "Podman's socket in Docker's place",
    verdict: "cannot",
    holds: ({ docker }) => docker.engine === "podman",
    reason: () => "Docker's socket there is Podman's, whose containers Weave's router cannot join",
    advice: () => "Install Docker itself on that host",
    known:
      "read: Weave needs dockerd's events and its network namespaces; refused in `test/provider/host.test.ts`",
  },
  {
    what: "rootless Docker",
    verdict: "cannot",
    holds: ({ docker }) => docker.rootless,
    reason: () =>
      "its Docker is rootless, so that containers live in a network that Weave's router cannot reach",
    advice: () => "Run Docker as root there (`dockerd-rootless-setuptool.sh uninstall`)",
    known: "read: Docker's documents on rootless mode; refused in `test/provider/host.test.ts`",
  },
  {
    what: "no `docker` command",
    verdict: "cannot",
    holds: ({ machine }) => !machine.hasDockerCommand,
    reason: () => "it has no `docker` command, which the weave command calls",
    advice: () =>
      "Install it (Debian 13: `apt-get install docker-cli`; Docker's own repository: docker-ce-cli)",
    known: "run: refused in `test/lab/host-kinds.test.ts` (Debian 13's docker.io alone has none)",
  },
  {
    what: "a `docker` command too old, or too new, for its Docker",
    verdict: "cannot",
    holds: ({ machine }) => machine.refusedDockerCommand !== undefined,
    reason: ({ docker, machine }) =>
      `its \`docker\` command is ${machine.refusedDockerCommand || "of another age"}, which Docker ${docker.version} refuses`,
    advice: ({ docker }) =>
      `Install the command of Docker ${docker.version} there (upgrade docker-ce-cli; Debian's own is docker-cli)`,
    known: "run: `test/adapters/machine-facts.test.ts`, with what `docker` was read to say",
  },
  {
    what: "no iptables",
    verdict: "cannot",
    holds: ({ machine }) => machine.iptables === "none",
    reason: () => "it has no iptables, which Weave's router writes its rules with",
    advice: () => "Install the package iptables there; its nftables flavour will do",
    known: "run: refused in `test/lab/host-kinds.test.ts`",
  },
  {
    what: "iptables-legacy with reWeave 2.9.0 or later",
    verdict: "cannot",
    holds: ({ machine }) =>
      machine.iptables === "legacy" &&
      weave !== undefined &&
      isReweave(weave) &&
      compareVersions(weave.version, REWEAVE_BY_NFT) >= 0,
    reason: () =>
      `its iptables is the legacy one, which has Docker's rules, and reWeave ${weave?.version ?? ""} writes its own with ` +
      "nft: the two do not see each other, so that traffic is dropped and rules are left behind",
    advice: () =>
      "Have it use nft (`update-alternatives --set iptables /usr/sbin/iptables-nft`, then restart Docker), or take a " +
      `release of reWeave between ${REWEAVE_SINCE} and ${REWEAVE_BY_NFT}`,
    known: "read: reWeave's command and changes of 2.9.0 (`IPTABLES_BACKEND`)",
  },
  {
    what: "no systemd",
    verdict: "untried",
    holds: ({ machine }) => !machine.hasSystemd,
    reason: () =>
      "it has no systemd, so nothing there launches a router again that was stopped or removed before a reboot, or takes " +
      "the addresses of containers that ended by themselves off the network; `pulumi up --refresh` does both",
    known: "read: Docker itself starts Weave's router after a reboot",
  },
];

const dockerRows = (weave: WeaveCommandFacts | undefined): readonly Row[] => [
  {
    what: "Docker 25 or later with weaveworks' Weave, or reWeave before 2.8.3",
    verdict: "cannot",
    holds: (facts) => isTooOldFor(facts, weave),
    reason: ({ docker }) =>
      `Docker ${docker.version} there needs Weave from reWeave ${REWEAVE_SINCE} or later (it takes API ` +
      `${docker.minApiVersion} at the lowest, and Weave speaks ${WEAVEWORKS_API}); ${instead(weave)}`,
    advice: () =>
      'Say `weave: { version: "2.9.0", images: "rajchaudhuri" }` in the program, or put reWeave\'s command (rajch/weave on ' +
      "GitHub, 2.9.0 or later) at /usr/local/bin/weave on all hosts, one after the other",
    known:
      "run: refused in `test/lab/host-kinds.test.ts`, with what `weave launch` itself says (weaveworks/weave#4002)",
  },
  {
    what: "Docker 29 (lowest API above 1.24) with reWeave 2.8.3 or later",
    verdict: "with settings",
    holds: (facts) => isDocker(facts) && weaveApiVersion(facts, weave) !== undefined,
    reason: (facts) =>
      `Weave is told to speak API ${weaveApiVersion(facts, weave) ?? ""}, as Docker ${facts.docker.version} takes no older one`,
    known: "run: `test/lab/today.test.ts`, `test/long/hosts` (Debian 13, both stores)",
  },
  {
    what: "Docker 20.10 to 24 with Weave Net 2.x, of weaveworks or of reWeave",
    verdict: "fits",
    holds: (facts) =>
      isDocker(facts) &&
      weave !== undefined &&
      compareVersions(facts.docker.version, OLDEST_DOCKER) >= 0 &&
      majorOf(facts) < 25,
    known: "run: `test/lab` (Debian 12, 20.10, Weave Net 2.6.5); 23 and 24 are read of",
  },
  {
    what: "Docker 25 to 28 with reWeave 2.8.3 or later",
    verdict: "fits",
    holds: (facts) =>
      isDocker(facts) &&
      weave !== undefined &&
      isReweave(weave) &&
      majorOf(facts) >= 25 &&
      majorOf(facts) <= 28 &&
      weaveApiVersion(facts, weave) === undefined,
    known: "run: `test/long/hosts` (26.1 and 28, both stores); 25 and 27 untried",
  },
];

import { parseVersion } from "../weave/version";
import { packagesFor } from "./tools";
import { compareVersions, type HostFacts, type WeaveCommandFacts } from "./facts";

/**
 * Whether Ferry can work on a host, decided by one table before anything is touched there:
 * - `cannot`: it would fail later, or harm; the words say why and what to do;
 * - `with settings`: it works, and Ferry sets what it needs by itself;
 * - `untried`: nothing is known against it, and nobody has seen it;
 * - `fits`: it is run by a test.
 */
export type Verdict = "fits" | "with settings" | "untried" | "cannot";

export interface Row {
  /** For people, and for docs/hosts.md. */
  readonly what: string;
  readonly verdict: Verdict;
  readonly holds: (facts: HostFacts) => boolean;
  /** Why, and what to do: two parts of one sentence. Only for what is not `fits`. */
  readonly reason?: (facts: HostFacts) => string;
  readonly advice?: (facts: HostFacts) => string;
  /** How it is known. */
  readonly known: string;
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
const OLDEST_DOCKER = "20.10";
const OLDEST_RSYNC = "3.1.3";
const OLDEST_PYTHON = "3.7";
/** The newest that the lab runs. */
const NEWEST_DOCKER_MAJOR = 29;
/**
 * Journals and the order of copies do not depend on clocks; certificates, logs and `date` in them
 * do.
 */
const CLOCK_SECONDS = 60;

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
export function weaveApiVersion({ docker, weave }: HostFacts): string | undefined {
  if (weave === undefined || !isReweave(weave)) return undefined;
  const lowest = docker.minApiVersion;
  return compareVersions(lowest, REWEAVE_API) > 0 ? lowest : undefined;
}

const major = ({ docker }: HostFacts) => Number(/^\d+/.exec(docker.version)?.[0] ?? 0);

const isDocker = ({ docker }: HostFacts) => docker.engine === "docker" && !docker.rootless;

const tooOldForDocker = (facts: HostFacts): boolean =>
  facts.weave !== undefined &&
  !isReweave(facts.weave) &&
  compareVersions(facts.docker.minApiVersion, WEAVEWORKS_API) > 0;

/** A program may ask for a version that is reWeave's, and have the images of the host's command. */
function instead(weave: WeaveCommandFacts | undefined): string {
  const { images, version } = weave ?? { images: "", version: "none" };
  return images === "weaveworks" && compareVersions(version, LAST_OF_WEAVEWORKS) > 0
    ? `its images are weaveworks', which have no ${version}`
    : `it has ${version}`;
}

export const HOST_TABLE: readonly Row[] = [
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
    holds: ({ machine, weave }) =>
      machine.iptables === "legacy" &&
      weave !== undefined &&
      isReweave(weave) &&
      compareVersions(weave.version, REWEAVE_BY_NFT) >= 0,
    reason: ({ weave }) =>
      `its iptables is the legacy one, which has Docker's rules, and reWeave ${weave?.version ?? ""} writes its own with ` +
      "nft: the two do not see each other, so that traffic is dropped and rules are left behind",
    advice: () =>
      "Have it use nft (`update-alternatives --set iptables /usr/sbin/iptables-nft`, then restart Docker), or take a " +
      `release of reWeave between ${REWEAVE_SINCE} and ${REWEAVE_BY_NFT}`,
    known: "read: reWeave's command and changes of 2.9.0 (`IPTABLES_BACKEND`)",
  },
  {
    what: "busybox's tools, or no `flock`",
    verdict: "cannot",
    holds: ({ machine }) => machine.lesserTools.length > 0,
    reason: ({ machine }) =>
      `its ${machine.lesserTools.join(", ")} ${machine.lesserTools.length === 1 ? "is" : "are"} missing or busybox's, ` +
      "which cannot lock, copy and compare as Ferry's scripts have to",
    advice: ({ machine }) =>
      `Install ${packagesFor(machine.lesserTools).join(", ")} there (Alpine: \`apk add ${packagesFor(machine.lesserTools).join(" ")}\`); its shell may stay busybox's`,
    known: "run: `test/adapters/busybox.test.ts`",
  },
  {
    what: "Docker 25 or later with weaveworks' Weave, or reWeave before 2.8.3",
    verdict: "cannot",
    holds: tooOldForDocker,
    reason: ({ docker, weave }) =>
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
    holds: (facts) => isDocker(facts) && weaveApiVersion(facts) !== undefined,
    reason: (facts) =>
      `Weave is told to speak API ${weaveApiVersion(facts) ?? ""}, as Docker ${facts.docker.version} takes no older one`,
    known: "run: `test/lab/today.test.ts`, `test/long/hosts` (Debian 13, both stores)",
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
  {
    what: "no ebtables",
    verdict: "with settings",
    holds: ({ machine }) => !machine.hasEbtables,
    reason: () =>
      "without ebtables a moved container is started only once the source's has ended, which takes a little longer",
    known: "read: `docs/move.md`, the veil",
  },
  {
    what: "no rsync, or one before 3.1.3",
    verdict: "with settings",
    holds: ({ machine }) =>
      machine.rsync === undefined || compareVersions(machine.rsync, OLDEST_RSYNC) < 0,
    reason: () => "without rsync 3.1.3 data goes through the operator's machine, in the downtime",
    known: "run: `test/adapters/relay-mover.test.ts`, the way that is taken then",
  },
  {
    what: "no python3, or one before 3.7",
    verdict: "with settings",
    holds: ({ machine }) =>
      machine.python === undefined || compareVersions(machine.python, OLDEST_PYTHON) < 0,
    reason: () =>
      "without python3 3.7 rsync copies all that changed, which takes longer for many files",
    known: "run: `test/lab/cut.test.ts`",
  },
  {
    what: "Docker before 20.10",
    verdict: "untried",
    holds: (facts) => isDocker(facts) && compareVersions(facts.docker.version, OLDEST_DOCKER) < 0,
    reason: ({ docker }) =>
      `Docker ${docker.version} is older than ${OLDEST_DOCKER}, the oldest that is tried`,
    advice: () => "Update Docker there when you can",
    known: "untried",
  },
  {
    what: "Docker 30 or later",
    verdict: "untried",
    holds: (facts) => isDocker(facts) && major(facts) > NEWEST_DOCKER_MAJOR,
    reason: ({ docker }) =>
      `Docker ${docker.version} is newer than ${NEWEST_DOCKER_MAJOR}, the newest that is tried`,
    known: "untried",
  },
  {
    what: "SELinux enforcing",
    verdict: "untried",
    holds: ({ machine }) => machine.selinux === "enforcing",
    reason: () => "SELinux is enforcing there, which is untried",
    advice: () =>
      "Docker labels volumes by itself; folders of the host that a program mounts need a label that containers may read " +
      "(`chcon -Rt container_file_t`)",
    known:
      "read: Ferry mounts volumes alone, which Docker labels at each start (moby, `volumes.go`); untried",
  },
  {
    what: "userns-remap",
    verdict: "untried",
    holds: ({ docker }) => docker.usernsRemap,
    reason: () =>
      "its Docker maps users (userns-remap), which is untried: files move with the owners that they have on disk",
    advice: () =>
      "Let all hosts of a cluster map them alike: a move of data between others is refused",
    known: "untried; the refusal is run with fake hosts: `test/provider/replica-move.test.ts`",
  },
  {
    what: `a clock more than ${CLOCK_SECONDS} s off`,
    verdict: "untried",
    holds: ({ machine }) => Math.abs(machine.clockAheadSeconds) > CLOCK_SECONDS,
    reason: ({ machine }) => {
      const seconds = Math.round(machine.clockAheadSeconds);
      return `its clock is ${Math.abs(seconds)} s ${seconds > 0 ? "ahead of" : "behind"} this machine's`;
    },
    advice: () => "Let it keep time (chrony, systemd-timesyncd)",
    known: "read: nothing of Ferry's decides by clocks of hosts, programs in containers may",
  },
  {
    what: "Docker 20.10 to 24 with Weave Net 2.x, of weaveworks or of reWeave",
    verdict: "fits",
    holds: (facts) =>
      isDocker(facts) &&
      facts.weave !== undefined &&
      compareVersions(facts.docker.version, OLDEST_DOCKER) >= 0 &&
      major(facts) < 25,
    known: "run: `test/lab` (Debian 12, 20.10, Weave Net 2.6.5); 23 and 24 are read of",
  },
  {
    what: "Docker 25 to 28 with reWeave 2.8.3 or later",
    verdict: "fits",
    holds: (facts) =>
      isDocker(facts) &&
      facts.weave !== undefined &&
      isReweave(facts.weave) &&
      major(facts) >= 25 &&
      major(facts) <= 28 &&
      weaveApiVersion(facts) === undefined,
    known: "run: `test/long/hosts` (26.1 and 28, both stores); 25 and 27 untried",
  },
];

/** A row of the table that holds for a host, in words. */
export interface Finding {
  readonly verdict: Verdict;
  readonly reason: string;
  readonly advice?: string;
}

/** What is to be said of a host: what keeps Ferry from it first. Empty when all is well. */
export function judge(facts: HostFacts): Finding[] {
  const order: readonly Verdict[] = ["cannot", "untried", "with settings"];
  return order.flatMap((verdict) =>
    HOST_TABLE.filter((row) => row.verdict === verdict && row.holds(facts)).map((row) => {
      const advice = row.advice?.(facts);
      return {
        verdict,
        reason: row.reason?.(facts) ?? row.what,
        ...(advice === undefined ? {} : { advice }),
      };
    }),
  );
}

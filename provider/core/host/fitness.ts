import type { NetworkRows } from "../network/network-port";
import { compareVersions, isDocker, majorOf, OLDEST_DOCKER, type HostFacts } from "./facts";
import { packagesFor } from "./needed-tools";

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

const OLDEST_RSYNC = "3.1.3";
const OLDEST_PYTHON = "3.7";
/** The newest that the lab runs. */
const NEWEST_DOCKER_MAJOR = 29;
/**
 * Journals and the order of copies do not depend on clocks; certificates, logs and `date` in them
 * do.
 */
const CLOCK_SECONDS = 60;

const TOOLS: Row = {
  what: "busybox's tools, or no `flock`",
  verdict: "cannot",
  holds: ({ machine }) => machine.lesserTools.length > 0,
  reason: ({ machine }) =>
    `its ${machine.lesserTools.join(", ")} ${machine.lesserTools.length === 1 ? "is" : "are"} missing or busybox's, ` +
    "which cannot lock, copy and compare as Ferry's scripts have to",
  advice: ({ machine }) =>
    `Install ${packagesFor(machine.lesserTools).join(", ")} there (Alpine: \`apk add ${packagesFor(machine.lesserTools).join(" ")}\`); its shell may stay busybox's`,
  known: "run: `test/adapters/busybox.test.ts`",
};

const OWN: readonly Row[] = [
  {
    what: "no ebtables",
    verdict: "with settings",
    holds: ({ machine }) => !machine.hasEbtables,
    reason: () =>
      "without ebtables a moved container is started only once the source's has ended, which takes a little longer",
    known: "read: `docs/move.md`, the ARP mute",
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
    known: "run: `test/lab/cutover.test.ts`",
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
    holds: (facts) => isDocker(facts) && majorOf(facts) > NEWEST_DOCKER_MAJOR,
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
];

/** All that is asked of a host: the network's rows come where they always were told. */
export function hostTable(network: NetworkRows): readonly Row[] {
  return [...network.machine, TOOLS, ...network.docker, ...OWN];
}

/** A row of the table that holds for a host, in words. */
export interface Finding {
  readonly verdict: Verdict;
  readonly reason: string;
  readonly advice?: string;
}

/** What is to be said of a host: what keeps Ferry from it first. Empty when all is well. */
export function judge(table: readonly Row[], facts: HostFacts): Finding[] {
  const order: readonly Verdict[] = ["cannot", "untried", "with settings"];
  return order.flatMap((verdict) =>
    table
      .filter((row) => row.verdict === verdict && row.holds(facts))
      .map((row) => {
        const advice = row.advice?.(facts);
        return {
          verdict,
          reason: row.reason?.(facts) ?? row.what,
          ...(advice === undefined ? {} : { advice }),
        };
      }),
  );
}

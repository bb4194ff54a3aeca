import { existsSync, readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { basename, join } from "node:path";

import { cgroupsOf } from "../../../lab/cgroups";
import { hostNamed, type Host, type Lab } from "../../../lab/identity";
import { initOf } from "../../../lab/processes";
import { LABELS } from "../../../provider/core/identity";
import { journalDirectory } from "../../../provider/core/move/journal";

/** What is looked for on the hosts. */
export interface Subject {
  readonly replica: string;
  /** The Docker volume with its data. */
  readonly volume: string;
  /**
   * The file name of the program that answers clients: what a container of the replica runs before
   * it is no copy yet.
   */
  readonly program: string;
}

/** What a host's journal says, in the words of whichever version wrote it. */
export interface JournalSeen {
  readonly words: readonly string[];
  readonly epoch: number;
}

/** One look at one host. */
export interface HostSeen {
  /** It has processes. One without is down, or not where it is looked for. */
  readonly up: boolean;
  /** Containers of the replica in which its program runs. */
  readonly running: readonly string[];
  /** Containers of the replica that have processes, but not that program. */
  readonly waiting: readonly string[];
  /** All containers of the replica. */
  readonly containers: readonly string[];
  readonly journal: JournalSeen | undefined;
}

/**
 * A host of the lab as this machine sees it: its control groups, its processes and its disk.
 * Neither Docker nor SSH is asked, so that a look takes a fraction of a millisecond, disturbs
 * nothing and does not depend on what is broken.
 */
export class HostView {
  readonly host: Host;
  private readonly cgroup: string;
  private readonly labels = new Map<string, Readonly<Record<string, string>>>();
  private init: number | undefined;
  private journalText = "";
  private journal: JournalSeen | undefined;

  constructor(
    readonly lab: Lab,
    readonly name: string,
    private readonly subject: Subject,
  ) {
    const host = hostNamed(lab, name);
    if (host === undefined) throw new Error(`The lab has no host ${name}.`);
    this.host = host;
    const root = "/sys/fs/cgroup";
    const v1 = join(root, "pids");
    this.cgroup = join(existsSync(v1) ? v1 : root, host.machine);
  }

  /** The guest's PID 1; looking for it reads all of /proc, so it is kept while it lives. */
  bootPid(): number | undefined {
    if (this.init === undefined || !existsSync(`/proc/${this.init}/root/etc`)) {
      this.init = cgroupsOf(this.host.machine).length === 0 ? undefined : initOf(this.host.machine);
    }
    return this.init;
  }

  look(): HostSeen {
    const containers = this.containers();
    const running: string[] = [];
    const waiting: string[] = [];
    for (const id of containers) {
      const programs = this.programsIn(id);
      if (programs.length === 0) continue;
      (programs.includes(this.subject.program) ? running : waiting).push(id);
    }
    const up = pidsOf(this.cgroup).length > 0;
    return { up, running, waiting, containers, journal: this.readJournal() };
  }

  /** The host's own processes of that name, none of a container's: dockerd, sshd. */
  processesNamed(name: string): number[] {
    return pidsOf(this.cgroup).filter((pid) => commandName(pid) === name);
  }

  /** Any process in a container. */
  processOf(container: string): number | undefined {
    return pidsOf(this.containerCgroup(container))[0];
  }

  /** The highest epoch of the replica's containers here. */
  epoch(): number {
    return Math.max(0, ...this.containers().map((id) => Number(this.labelsOf(id)[LABELS.epoch])));
  }

  /** The replica's data as it lies on the host's disk. */
  dataPath(...parts: string[]): string {
    return join(this.host.dir, "docker/volumes", this.subject.volume, "_data", ...parts);
  }

  /** Bytes of redis' log of writes. */
  logBytes(): number {
    const folder = this.dataPath("appendonlydir");
    try {
      return readdirSync(folder)
        .map((file) => statSync(join(folder, file)).size)
        .reduce((sum, size) => sum + size, 0);
    } catch {
      return 0;
    }
  }

  /** Whether a file has arrived, or begun to, under its own name or that of a half-made copy. */
  hasBegun(file: string): boolean {
    try {
      return readdirSync(this.dataPath()).some((name) => name.includes(file));
    } catch {
      return false;
    }
  }

  private containerCgroup(id: string): string {
    return join(this.cgroup, "docker", id);
  }

  private containers(): string[] {
    return namesIn(join(this.host.dir, "docker/containers")).filter((id) => this.isOfReplica(id));
  }

  private isOfReplica(id: string): boolean {
    return this.labelsOf(id)[LABELS.replica] === this.subject.replica;
  }

  /** They never change, so they are read once. */
  private labelsOf(id: string): Readonly<Record<string, string>> {
    const known = this.labels.get(id);
    if (known !== undefined) return known;
    try {
      const file = join(this.host.dir, "docker/containers", id, "config.v2.json");
      const { Config } = JSON.parse(readFileSync(file, "utf8")) as {
        Config: { Labels?: Record<string, string> };
      };
      this.labels.set(id, Config.Labels ?? {});
      return Config.Labels ?? {};
    } catch {
      return {}; // being written just now, or gone
    }
  }

  private programsIn(id: string): string[] {
    return pidsOf(this.containerCgroup(id)).flatMap((pid) => {
      try {
        return [basename(readlinkSync(`/proc/${pid}/exe`))];
      } catch {
        return []; // it has ended: a zombie runs nothing
      }
    });
  }

  /** Every file of the replica's folder: which of them is the journal is the library's affair. */
  private readJournal(): JournalSeen | undefined {
    const folder = join(this.host.dir, "root", journalDirectory(this.subject.replica));
    const text = namesIn(folder)
      .filter((name) => name.endsWith(".json"))
      .map((name) => readOr(join(folder, name), ""))
      .join("");
    if (text === this.journalText) return this.journal;
    this.journalText = text;
    this.journal = text === "" ? undefined : parseJournal(text);
    return this.journal;
  }
}

function parseJournal(text: string): JournalSeen | undefined {
  try {
    const entry = JSON.parse(text) as { role?: string; step?: string; epoch?: number };
    const words = [entry.role, entry.step].filter((word) => word !== undefined);
    return { words, epoch: entry.epoch ?? 0 };
  } catch {
    return undefined;
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function readOr(path: string, otherwise: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return otherwise;
  }
}

function commandName(pid: number): string {
  return readOr(`/proc/${pid}/comm`, "").trim();
}

function pidsOf(cgroup: string): number[] {
  return readOr(join(cgroup, "cgroup.procs"), "").split("\n").filter(Boolean).map(Number);
}

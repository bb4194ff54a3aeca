import { hostNamed, type Lab } from "../../../lab/identity";
import { join } from "node:path";
import type { Strike } from "./lookout";

/** Whom a fault may strike. */
export interface Scene {
  readonly lab: Lab;
  readonly source: string;
  readonly target: string;
  /** The process that carries the move out. */
  readonly provider: Pick<Strike, "pids" | "processes">;
  /** Pulumi's engine, where there is one. */
  readonly engine?: number;
}

/** What strikes a move from outside, at whatever step. */
export interface Fault {
  readonly name: string;
  /** Whether the run that is struck can still say something. */
  readonly silences: boolean;
  strike(scene: Scene): Strike;
}

/** A file that nobody needs: it takes the room on a host's disk. */
const FILLER = "filler";

export const faults = {
  providerKilled: {
    name: "provider killed",
    silences: true,
    strike: ({ provider }) => ({ ...provider, signal: "SIGKILL" }),
  },
  engineKilled: {
    name: "engine killed",
    silences: true,
    strike: ({ engine }) => ({ pids: engine === undefined ? [] : [engine], signal: "SIGKILL" }),
  },
  sourceLinkBroken: {
    name: "link to source cut",
    silences: false,
    strike: ({ lab, source }) => ({ commands: breakLink(lab, source) }),
  },
  targetLinkBroken: {
    name: "link to target cut",
    silences: false,
    strike: ({ lab, target }) => ({ commands: breakLink(lab, target) }),
  },
  sourceDaemonRestarted: {
    name: "source's daemon restarted",
    silences: false,
    strike: ({ source }) => restartDaemon(source),
  },
  targetDaemonRestarted: {
    name: "target's daemon restarted",
    silences: false,
    strike: ({ target }) => restartDaemon(target),
  },
  sourcePowerLoss: {
    name: "source power cut",
    silences: false,
    strike: ({ source }) => ({ powerOf: source }),
  },
  targetPowerLoss: {
    name: "target power cut",
    silences: false,
    strike: ({ target }) => ({ powerOf: target }),
  },
  targetDiskFull: {
    name: "target disk full",
    silences: false,
    strike: ({ lab, target }) => ({ fill: fillerOf(lab, target) }),
  },
  cutoverKilled: {
    name: "cut's own script killed",
    silences: false,
    strike: ({ lab, target }) => ({
      processes: {
        environment: ` ${requireHost(lab, target).ip} 22\0`,
        command: "/script\0/run/ferry-move-",
      },
      signal: "SIGKILL",
    }),
  },
} satisfies Record<string, Fault>;

/**
 * Neither host is reached, and they still reach each other. It makes a difference only where a
 * cutover goes on for long.
 */
export const bothLinksBroken: Fault = {
  name: "links to both cut",
  silences: false,
  strike: ({ lab, source, target }) => ({
    commands: [source, target].flatMap((host) => breakLink(lab, host)),
  }),
};

export function fillerOf(lab: Lab, host: string): string {
  return join(folderOf(lab, host), "docker", FILLER);
}

/**
 * This machine no longer finds the host, and the host no longer finds this machine; the hosts still
 * find each other.
 */
function breakLink(lab: Lab, name: string): string[][] {
  const { ip, machine } = requireHost(lab, name);
  const nobody = "02:00:00:00:00:fe";
  return [
    ["ip", "neigh", "replace", ip, "lladdr", nobody, "nud", "permanent", "dev", lab.bridge],
    ["ip", "-n", machine, "route", "replace", "blackhole", `${lab.network}.254/32`],
  ];
}

/** Either may not be there: a host that was rebooted has a fresh network. */
export function mendLink(lab: Lab, name: string): string[][] {
  const { ip, machine } = requireHost(lab, name);
  return [
    ["ip", "neigh", "del", ip, "dev", lab.bridge],
    ["ip", "-n", machine, "route", "del", "blackhole", `${lab.network}.254/32`],
  ];
}

/**
 * The signal at once, so that it falls into the step; systemd then goes through with an ordinary
 * restart.
 */
function restartDaemon(host: string): Strike {
  return {
    ofHost: { host, command: "dockerd" },
    signal: "SIGTERM",
    inHost: { host, argv: ["systemctl", "--no-block", "restart", "docker.service"] },
  };
}

function folderOf(lab: Lab, host: string): string {
  return requireHost(lab, host).dir;
}

function requireHost(lab: Lab, name: string) {
  const host = hostNamed(lab, name);
  if (host === undefined) throw new Error(`The lab has no host ${name}.`);
  return host;
}

import { LABELS } from "../identity";
import type { ContainerState } from "../ports";
import { namedVolumes } from "../replica/unnamed-volumes";
import { isInDeployment, type InDeployment } from "../volume/owner";
import { claimsOf, type Findings } from "./findings";
import { GATE_VOLUME } from "./gate";
import type { JournalEntry, SourceEntry } from "./journal";
import type { Op, Work } from "./ops";

/** Who else on a host uses the volumes of a container, directly or by way of others. */
export interface Neighbours {
  /** Containers of replicas of the same deployment: they move along. */
  readonly mates: readonly ContainerState[];
  /** Anybody else who runs, with the volume: it would write into what is being copied. */
  readonly strangers: readonly { readonly container: string; readonly volume: string }[];
}

/** Named volumes only: nobody shares one without a name, and a gate is its host's own. */
export function volumesOf(container: Pick<ContainerState, "mounts" | "labels">): string[] {
  return namedVolumes(container).filter((name) => name !== GATE_VOLUME);
}

export function neighbours(
  self: ContainerState,
  identity: InDeployment,
  containers: readonly ContainerState[],
): Neighbours {
  const own = self.labels[LABELS.replica];
  // What an interrupted change of this very replica has left is its own affair.
  const others = containers.filter(
    ({ id, labels }) => id !== self.id && (own === undefined || labels[LABELS.replica] !== own),
  );
  const usersOf = new Map<string, ContainerState[]>();
  for (const container of others) {
    for (const volume of volumesOf(container)) {
      usersOf.set(volume, [...(usersOf.get(volume) ?? []), container]);
    }
  }
  const mates = new Set<ContainerState>();
  const strangers: { container: string; volume: string }[] = [];
  const seen = new Set<string>();
  const reached = volumesOf(self);
  for (let volume = reached.pop(); volume !== undefined; volume = reached.pop()) {
    if (seen.has(volume)) continue;
    seen.add(volume);
    for (const container of usersOf.get(volume) ?? []) {
      if (isMate(container, identity)) {
        mates.add(container);
        reached.push(...volumesOf(container));
      } else if (!["created", "exited", "dead"].includes(container.status)) {
        strangers.push({ container: container.name, volume });
      }
    }
  }
  return { mates: [...mates].sort((a, b) => (a.name < b.name ? -1 : 1)), strangers };
}

function isMate({ labels }: ContainerState, deployment: InDeployment): boolean {
  return labels[LABELS.replica] !== undefined && isInDeployment(labels, deployment);
}

/** The replica whose move has carried another one along. */
export interface Carrier {
  /** How messages call it. */
  readonly label: string;
  readonly findings: Findings;
}

export type CarriedAlong =
  ({ readonly kind: "do" } & Work) | { readonly kind: "refuse"; readonly reason: string };

/**
 * The journal of a replica that was stopped for the move of another one which it shares a volume
 * with, and its host.
 */
export function stoppedWith({
  journals,
}: Findings): { host: string; entry: SourceEntry; carrier: string } | undefined {
  for (const [host, entry] of Object.entries(journals)) {
    if (entry.role !== "source" || entry.step === "committed" || entry.with === undefined) continue;
    return { host, entry, carrier: entry.with };
  }
  return undefined;
}

/**
 * What becomes of a replica that was stopped for the move of another one. Its data is where the
 * carrier is: it may run there and nowhere else. undefined: the carrier is on the old host, and so
 * it is taken back as after any move.
 */
export function settleWith(findings: Findings, carrier: Carrier): CarriedAlong | undefined {
  const stopped = stoppedWith(findings);
  if (stopped === undefined) return undefined;
  const { host, entry } = stopped;
  const { label } = carrier;
  const ofCarrier = carrier.findings.journals[host];
  const claimed = newest(carrier.findings);
  if (ofCarrier?.role === "source" && ofCarrier.step !== "committed" && claimed === host) {
    return {
      kind: "refuse",
      reason:
        `it was stopped to move to host '${entry.other ?? ""}' together with ${label}, which it shares a volume with, and ` +
        `that move was cut off. ${label} comes first: \`pulumi up --refresh\` finishes its move or takes it back`,
    };
  }
  // It may have gone on from there, or its new host may not answer: then the old one says where it
  // went.
  const went =
    claimed ??
    (ofCarrier?.role === "source" || ofCarrier?.role === "retired" ? ofCarrier.other : undefined);
  if (went === host || went === undefined) return undefined;
  if (!findings.answered.includes(went)) {
    return {
      kind: "refuse",
      reason: `it goes to host '${went}' with ${label}, which is there already, and that host does not answer`,
    };
  }
  return {
    kind: "do",
    why: `going to '${went}', where ${label} has taken the volume that they share`,
    ops: handOver(host, { ...entry, other: went }, findings.journals[went]),
  };
}

/** From here on there is only forward: its data is on the other host. */
export function handOver(host: string, entry: SourceEntry, there: JournalEntry | undefined): Op[] {
  const {
    other = "",
    highest,
    with: _with,
    step: _step,
    stood: _stood,
    startedAt: _started,
    // Of the host that it is on now.
    otherMachine: _machine,
    ...rest
  } = entry;
  const volumes = there?.role === "target" ? there.volumes : [];
  return [
    { op: "journal", host, entry: { ...entry, step: "committed" } },
    {
      op: "journal",
      host: other,
      entry: { ...rest, role: "home", epoch: highest ?? entry.epoch + 1, volumes, other: host },
    },
  ];
}

function newest(findings: Findings): string | undefined {
  return claimsOf(findings).sort((a, b) => b.epoch - a.epoch)[0]?.host;
}

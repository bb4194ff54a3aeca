import { LABELS } from "../identity";
import type { ContainerState } from "../adapter-ports";
import { epochOf } from "../replica/request";
import { namedVolumes } from "../replica/unnamed-volumes";
import { isInDeployment, type InDeployment } from "../volume/owner";
import { claimsOf, type Findings } from "./findings";
import { BARRIER_VOLUME } from "./start-barrier";
import type { JournalEntry, SourceEntry } from "./journal";
import type { Op, Work } from "./ops";

/**
 * Who else on a host uses the volumes of a container, or is in its namespaces, directly or by way of
 * others.
 */
export interface FoundGroup {
  /** Containers of replicas of the same deployment: they move along. */
  readonly members: readonly ContainerState[];
  /** Anybody else who runs, with the volume: it would write into what is being copied. */
  readonly strangers: readonly { readonly container: string; readonly volume: string }[];
}

const STOPPED = ["created", "exited", "dead"];

/** Named volumes only: nobody shares one without a name, and a start barrier is its host's own. */
export function volumesOf(container: Pick<ContainerState, "mounts" | "labels">): string[] {
  return namedVolumes(container).filter((name) => name !== BARRIER_VOLUME);
}

/** What a container and those that are with it have in common; no volume's name has a colon. */
function bindingsOf(container: ContainerState): string[] {
  const joined = [container.id, ...(container.joins ?? [])];
  return [...volumesOf(container), ...joined.map((id) => `${NAMESPACES}${id}`)];
}

const NAMESPACES = "container:";

export function findGroup(
  self: ContainerState,
  identity: InDeployment,
  containers: readonly ContainerState[],
): FoundGroup {
  const own = self.labels[LABELS.replica];
  // What an interrupted change of this very replica has left is its own affair.
  const others = containers.filter(
    ({ id, labels }) => id !== self.id && (own === undefined || labels[LABELS.replica] !== own),
  );
  const usersOf = new Map<string, ContainerState[]>();
  for (const container of others) {
    for (const volume of bindingsOf(container)) {
      usersOf.set(volume, [...(usersOf.get(volume) ?? []), container]);
    }
  }
  const members = new Set<ContainerState>();
  const strangers: { container: string; volume: string }[] = [];
  const seen = new Set<string>();
  const reached = bindingsOf(self);
  for (let volume = reached.pop(); volume !== undefined; volume = reached.pop()) {
    if (seen.has(volume)) continue;
    seen.add(volume);
    for (const container of usersOf.get(volume) ?? []) {
      if (isMember(container, identity)) {
        members.add(container);
        reached.push(...bindingsOf(container));
        // Somebody else's in one of these namespaces writes nothing that is copied.
      } else if (!STOPPED.includes(container.status) && !volume.startsWith(NAMESPACES)) {
        strangers.push({ container: container.name, volume });
      }
    }
  }
  const counting = oneOfEach([...members]);
  return { members: counting.sort((a, b) => (a.name < b.name ? -1 : 1)), strangers };
}

/**
 * A change that was cut off has left two of a replica, of which its own update sees to the one that
 * does not count. One that runs is never left out: it writes.
 */
function oneOfEach(members: readonly ContainerState[]): ContainerState[] {
  const counts = new Map<string, ContainerState>();
  for (const each of members) {
    const id = each.labels[LABELS.replica] ?? "";
    const known = counts.get(id);
    if (known === undefined || outranks(each, known)) counts.set(id, each);
  }
  return members.filter(
    (each) =>
      !STOPPED.includes(each.status) || counts.get(each.labels[LABELS.replica] ?? "") === each,
  );
}

/** One that was never started counts less than what it was to replace. */
function outranks(one: ContainerState, other: ContainerState): boolean {
  const begun = ({ status }: ContainerState) => status !== "created";
  if (begun(one) !== begun(other)) return begun(one);
  return epochOf(one) > epochOf(other);
}

function isMember({ labels }: ContainerState, deployment: InDeployment): boolean {
  return labels[LABELS.replica] !== undefined && isInDeployment(labels, deployment);
}

/** The replica whose move has carried another one along. */
export interface Lead {
  /** How messages call it. */
  readonly label: string;
  readonly findings: Findings;
}

export type MemberDecision =
  ({ readonly kind: "do" } & Work) | { readonly kind: "refuse"; readonly reason: string };

/**
 * The journal of a replica that was stopped for the move of another one which it shares a volume
 * with, and its host.
 */
export function stoppedWith({
  journals,
}: Findings): { host: string; entry: SourceEntry; lead: string } | undefined {
  for (const [host, entry] of Object.entries(journals)) {
    if (entry.role !== "source" || entry.with === undefined) continue;
    if (entry.step === "committed" && isHandedOver(entry, journals)) continue;
    return { host, entry, lead: entry.with };
  }
  return undefined;
}

/** `handOver` writes the source's word first: a run may have been killed in between. */
function isHandedOver(entry: SourceEntry, journals: Findings["journals"]): boolean {
  const there = entry.other === undefined ? undefined : journals[entry.other];
  if (there !== undefined && there.role !== "target") return true;
  return Object.values(journals).some(({ role, epoch }) => role === "home" && epoch > entry.epoch);
}

/**
 * What becomes of a replica that was stopped for the move of another one. Its data is where the
 * lead is: it may run there and nowhere else. undefined: the lead is on the old host, and so
 * it is taken back as after any move.
 */
export function decideByLead(findings: Findings, lead: Lead): MemberDecision | undefined {
  const stopped = stoppedWith(findings);
  if (stopped === undefined) return undefined;
  const { host, entry } = stopped;
  const { label } = lead;
  const ofLead = lead.findings.journals[host];
  const claimed = newest(lead.findings);
  if (ofLead?.role === "source" && ofLead.step !== "committed" && claimed === host) {
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
    claimed ?? (ofLead?.role === "source" || ofLead?.role === "retired" ? ofLead.other : undefined);
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

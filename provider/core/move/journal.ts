import { createHash } from "crypto";
import { canonicalJson } from "../canonical-json";
import type { RestartPolicy } from "../container-spec";
import type { MachineIds } from "../machine";
import { isNumber, isRecord, isString, isStrings } from "./shapes";

/**
 * What a host's copy of a replica is, in the one file that Ferry keeps there for it:
 * - `home`: the replica lives here;
 * - `source`: the cutover of a move away from here has begun; this copy holds the data until the
 *   step is `committed`;
 * - `target`: a copy being made here, worth nothing until the source says `committed` or this side
 *   `home`;
 * - `retired`: an older copy, kept because the next move back is the shorter for it;
 * - `aside`: a copy that went its own way (its host was lost and came back): never used, never
 *   deleted.
 */
export type Role = "home" | "source" | "target" | "retired" | "aside";

/**
 * Each is written, and on disk, before what it names is done:
 * - `fenced`: restart policy off, address off the network;
 * - `stopped`: stopped for good;
 * - `opening`: only where there is no inbound block before the target: it is about to start, and
 *   may answer clients from here on;
 * - `committed`: the target's copy is the replica. From here there is only forward.
 */
export type SourceStep = "fenced" | "stopped" | "opening" | "committed";

/**
 * - `preparing`: image, volumes and container are being made;
 * - `copying`: data comes in while the source runs;
 * - `delta`: the source is stopped, the rest comes in;
 * - `compared`: the copy is complete and verified;
 * - `starting`: its program starts;
 * - `rejected`: taken back; whatever it wrote does not count.
 */
export type TargetStep = "preparing" | "copying" | "delta" | "compared" | "starting" | "rejected";

const SOURCE_STEPS = ["fenced", "stopped", "opening", "committed"] as const;
const TARGET_STEPS = ["preparing", "copying", "delta", "compared", "starting", "rejected"] as const;
const RESTART_POLICIES = ["no", "always", "unless-stopped", "on-failure"] as const;

interface EntryFacts {
  readonly version: 2;
  readonly replica: string;
  /** Of the container that it is about. */
  readonly epoch: number;
  /** Docker volumes here that hold the copy and are Ferry's. */
  readonly volumes: readonly string[];
  /** The highest epoch that was given out, when a move that was taken back had a higher one. */
  readonly highest?: number;
  /** The other host of the move that made it so. */
  readonly other?: string;
  /**
   * Which machine that was: the program may call it otherwise by now, or another machine by its
   * name.
   */
  readonly otherMachine?: MachineIds;
  /**
   * Another one whenever data begins anew: copies of one origin are of one history, where the
   * higher epoch has all that the lower one has. Absent where an earlier version made it.
   */
  readonly origin?: string;
  /** The same on both hosts of a move, another one for each move. */
  readonly move?: string;
  /** The replica whose move carries this one along, as they share a volume. */
  readonly with?: string;
  /** Who ran it: "root@ci-7". */
  readonly owner?: string;
  /**
   * When, in ISO 8601, UTC. For people; it decides only between old copies that are of the same
   * epoch.
   */
  readonly when?: string;
}

export interface SourceEntry extends EntryFacts {
  readonly role: "source";
  readonly step: SourceStep;
  /** It did not run before the move, so that taking the move back does not start it. */
  readonly stood?: boolean;
  /**
   * When its container was started that was found as the move began, as Docker says it: started
   * since, it may have served.
   */
  readonly startedAt?: string;
  /** Of the home that it was, which it is again when the move is taken back. */
  readonly adopts?: Adopts;
}

export interface TargetEntry extends EntryFacts {
  readonly role: "target";
  readonly step: TargetStep;
  /**
   * The volumes were there as a retired copy before: a move that is taken back leaves them as one.
   */
  readonly wasRetired?: boolean;
}

export interface RestEntry extends EntryFacts {
  readonly role: "home" | "retired" | "aside";
  /** The container whose place it takes; absent but for a home that was adopted. */
  readonly adopts?: Adopts;
}

/** A container of somebody else's as it was before a replica took its place, with its data. */
export interface Adopts {
  /** Its id. */
  readonly container: string;
  readonly name: string;
  readonly restart: RestartPolicy;
  readonly running: boolean;
  /** What its journal said before, which it says again when this is taken back. */
  readonly before?: JournalEntry;
  /** The replica runs in its place: there is no way back any more. */
  readonly done?: true;
}

export type JournalEntry = SourceEntry | TargetEntry | RestEntry;

export const ALL_JOURNALS = "/var/lib/ferry/replicas";

/**
 * Where it lies on a host. The name holds no character that needs quoting, whatever the replica's
 * id holds.
 */
export function journalDirectory(replica: string): string {
  return `${ALL_JOURNALS}/${journalName(replica)}`;
}

/** What a replica's folder is called, wherever a host has one. */
export function journalName(replica: string): string {
  const hash = createHash("sha256").update(replica).digest("hex").slice(0, 12);
  const readable = replica
    .split("/")
    .slice(2)
    .join("-")
    .replace(/[^a-zA-Z0-9.-]/g, "_");
  return `${readable.slice(0, 100)}-${hash}`;
}

export function journalPath(replica: string): string {
  return `${journalDirectory(replica)}/journal.json`;
}

/**
 * What versions before this one wrote; read where there is no journal, and removed when one is
 * written.
 */
export function recordPath(replica: string): string {
  return `${journalDirectory(replica)}/placement.json`;
}

/**
 * The same entry gives the same text: a commit goes through only when the file still holds the text
 * that is expected.
 */
export function formatEntry(entry: JournalEntry): string {
  return `${canonicalJson(entry)}\n`;
}

/**
 * What the text of a committed source holds, and no other text does: quotes inside of names are
 * escaped.
 */
export const COMMITTED_MARK = '"step":"committed"';

const inOtherForm = new WeakSet<JournalEntry>();

/**
 * Whether what it was read from is not what this version writes for it: no cutover would know that
 * text again.
 */
export function isInOtherForm(entry: JournalEntry): boolean {
  return inOtherForm.has(entry);
}

/** undefined for anything that is no entry of a version that is known. */
export function parseEntry(text: string): JournalEntry | undefined {
  const entry = entryIn(text);
  if (entry !== undefined && formatEntry(entry) !== text) inOtherForm.add(entry);
  return entry;
}

function entryIn(text: string): JournalEntry | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return current(value);
}

function current(value: unknown): JournalEntry | undefined {
  if (!isRecord(value)) return undefined;
  const facts = factsOf(value);
  if (facts === undefined) return undefined;
  return value["version"] === 1 ? firstVersion(facts, value["role"]) : thisVersion(facts, value);
}

function factsOf(value: Record<string, unknown>): EntryFacts | undefined {
  const {
    version,
    replica,
    epoch,
    volumes,
    highest,
    other,
    move,
    owner,
    when,
    with: member,
  } = value;
  const { origin } = value;
  const otherMachine = machineIn(value["otherMachine"]);
  if (version !== 1 && version !== 2) return undefined;
  if (!isString(replica) || !isNumber(epoch) || !isStrings(volumes)) return undefined;
  return {
    version: 2,
    replica,
    epoch,
    volumes,
    ...(isNumber(highest) ? { highest } : {}),
    ...(isString(other) ? { other } : {}),
    ...(otherMachine === undefined ? {} : { otherMachine }),
    ...(isString(origin) ? { origin } : {}),
    ...(isString(move) ? { move } : {}),
    ...(isString(member) ? { with: member } : {}),
    ...(isString(owner) ? { owner } : {}),
    ...(isString(when) ? { when } : {}),
  };
}

function machineIn(value: unknown): MachineIds | undefined {
  if (!isRecord(value)) return undefined;
  const { id, docker } = value;
  return isString(id) && isString(docker) ? { id, docker } : undefined;
}

function thisVersion(
  { version, replica, epoch, ...facts }: EntryFacts,
  { role, step, wasRetired, stood: wasStopped, startedAt, adopts }: Record<string, unknown>,
): JournalEntry | undefined {
  const first = { version, replica, epoch };
  const adopted = adoptsIn(adopts);
  const took = adopted === undefined ? {} : { adopts: adopted };
  if (role === "source") {
    const known = SOURCE_STEPS.find((each) => each === step);
    const stopped = wasStopped === true ? { stood: wasStopped } : {};
    const started = isString(startedAt) ? { startedAt } : {};
    return known && { ...first, role, step: known, ...facts, ...stopped, ...started, ...took };
  }
  if (role === "target") {
    const known = TARGET_STEPS.find((each) => each === step);
    const was = wasRetired === true ? { wasRetired } : {};
    return known && { ...first, role, step: known, ...facts, ...was };
  }
  const rest = (["home", "retired", "aside"] as const).find((each) => each === role);
  return rest && { ...first, role: rest, ...facts, ...took };
}

function adoptsIn(value: unknown): Adopts | undefined {
  if (!isRecord(value) || !isRecord(value["restart"])) return undefined;
  const { container, name, running, restart, done } = value;
  const before = current(value["before"]);
  const { name: policy, maximumRetryCount } = restart;
  const known = RESTART_POLICIES.find((each) => each === policy);
  if (!isString(container) || !isString(name) || known === undefined) return undefined;
  return {
    container,
    name,
    restart: { name: known, ...(isNumber(maximumRetryCount) ? { maximumRetryCount } : {}) },
    running: running === true,
    ...(before === undefined ? {} : { before }),
    ...(done === true ? { done } : {}),
  };
}

/** There was no inbound block then: a source that is leaving may have a target that answers. */
function firstVersion(facts: EntryFacts, role: unknown): JournalEntry | undefined {
  switch (role) {
    case "home":
    case "retired":
      return { ...facts, role };
    case "leaving":
      return { ...facts, role: "source", step: "opening" };
    case "arriving":
      return { ...facts, role: "target", step: "copying" };
    case "rejected":
      return { ...facts, role: "target", step: "rejected" };
    default:
      return undefined;
  }
}

interface MoveSide {
  readonly host: string;
  readonly epoch: number;
  readonly volumes: readonly string[];
  readonly machine?: MachineIds;
}

/** One move, as its journals tell it. */
export interface MoveFacts extends Pick<EntryFacts, "origin"> {
  readonly replica: string;
  readonly source: MoveSide &
    Pick<SourceEntry, "startedAt" | "adopts"> & { readonly wasStopped: boolean };
  readonly target: MoveSide;
  readonly move: string;
  readonly owner: string;
  readonly when: string;
  /** The target's volumes were there as a retired copy before. */
  readonly wasRetired: boolean;
}

export function sourceEntry(of: MoveFacts, step: SourceStep): SourceEntry {
  const { wasStopped, startedAt, adopts } = of.source;
  return {
    ...begin(of, of.source),
    role: "source",
    step,
    ...end(of, of.target),
    highest: of.target.epoch,
    ...(wasStopped ? { stood: wasStopped } : {}),
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(adopts === undefined ? {} : { adopts }),
  };
}

/** Whose place a copy took, as its journal says; nothing where it took nobody's. */
export function adoptsOf(entry: JournalEntry | undefined): { readonly adopts?: Adopts } {
  const { adopts } = entry === undefined || entry.role === "target" ? {} : entry;
  return adopts === undefined ? {} : { adopts };
}

export function targetEntry(of: MoveFacts, step: TargetStep): TargetEntry {
  const was = of.wasRetired ? { wasRetired: true } : {};
  return { ...begin(of, of.target), role: "target", step, ...end(of, of.source), ...was };
}

/** What the target's journal says once the source's says `committed`. */
export function arrivedEntry(of: MoveFacts): RestEntry {
  return { ...begin(of, of.target), role: "home", ...end(of, of.source) };
}

/**
 * What the source's journal says when the move is taken back. Its epoch stays; that of the target
 * is not used again.
 */
export function backEntry(of: SourceEntry): RestEntry {
  const {
    step: _step,
    move: _move,
    other: _other,
    otherMachine: _machine,
    stood: _stood,
    startedAt: _started,
    ...facts
  } = of;
  return { ...facts, role: "home" };
}

/**
 * Every text that the cutover writes, made before it begins: on either side it only puts given
 * texts at a given path.
 */
export interface CutoverJournals {
  /** The same on both hosts. */
  readonly path: string;
  /**
   * Every text of the source takes the place of the one before it under a lock on this folder, or
   * of none: another run may have taken the move back.
   */
  readonly directory: string;
  /**
   * `before` is what is there as the cutover begins; "" when nothing is. `home` takes the place of
   * `fenced` or `stopped`.
   */
  readonly source: Readonly<Record<"before" | "fenced" | "stopped" | "committed" | "home", string>>;
  readonly target: Readonly<
    Record<"delta" | "compared" | "starting" | "rejected" | "home", string>
  >;
}

export function cutoverJournals(of: MoveFacts, before: JournalEntry | undefined): CutoverJournals {
  const source = (step: SourceStep) => formatEntry(sourceEntry(of, step));
  const target = (step: TargetStep) => formatEntry(targetEntry(of, step));
  return {
    path: journalPath(of.replica),
    directory: journalDirectory(of.replica),
    source: {
      before: before === undefined ? "" : formatEntry(before),
      fenced: source("fenced"),
      stopped: source("stopped"),
      committed: source("committed"),
      home: formatEntry(backEntry(sourceEntry(of, "stopped"))),
    },
    target: {
      delta: target("delta"),
      compared: target("compared"),
      starting: target("starting"),
      rejected: target("rejected"),
      home: formatEntry(arrivedEntry(of)),
    },
  };
}

function begin({ replica, origin }: MoveFacts, { epoch, volumes }: MoveSide) {
  const history = origin === undefined ? {} : { origin };
  return { version: 2 as const, replica, epoch, volumes, ...history };
}

function end({ move, owner, when }: MoveFacts, { host, machine }: MoveSide) {
  return {
    other: host,
    ...(machine === undefined ? {} : { otherMachine: machine }),
    move,
    owner,
    when,
  };
}

import {
  arrivedEntry,
  backEntry,
  formatEntry,
  sourceEntry,
  targetEntry,
  type JournalEntry,
  type MoveFacts,
} from "../../../../provider/core/move/journal";
import type { Goal } from "../../../../provider/core/move/goal";
import { next, type Next } from "../../../../provider/core/move/machine";
import type { Findings } from "../../../../provider/core/move/findings";
import type { Op } from "../../../../provider/core/move/ops";
import {
  answers,
  findingsOf,
  startOpen,
  type CutoverOp,
  type ModelHost,
  type ModelOp,
  type Script,
  type World,
} from "./world";

export const VOLUME = "d_data";
export const REPLICA = "p/s/d/redis/0";

/** What a test may put in place of the protocol's own, to see that the exploration notices. */
export interface Protocol {
  readonly decide: (findings: Findings, goal: Goal) => Next;
  readonly cutover: (ops: CutoverOp[]) => CutoverOp[];
  readonly inboundBlock: boolean;
}

export const FERRY: Protocol = { decide: next, cutover: (ops) => ops, inboundBlock: true };

/** The run looks at the hosts and asks what is next. */
export function look(world: World, protocol: Protocol): void {
  const run = world.run!;
  const { wanted } = run;
  const goal = { replica: REPLICA, wanted, believed: world.believed, volumes: [VOLUME] };
  const decision = protocol.decide(findingsOf(world), goal);
  switch (decision.kind) {
    case "do":
      run.ops = decision.ops.map((op) => ({ kind: "op", op }));
      return;
    case "keep":
      run.ops = [
        ...(decision.home.running
          ? []
          : [
              {
                kind: "op",
                op: { op: "start", host: wanted, containerId: decision.home.containerId },
              },
            ]),
        {
          kind: "op",
          op: {
            op: "restart policy",
            host: wanted,
            containerId: decision.home.containerId,
            policy: "as wanted",
          },
        },
        { kind: "saved", host: wanted, epoch: decision.home.epoch },
      ];
      return;
    case "move":
      run.ops = moveOps(world, decision, protocol);
      return;
    default:
      delete world.run;
  }
}

function moveOps(
  world: World,
  { home, to, epoch }: Next & { kind: "move" },
  protocol: Protocol,
): ModelOp[] {
  const facts: MoveFacts = {
    replica: REPLICA,
    source: {
      host: home.host,
      epoch: home.epoch,
      volumes: [VOLUME],
      wasStopped: false,
      ...(home.startedAt === undefined ? {} : { startedAt: home.startedAt }),
    },
    target: { host: to, epoch, volumes: [VOLUME] },
    move: `m${epoch}`,
    owner: "o",
    when: "w",
    wasRetired: world.hosts[to]?.journal?.role === "retired",
  };
  const journal = (entry: JournalEntry) => ({ kind: "op", op: { op: "journal", host: to, entry } });
  return [
    journal(targetEntry(facts, "preparing")),
    { kind: "make", host: to, epoch },
    journal(targetEntry(facts, "copying")),
    { kind: "copy", from: home.host, to },
    {
      kind: "cutover",
      source: home.host,
      target: to,
      move: facts.move,
      ops: protocol.cutover(
        cutoverOps(facts, world.hosts[home.host]?.journal, protocol.inboundBlock),
      ),
    },
    { kind: "wait" },
  ];
}

/** The order of the cutover; what each step does is below. */
function cutoverOps(
  facts: MoveFacts,
  before: JournalEntry | undefined,
  inboundBlock: boolean,
): CutoverOp[] {
  const source = (does: string, text?: JournalEntry): CutoverOp => ({
    at: "source",
    does,
    ...(text ? { text } : {}),
  });
  const target = (does: string, text?: JournalEntry): CutoverOp => ({
    at: "target",
    does,
    ...(text ? { text } : {}),
  });
  const [fenced, stopped] = [sourceEntry(facts, "fenced"), sourceEntry(facts, "stopped")];
  const commit: CutoverOp = {
    at: "source",
    does: "journal",
    text: sourceEntry(facts, "committed"),
    only: stopped,
  };
  return [
    {
      at: "source",
      does: "journal",
      text: fenced,
      ...(before === undefined ? { only: "none" } : { only: before }),
    },
    source("policy off"),
    ...(inboundBlock ? [target("start at barrier")] : []),
    { at: "source", does: "journal", text: stopped, only: fenced },
    source("stop"),
    target("journal", targetEntry(facts, "delta")),
    target("copy"),
    target("journal", targetEntry(facts, "compared")),
    ...(inboundBlock ? [] : [commit]),
    target("journal", targetEntry(facts, "starting")),
    target(inboundBlock ? "open barrier" : "start"),
    target("ready"),
    ...(inboundBlock ? [commit, target("open inbound")] : []),
    target("journal", arrivedEntry(facts)),
  ];
}

/** One step of the run. False: nothing could be done, and the run has ended. */
export function stepRun(world: World, protocol: Protocol): void {
  const run = world.run!;
  const [op] = run.ops;
  if (op === undefined) {
    look(world, protocol);
    return;
  }
  if (op.kind === "wait" && world.script !== undefined) return;
  run.ops = run.ops.slice(1);
  if (!carryOut(world, op)) delete world.run;
}

function carryOut(world: World, op: ModelOp): boolean {
  const host = (name: unknown) => world.hosts[name as string]!;
  switch (op.kind) {
    case "op":
      return ofMachine(world, op["op"] as Op);
    case "make": {
      const at = host(op["host"]);
      if (!answers(at)) return false;
      at.volume ??= { has: false };
      const epoch = op["epoch"] as number;
      at.containers.push({
        id: `${String(op["host"])}-${epoch}`,
        epoch,
        running: false,
        started: false,
        startedAt: "before",
        always: false,
        atBarrier: false,
        inboundBlock: false,
      });
      return true;
    }
    case "copy": {
      const [from, to] = [host(op["from"]), host(op["to"])];
      if (!answers(from) || !answers(to)) return false;
      to.volume = { ...from.volume! };
      return true;
    }
    case "cutover":
      if (!answers(host(op["target"]))) return false;
      world.script = {
        source: op["source"] as string,
        target: op["target"] as string,
        move: op["move"] as string,
        ops: op["ops"] as CutoverOp[],
        opened: false,
        committed: false,
        orphaned: false,
      };
      return true;
    case "wait":
      return true;
    case "saved":
      world.believed = { host: op["host"] as string, epoch: op["epoch"] as number };
      return false;
    default:
      throw new Error(op.kind);
  }
}

function ofMachine({ hosts }: World, op: Op): boolean {
  const host = hosts[op.host]!;
  if (!answers(host)) return false;
  const container =
    "containerId" in op ? host.containers.find(({ id }) => id === op.containerId) : undefined;
  switch (op.op) {
    case "journal":
      // The run looks again when somebody has committed meanwhile.
      if (
        op.unlessCommitted &&
        host.journal?.role === "source" &&
        host.journal.step === "committed"
      )
        return false;
      host.journal = op.entry;
      return true;
    case "forget":
      delete host.journal;
      return true;
    case "restart policy":
      if (container) container.always = op.policy !== "off";
      return true;
    case "stop":
      if (container)
        Object.assign(container, { running: false, atBarrier: false, inboundBlock: false });
      return true;
    case "start":
      if (container && !container.running) startOpen(container);
      return container !== undefined;
    case "remove container":
      host.containers = host.containers.filter((each) => each !== container);
      return true;
    case "remove volumes":
      delete host.volume;
      return true;
    case "set aside":
      if (host.volume) host.quarantined.push(host.volume);
      delete host.volume;
      return true;
  }
}

/** One step of the cutover, which goes on without the run that began it. */
export function stepScript(world: World): void {
  const script = world.script!;
  const [op] = script.ops;
  if (op === undefined) {
    delete world.script;
    return;
  }
  script.ops = script.ops.slice(1);
  const [source, target] = [world.hosts[script.source]!, world.hosts[script.target]!];
  const ok = stepCutover(op, script, source, target);
  if (ok) return;
  // From commit on there is only forward, and the next run goes on.
  if (script.orphaned || script.committed || op.does.startsWith("back: ")) delete world.script;
  else script.ops = back(op.only !== undefined && source.up);
}

/**
 * The target's side is ended first; `revoked`: the source's journal has another word by now, so it
 * is left alone.
 */
function back(revoked: boolean): CutoverOp[] {
  const ofTarget: CutoverOp[] = [
    { at: "target", does: "back: reject" },
    { at: "target", does: "back: kill" },
  ];
  return revoked ? ofTarget : [...ofTarget, ...backAtSource()];
}

export function backAtSource(): CutoverOp[] {
  return [
    { at: "source", does: "back: home" },
    { at: "source", does: "back: start" },
    { at: "source", does: "back: policy" },
  ];
}

function stepCutover(op: CutoverOp, script: Script, source: ModelHost, target: ModelHost): boolean {
  const host = op.at === "source" ? source : target;
  if (!host.up) return false;
  const entry = host.journal;
  const mine = host.containers.at(-1);
  switch (op.does) {
    case "journal":
      if (op.only !== undefined && textOf(entry) !== textOf(op.only)) return false;
      host.journal = op.text!;
      if (op.text?.role === "source" && op.text.step === "committed") script.committed = true;
      return true;
    case "policy off":
      if (mine) mine.always = false;
      return true;
    case "stop":
      if (mine) mine.running = false;
      return true;
    case "start at barrier":
      Object.assign(mine!, { running: true, started: true, atBarrier: true, inboundBlock: true });
      return true;
    case "copy":
      if (!source.up) return false;
      target.volume = { ...source.volume! };
      return true;
    case "open barrier":
      // Its connection to the source's side must still be there.
      if (!mine?.running || !source.up) return false;
      mine.atBarrier = false;
      script.opened = true;
      return true;
    case "start":
      startOpen(mine!);
      script.opened = true;
      return true;
    case "ready":
      return mine?.running === true;
    case "open inbound":
      if (mine) mine.inboundBlock = false;
      return true;
    case "unhealthy":
      return false;
    case "back: reject":
      if (entry?.role === "target") host.journal = { ...entry, step: "rejected" };
      return true;
    case "back: kill":
      if (mine) Object.assign(mine, { running: false, atBarrier: false, inboundBlock: false });
      return true;
    case "back: home":
      if (entry?.role !== "source" || entry.move !== script.move || entry.step === "committed")
        return false;
      host.journal = backEntry(entry);
      return true;
    case "back: start":
      if (mine && !mine.running) startOpen(mine);
      return true;
    case "back: policy":
      if (mine) mine.always = true;
      return true;
    default:
      throw new Error(op.does);
  }
}

function textOf(entry: JournalEntry | "none" | undefined): string {
  return entry === undefined || entry === "none" ? "" : formatEntry(entry);
}

import { backAtSource, FERRY, stepRun, stepScript, type Protocol } from "./protocol";
import {
  accidents,
  answers,
  copyOf,
  mayServeByHand,
  open,
  violation,
  write,
  type World,
} from "./world";

export interface Bounds {
  readonly hosts: readonly string[];
  /** Crashes, power cuts, broken links, restarted daemons. */
  readonly faults: number;
  /** Runs that may be interrupted, before the last one that is left alone. */
  readonly runs: number;
}

export interface Explored {
  readonly states: number;
  /** The first thing seen that must never be, and how it came to it. */
  readonly wrong?: { readonly what: string; readonly path: readonly string[] };
}

/** Every state that a world can come to, each with the end that an undisturbed run makes of it. */
export function explore(bounds: Bounds, protocol: Protocol = FERRY): Explored {
  const first = beginning(bounds);
  const seen = new Map<string, { from?: string; by: string }>();
  const begin = JSON.stringify(first);
  seen.set(begin, { by: "the beginning" });
  const ends = new Map<string, string | undefined>();
  const queue: [string, World][] = [[begin, first]];
  const wrong = (key: string, what: string): Explored => {
    const path: string[] = [];
    for (let at: string | undefined = key; at !== undefined;) {
      const step: { from?: string; by: string } = seen.get(at)!;
      path.unshift(step.by);
      at = step.from;
    }
    return { states: seen.size, wrong: { what, path } };
  };
  for (let head = queue.pop(); head !== undefined; head = queue.pop()) {
    const [key, world] = head;
    const bad = violation(world);
    if (bad !== undefined) return wrong(key, bad);
    const ended = badEnd(world, bounds, protocol, ends);
    if (ended !== undefined) return wrong(key, ended);
    for (const [by, after] of successors(world, bounds, protocol)) {
      const next = JSON.stringify(after);
      if (seen.has(next)) continue;
      seen.set(next, { from: key, by });
      queue.push([next, after]);
    }
  }
  return { states: seen.size };
}

function beginning({ hosts, faults, runs }: Bounds): World {
  const [home = ""] = hosts;
  return {
    hosts: Object.fromEntries(
      hosts.map((name) => [
        name,
        name === home
          ? {
              up: true,
              reached: true,
              containers: [
                {
                  id: `${name}-1`,
                  epoch: 1,
                  running: true,
                  started: true,
                  startedAt: "before",
                  always: true,
                  atBarrier: false,
                  inboundBlock: false,
                },
              ],
              volume: { has: false },
              quarantined: [],
            }
          : { up: true, reached: true, containers: [], quarantined: [] },
      ]),
    ),
    acknowledged: false,
    believed: { host: home, epoch: 1 },
    faults,
    runs,
  };
}

function successors(world: World, { hosts }: Bounds, protocol: Protocol): [string, World][] {
  const found: [string, World][] = [];
  const add = (by: string, change: (world: World) => void) => {
    const after = copyOf(world);
    change(after);
    found.push([by, after]);
  };
  const fault = (by: string, change: (world: World) => void) => {
    if (world.faults > 0) {
      add(by, (after) => {
        after.faults -= 1;
        change(after);
      });
    }
  };
  const { run, script } = world;
  if (run === undefined && world.runs > 0 && !waits(world)) {
    for (const wanted of hosts) {
      add(`run: ${wanted}`, (after) => {
        after.runs -= 1;
        after.run = { wanted, ops: [] };
      });
    }
  }
  if (run !== undefined) {
    if (!(run.ops.length === 0 && waits(world))) {
      add(`run: ${describe(run.ops[0])}`, (after) => stepRun(after, protocol));
    }
    fault("the run is killed", (after) => delete after.run);
  }
  if (script !== undefined) {
    add(`cutover: ${script.ops[0]?.at ?? ""} ${script.ops[0]?.does ?? "end"}`, stepScript);
    if (!script.orphaned) fault("the cutover is killed", orphan);
    if (script.ops[0]?.does === "ready") {
      fault("it is not healthy", (after) => {
        after.script!.ops = [{ at: "target", does: "unhealthy" }];
      });
    }
  }
  for (const name of hosts) {
    const { up, reached } = world.hosts[name]!;
    if (up) {
      fault(`${name}: power cut`, (after) => {
        accidents.powerLoss(after.hosts[name]!);
        if (after.script?.target === name) orphan(after);
        else if (after.script?.orphaned && after.script.source === name) delete after.script;
      });
      fault(`${name}: daemon restarts`, (after) => accidents.daemonRestart(after.hosts[name]!));
      if (reached) {
        fault(`${name}: out of reach`, (after) => {
          Object.assign(after.hosts[name]!, { reached: false, wasOutOfReach: true });
        });
      }
      // It needs accidents before it, and can come but once, so it is none of those that are
      // counted.
      if (mayServeByHand(world, name)) {
        add(`${name}: serves by hand`, (after) => accidents.servesByHand(after, name));
      }
    } else {
      add(`${name}: power back`, (after) => accidents.powerBack(after.hosts[name]!));
    }
    if (!reached) add(`${name}: in reach again`, (after) => (after.hosts[name]!.reached = true));
  }
  const written = copyOf(world);
  if (write(written)) found.push(["a write is acknowledged", written]);
  return found;
}

/** A run waits for a cutover that it can see. */
function waits({ script, hosts }: World): boolean {
  return script !== undefined && answers(hosts[script.target]!);
}

/**
 * Without the target's part, the source's puts its own container back, unless the start barrier had
 * been opened.
 */
function orphan(world: World): void {
  const script = world.script!;
  if (script.opened || !world.hosts[script.source]!.up) {
    delete world.script;
    return;
  }
  script.orphaned = true;
  script.ops = backAtSource();
}

function describe(op: { kind: string; op?: unknown } | undefined): string {
  if (op === undefined) return "look";
  return op.op === undefined ? op.kind : JSON.stringify(op.op);
}

/**
 * With every host back, whatever still runs comes to its end; then one more run for each host that
 * may be wanted.
 */
function badEnd(
  world: World,
  { hosts }: Bounds,
  protocol: Protocol,
  known: Map<string, string | undefined>,
): string | undefined {
  const calm = copyOf(world);
  delete calm.run;
  Object.assign(calm, { faults: 0, runs: 0 });
  for (const host of Object.values(calm.hosts)) {
    host.reached = true;
    if (!host.up) accidents.powerBack(host);
  }
  const key = JSON.stringify(calm);
  if (known.has(key)) return known.get(key);
  const bad = hosts
    .map((wanted) => endsWrong(copyOf(calm), wanted, protocol))
    .find((each) => each !== undefined);
  known.set(key, bad);
  return bad;
}

const MOST_STEPS = 200;

function endsWrong(world: World, wanted: string, protocol: Protocol): string | undefined {
  const reported = (what: string) => `a last run that wants ${wanted} ends wrong: ${what}`;
  for (let step = 0; world.script !== undefined; step++) {
    stepScript(world);
    const bad = violation(world);
    if (bad !== undefined) return reported(bad);
    if (step > MOST_STEPS) return reported("the cutover has no end");
  }
  world.run = { wanted, ops: [] };
  const busy = () => world.run !== undefined;
  const cuttingOver = () => world.script !== undefined;
  for (let step = 0; busy(); step++) {
    while (cuttingOver()) stepScript(world);
    stepRun(world, protocol);
    const bad = violation(world);
    if (bad !== undefined) return reported(bad);
    if (step > MOST_STEPS) return reported("it has no end");
  }
  const running = Object.entries(world.hosts).filter(([, { containers }]) => containers.some(open));
  if (running.length !== 1 || running[0]?.[0] !== wanted) {
    return reported(
      `running on ${running.map(([name]) => name).join(", ") || "no host"}: ${JSON.stringify(world)}`,
    );
  }
  const [, home] = running[0];
  if (home.containers.length !== 1 || home.containers[0]?.always !== true)
    return reported(`its container is not as wanted: ${JSON.stringify(world)}`);
  if (world.acknowledged && !home.volume?.has) return reported("an acknowledged write is lost");
  const others = Object.entries(world.hosts).filter(([name]) => name !== wanted);
  const left = others.find(
    ([, { containers, journal, quarantined }]) =>
      containers.length > 0 ||
      quarantined.length > 0 ||
      (journal !== undefined && journal.role !== "retired"),
  );
  return left === undefined
    ? undefined
    : reported(`left on ${left[0]}: ${JSON.stringify(left[1])}`);
}

import fc from "fast-check";
import {
  enclosing,
  formatAddress,
  formatCidr,
  parseCidr,
} from "../../../provider/core/addresses/ipv4";
import type { DeploymentRequest } from "../../../provider/core/addresses/model";
import { deployment, NOTHING, plan, type Kept, type Settings } from "./helpers";
import { checkQuarantine, checkSound, checkSticky, checkWaste, needOf } from "./life-checks";

/** What the program says of one deployment. */
interface Wanted {
  services: Record<string, number>;
  ips: Record<string, string>;
  subnet?: string;
}

/** What the user has in mind: the program. */
interface Program {
  wanted: Record<string, Wanted>;
  exclude: string[];
}

/** What Ferry has made of it. */
interface Life {
  kept: Kept;
  /**
   * The most addresses that a deployment has needed at one time, by name; absent once its size is
   * the user's.
   */
  most: Map<string, number>;
  refused: number;
  updates: number;
}

const POOL = "10.40.0.0/22";
const NAMES = ["apples", "figs", "pears", "plums"];
const SERVICES = ["db", "web", "worker"];

function requestsOf(program: Program): DeploymentRequest[] {
  return Object.entries(program.wanted).map(([name, { services, ips, subnet }]) =>
    deployment(name, services, { ips, ...(subnet !== undefined && { subnet }) }),
  );
}

/** Runs an update; when it is refused, the program goes back to what it was. */
function run(program: Program, life: Life, shuffle: number): void {
  const settings: Settings = { pool: POOL, exclude: program.exclude };
  const requests = requestsOf(program);
  const result = plan(settings, life.kept, requests);
  const permuted = permute(requests, shuffle).map((request) => ({
    ...request,
    replicas: permute(request.replicas, shuffle),
  }));
  const again = plan(
    { ...settings, exclude: permute(program.exclude, shuffle) },
    life.kept,
    permuted,
  );
  expect(JSON.stringify(again)).toBe(JSON.stringify(result));
  if (result.problems.length > 0) {
    for (const { reason } of result.problems) expect(reason).toMatch(/^[^\n]+\.$/);
    life.refused++;
    throw new Refused();
  }
  const second = plan(settings, result.kept, requests);
  expect(JSON.stringify(second)).toBe(JSON.stringify(result));
  checkSound(settings, requests, result.kept);
  checkSticky(requests, life.kept, result.kept);
  checkQuarantine(requests, life.kept, result.kept);
  noteNeeds(program, life, result.kept);
  checkWaste(result.kept, life.most);
  life.kept = result.kept;
  life.updates++;
}

function noteNeeds(program: Program, life: Life, kept: Kept): void {
  for (const name of NAMES) {
    const it = program.wanted[name];
    const isNew = life.kept.deployments[name] === undefined;
    const before = isNew ? 1 : life.most.get(name);
    const byUser = it?.subnet !== undefined || (isNew && Object.keys(it?.ips ?? {}).length > 0);
    if (!it || byUser || before === undefined) life.most.delete(name);
    else life.most.set(name, Math.max(before, needOf(life.kept, kept, name)));
  }
}

class Refused extends Error {}

function permute<T>(items: readonly T[], seed: number): T[] {
  return items
    .map((item, i) => ({ item, rank: ((i * 7919 + seed) % 104729) % (items.length + 3) }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ item }) => item);
}

function drop(record: Record<string, unknown>, key: string): void {
  Reflect.deleteProperty(record, key);
}

/** A change of the program and the update after it. */
class Change implements fc.Command<Program, Life> {
  constructor(
    private readonly what: string,
    private readonly shuffle: number,
    private readonly edit: (program: Program, kept: Kept) => void,
  ) {}
  check = () => true;
  run(program: Program, life: Life): void {
    const before = structuredClone(program);
    this.edit(program, life.kept);
    try {
      run(program, life, this.shuffle);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      Object.assign(program, before);
    }
  }
  toString = () => this.what;
}

const name = fc.constantFrom(...NAMES);
const service = fc.constantFrom(...SERVICES);
const shuffle = fc.nat(10_000);
const count = fc.oneof(fc.nat(6), fc.nat(30), fc.nat(90));

const scale = fc.tuple(name, service, count, shuffle).map(
  ([n, s, c, seed]) =>
    new Change(`scale ${n}/${s} to ${c}`, seed, ({ wanted }) => {
      (wanted[n] ??= { services: {}, ips: {} }).services[s] = c;
    }),
);
const remove = fc
  .tuple(name, shuffle)
  .map(([n, seed]) => new Change(`remove ${n}`, seed, ({ wanted }) => drop(wanted, n)));
const rename = fc.tuple(name, service, service, shuffle).map(
  ([n, from, to, seed]) =>
    new Change(`rename ${n}/${from} to ${to}`, seed, ({ wanted }) => {
      const services = wanted[n]?.services;
      if (!services || services[from] === undefined || services[to] !== undefined) return;
      services[to] = services[from];
      drop(services, from);
    }),
);
const replace = fc.tuple(name, name, shuffle).map(
  ([n, other, seed]) =>
    new Change(`replace ${n} by ${other}`, seed, ({ wanted }) => {
      const it = wanted[n];
      if (!it || wanted[other]) return;
      wanted[other] = { services: it.services, ips: {} };
      drop(wanted, n);
    }),
);
const fixIp = fc.tuple(name, service, fc.nat(3), fc.nat(70), shuffle).map(
  ([n, s, i, offset, seed]) =>
    new Change(`fix ${n}/${s}-${i} at +${offset}`, seed, ({ wanted }, kept) => {
      const base = parseCidr(kept.deployments[n]?.subnet ?? "10.40.2.0/27").base;
      const ips = (wanted[n] ??= { services: { [s]: i + 1 }, ips: {} }).ips;
      ips[`${s}-${i}`] = formatAddress(base + offset);
    }),
);
const unfixIps = fc.tuple(name, shuffle).map(
  ([n, seed]) =>
    new Change(`unfix ips of ${n}`, seed, ({ wanted }) => {
      if (wanted[n]) wanted[n].ips = {};
    }),
);
const fixSubnet = fc
  .tuple(name, fc.nat(1023), fc.integer({ min: 22, max: 31 }), fc.boolean(), shuffle)
  .map(
    ([n, offset, prefix, around, seed]) =>
      new Change(
        `fix subnet of ${n}: ${around ? "around" : `at +${offset}`} /${prefix}`,
        seed,
        (program, kept) => {
          const old = around ? kept.deployments[n]?.subnet : undefined;
          const base = old === undefined ? parseCidr(POOL).base + offset : parseCidr(old).base;
          const it = (program.wanted[n] ??= { services: {}, ips: {} });
          it.subnet = formatCidr(enclosing(base, prefix));
        },
      ),
  );
const unfixSubnet = fc.tuple(name, shuffle).map(
  ([n, seed]) =>
    new Change(`unfix subnet of ${n}`, seed, ({ wanted }) => {
      delete wanted[n]?.subnet;
    }),
);
const exclude = fc.tuple(fc.nat(1023), fc.integer({ min: 24, max: 32 }), shuffle).map(
  ([offset, prefix, seed]) =>
    new Change(`exclude +${offset}/${prefix}`, seed, (program) => {
      program.exclude.push(formatCidr(enclosing(parseCidr(POOL).base + offset, prefix)));
    }),
);
const include = fc
  .tuple(fc.nat(3), shuffle)
  .map(([i, seed]) => new Change(`include ${i}`, seed, (program) => program.exclude.splice(i, 1)));

test("a pool's life: no address has two owners, nobody is moved, nothing is wasted", () => {
  let refused = 0;
  let updates = 0;
  const changes = [
    scale,
    scale,
    scale,
    remove,
    rename,
    replace,
    fixIp,
    unfixIps,
    fixSubnet,
    unfixSubnet,
    exclude,
    include,
  ];
  fc.assert(
    fc.property(fc.commands(changes, { maxCommands: 40, size: "max" }), (commands) => {
      const life: Life = { kept: NOTHING, most: new Map(), refused: 0, updates: 0 };
      fc.modelRun(() => ({ model: { wanted: {}, exclude: [] }, real: life }), commands);
      refused += life.refused;
      updates += life.updates;
    }),
    { numRuns: 60 },
  );
  // Both kinds must have been seen, or the properties say nothing.
  expect(updates).toBeGreaterThan(200);
  expect(refused).toBeGreaterThan(20);
});

test("many deployments at once: the order of the requests is no matter", () => {
  const many = fc.uniqueArray(fc.tuple(fc.string({ minLength: 1, maxLength: 3 }), fc.nat(50)), {
    selector: ([n]) => n,
    maxLength: 20,
  });
  fc.assert(
    fc.property(many, shuffle, fc.constantFrom(22, 24, 26), (counts, seed, prefix) => {
      const requests = counts.map(([n, web]) => deployment(n, { web, db: 1 }));
      const settings = { pool: `10.40.0.0/${prefix}` };
      const straight = plan(settings, NOTHING, requests);
      expect(plan(settings, NOTHING, permute(requests, seed))).toEqual(straight);
      if (straight.problems.length === 0) checkSound(settings, requests, straight.kept);
    }),
  );
});

test("in a pool that is not crowded, every deployment can grow to a thousand replicas where it is", () => {
  const step = fc.record({
    name: fc.constantFrom(...NAMES, "kiwis", "limes"),
    replicas: fc.nat(1000),
  });
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), (steps) => {
      let kept = NOTHING;
      const counts: Record<string, number> = {};
      for (const { name: n, replicas } of steps) {
        counts[n] = Math.max(counts[n] ?? 0, replicas);
        const requests = Object.entries(counts).map(([one, web]) => deployment(one, { web }));
        const result = plan({ pool: "10.40.0.0/13" }, kept, requests);
        expect(result.problems).toEqual([]);
        checkSticky(requests, kept, result.kept);
        kept = result.kept;
      }
    }),
    { numRuns: 25 },
  );
});

test("1,000 deployments with 10,000 replicas are planned without a quadratic walk", () => {
  const requests = Array.from({ length: 1000 }, (_, i) => deployment(`app${i}`, { web: 10 }));
  const settings = { pool: "10.40.0.0/13" };
  const start = performance.now();
  const first = plan(settings, NOTHING, requests);
  const second = plan(settings, first.kept, requests);
  const elapsed = performance.now() - start;
  expect(second).toEqual(first);
  // Two plans; a hundred times what they take, so that a busy machine is no failure and a quadratic
  // walk is.
  expect(elapsed).toBeLessThan(20_000);
});

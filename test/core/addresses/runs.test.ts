import fc from "fast-check";
import { deployment, NOTHING, plan, update } from "./helpers";
import { World, type Run } from "./run-model";

const NAMES = ["apples", "figs", "pears", "plums", "limes"];
const SERVICES = ["db", "web"];

type Program = Record<string, Record<string, number>>;

const name = fc.constantFrom(...NAMES);
const service = fc.constantFrom(...SERVICES);
const count = fc.oneof(fc.nat(3), fc.nat(8), fc.nat(30));

/** One edit of the program: scaled, removed, renamed, or left as it is. */
const edit: fc.Arbitrary<(program: Program) => void> = fc.oneof(
  fc.tuple(name, service, count).map(([n, s, c]) => (program: Program) => {
    program[n] = { ...program[n], [s]: c };
  }),
  name.map((n) => (program: Program) => void Reflect.deleteProperty(program, n)),
  fc.tuple(name, name).map(([n, to]) => (program: Program) => {
    const it = program[n];
    if (it === undefined || program[to] !== undefined) return;
    program[to] = it;
    Reflect.deleteProperty(program, n);
  }),
  fc.constant(() => undefined),
);

const ending: fc.Arbitrary<Run> = fc.record(
  {
    unheard: fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, fc.subarray(NAMES)),
    reached: fc.oneof(fc.constant(Infinity), fc.nat(12)),
    stuck: fc.oneof(
      { weight: 3, arbitrary: fc.constant([]) },
      fc.subarray(NAMES.flatMap((n) => SERVICES.map((s) => `${n}/${s}-0`))),
    ),
  },
  { requiredKeys: ["unheard", "stuck"] },
);

test.each(["10.40.0.0/26", "10.40.0.0/25", "10.40.0.0/20"])(
  "runs that end well, fail, are interrupted or leave out what comes late, in %s: nobody loses an address to another",
  (pool) => {
    const total: Record<string, number> = {};
    fc.assert(
      fc.property(fc.array(fc.tuple(edit, ending), { minLength: 20, maxLength: 60 }), (runs) => {
        const world = new World(pool);
        const program: Program = {};
        for (const [change, run] of runs) {
          change(program);
          world.run(
            Object.entries(program).map(([n, services]) => deployment(n, services)),
            run,
          );
        }
        for (const [what, times] of Object.entries(world.seen))
          total[what] = (total[what] ?? 0) + times;
      }),
      { numRuns: 150 },
    );
    // Each must have been seen, or the property says little.
    const crowded = pool === "10.40.0.0/20" ? [] : ["refused", "handedOn", "stillInUse"];
    const rare = ["whole", "failed", "back", ...crowded].filter((what) => (total[what] ?? 0) < 10);
    expect(rare).toEqual([]);
  },
);

test("a program that failed before its deployments were declared takes nothing from them", () => {
  const program = [deployment("apples", { redis: 1, web: 3 })];
  const settings = { pool: "10.40.0.0/13" };
  const first = update(settings, NOTHING, program);
  const failed = update(settings, first, []);
  expect(failed.deployments).toEqual({ apples: { ...first.deployments.apples, missing: 1 } });
  const again = update(settings, update(settings, failed, []), program);
  expect(again).toEqual(first);
});

test("one of two replicas that were declared by hand, too late, comes back to its address", () => {
  const settings = { pool: "10.40.0.0/13" };
  const whole = [deployment("apples", { web: 2, db: 1 })];
  const first = update(settings, NOTHING, whole);
  const partial = update(settings, first, [deployment("apples", { web: 1 })]);
  const other = update(settings, partial, [deployment("apples", { web: 1, cache: 2 })]);
  expect(other.deployments.apples?.released).toMatchObject({
    "10.40.0.2": { by: "db-0" },
    "10.40.0.4": { by: "web-1" },
  });
  const back = update(settings, other, whole);
  expect(back.deployments.apples?.leases).toEqual(first.deployments.apples?.leases);
});

test("a deployment whose subnet the release before this one had taken back gets it again", () => {
  const settings = { pool: "10.40.0.0/13" };
  const kept = { deployments: {}, released: { "10.40.4.0/27": { by: "apples", generation: 3 } } };
  const back = update(settings, kept, [
    deployment("apples", { web: 1 }),
    deployment("pears", { web: 1 }),
  ]);
  expect(back.deployments.apples?.subnet).toBe("10.40.4.0/27");
  expect(back.released).toBeUndefined();
});

test("growing makes way for one who may come back, as long as there is another way", () => {
  const settings = { pool: "10.40.0.0/24" };
  const both = update(settings, NOTHING, [
    deployment("a", { web: 1 }, { subnet: "10.40.0.0/27" }),
    deployment("b", { web: 1 }, { subnet: "10.40.0.64/27" }),
  ]);
  const left = update(settings, both, [deployment("a", { web: 1 })]);
  const grown = update(settings, left, [deployment("a", { web: 50 })]);
  expect(grown.deployments.a?.subnet).toBe("10.40.0.0/26");
  expect(grown.deployments.b).toMatchObject({ subnet: "10.40.0.64/27", missing: 1 });
  const wide = update(settings, grown, [deployment("a", { web: 100 })]);
  expect(wide.deployments).toMatchObject({ a: { subnet: "10.40.0.0/24" } });
  expect(wide.deployments.b).toBeUndefined();
});

test("what is remembered stays small where deployments come and go all the time", () => {
  const settings = { pool: "10.40.0.0/13" };
  let kept = NOTHING;
  for (let i = 0; i < 400; i++) {
    const { kept: next, problems } = plan(settings, kept, [
      deployment("stays", { [`web${i}`]: 3 }),
      deployment(`preview-${i}`, { web: 1 }),
    ]);
    expect(problems).toEqual([]);
    kept = next;
  }
  expect(Object.keys(kept.deployments).length).toBeLessThan(128 + 4);
  expect(Object.keys(kept.deployments.stays?.released ?? {}).length).toBeLessThan(128 + 10);
  expect(kept.deployments["preview-395"]).toMatchObject({ subnet: expect.any(String) });
});

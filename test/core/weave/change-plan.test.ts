import * as fc from "fast-check";
import {
  planChange,
  type ChangeOptions,
  type Shape,
  type Step,
  type Wave,
} from "../../../provider/core/weave/change-plan";
import { rolesOf, topologyProblems, type Topology } from "../../../provider/core/weave/topology";

const address = (host: string) => `10.0.0.${host.slice(4)}`;
const shapeOf = (topology: Topology, names: readonly string[]): Shape | undefined => {
  const hosts = names.map((host) => ({ host, address: address(host) }));
  if (topologyProblems(topology, hosts, "net").length > 0) return undefined;
  const roles = rolesOf(topology, hosts, "net");
  return Object.fromEntries(
    names.map((host) => [host, { ...roles[host]!, address: address(host) }]),
  );
};
const uniform = (...names: string[]) => shapeOf({ kind: "uniform" }, names)!;
const told = (waves: readonly Wave[]) =>
  waves.map((wave) =>
    wave
      .map((step) =>
        [step.do, step.host, "gone" in step ? step.gone : [], "targets" in step ? step.targets : []]
          .flat()
          .join(" "),
      )
      .join(" | "),
  );

test("growth: those that are there are told first, and one comes after the other", () => {
  const plan = planChange(uniform("node1"), uniform("node1", "node2", "node3"), {
    oneAtATime: true,
  });
  expect(told(plan)).toEqual([
    "connect node1 10.0.0.2 10.0.0.3",
    "launch node2 10.0.0.1 10.0.0.3",
    "await node2",
    "launch node3 10.0.0.1 10.0.0.2",
    "await node3",
  ]);
});

test("a first formation waits for nobody", () => {
  expect(told(planChange({}, uniform("node1", "node2"), { oneAtATime: true }))).toEqual([
    "launch node1 10.0.0.2 | launch node2 10.0.0.1",
    "await node1 | await node2",
  ]);
});

test("shrinking: the share goes back before anybody forgets; one that is lost is taken over from, once", () => {
  const plan = planChange(uniform("node1", "node2", "node3", "node4"), uniform("node1", "node4"), {
    oneAtATime: true,
    lost: new Set(["node3"]),
  });
  expect(told(plan)).toEqual([
    "reset node2",
    "rmpeer node1 node3",
    "forget node1 10.0.0.2 10.0.0.3 | forget node4 10.0.0.2 10.0.0.3",
  ]);
});

test("nothing changed: nothing to do", () => {
  expect(
    planChange(uniform("node1", "node2"), uniform("node2", "node1"), { oneAtATime: true }),
  ).toEqual([]);
});

/** What the hosts are like while a plan is carried out. */
class Model {
  readonly running = new Map<string, Set<string>>();

  constructor(shape: Shape, lost: ReadonlySet<string>) {
    for (const [host, { targets }] of Object.entries(shape)) {
      if (!lost.has(host)) this.running.set(host, new Set(targets));
    }
  }

  take(step: Step): void {
    if (step.do === "launch") this.running.set(step.host, new Set(step.targets));
    if (step.do === "reset") this.running.delete(step.host);
    const targets = this.running.get(step.host);
    if (step.do === "connect") for (const target of step.targets) targets!.add(target);
    if (step.do === "forget") for (const target of step.targets) targets!.delete(target);
  }

  get isWhole(): boolean {
    const hosts = [...this.running.keys()];
    const byAddress = new Map(hosts.map((host) => [address(host), host]));
    const ways = new Map(hosts.map((host) => [host, new Set<string>()]));
    for (const [host, targets] of this.running) {
      for (const target of targets) {
        const other = byAddress.get(target);
        if (other === undefined) continue;
        ways.get(host)!.add(other);
        ways.get(other)!.add(host);
      }
    }
    const reached = new Set(hosts.slice(0, 1));
    for (const at of reached) for (const next of ways.get(at)!) reached.add(next);
    return reached.size === hosts.length;
  }
}

const ALL = Array.from({ length: 8 }, (_, i) => `node${i + 1}`);
const some = fc.subarray(ALL, { minLength: 1 });
const topologyOver = (names: readonly string[]): fc.Arbitrary<Topology> =>
  fc.oneof(
    fc.constant({ kind: "uniform" as const }),
    fc.subarray([...names], { minLength: 1 }).map((core) => ({ kind: "fixed" as const, core })),
    fc
      .array(fc.subarray([...names]), { minLength: names.length, maxLength: names.length })
      .map((lists) => ({
        kind: "manual" as const,
        targets: Object.fromEntries(
          names.map((name, i) => [name, lists[i]!.filter((other) => other !== name)]),
        ),
      })),
  );
const shape = some.chain((names) =>
  topologyOver(names).map((topology) => shapeOf(topology, names)),
);
const change = fc
  .tuple(shape, shape, fc.subarray(ALL), fc.boolean())
  .filter(([before, after]) => before !== undefined && after !== undefined)
  .map(([before, after, away, oneAtATime]) => {
    const lost = new Set(away.filter((host) => host in before! && !(host in after!)));
    return { before: before!, after: after!, options: { oneAtATime, lost } };
  })
  // Those that are left must have had a way to one another, or there is nothing to keep.
  .filter(({ before, options }) => new Model(before, options.lost).isWhole);

const carryOut = (
  { before, after, options }: { before: Shape; after: Shape; options: ChangeOptions },
  plan: readonly Wave[],
  look: (model: Model) => void,
) => {
  const model = new Model(before, options.lost ?? new Set());
  for (const wave of plan) {
    for (const step of wave) model.take(step);
    look(model);
  }
  return { model, after };
};

test("no peer is ever without a way to the others, and in the end all is as wanted", () => {
  fc.assert(
    fc.property(change, (of) => {
      const hasOverlap = Object.keys(of.after).some((host) => host in of.before);
      const plan = planChange(of.before, of.after, of.options);
      const { model } = carryOut(of, plan, (now) => {
        // A network that is replaced as a whole has nobody in both.
        if (hasOverlap && !of.options.oneAtATime) expect(now.isWhole).toBe(true);
      });
      expect([...model.running.keys()].sort()).toEqual(Object.keys(of.after).sort());
      for (const [host, targets] of model.running) {
        expect([...targets].sort()).toEqual([...of.after[host]!.targets].sort());
      }
      const left = Object.keys(of.before)
        .filter((host) => !(host in of.after))
        .map(address);
      for (const targets of model.running.values()) {
        for (const target of left) expect(targets.has(target)).toBe(false);
      }
    }),
    { numRuns: 500 },
  );
});

test("a uniform cluster is whole after each single step, with one peer coming at a time", () => {
  const sets = fc.tuple(some, some).filter(([a, b]) => a.some((host) => b.includes(host)));
  fc.assert(
    fc.property(sets, ([from, to]) => {
      const of = { before: uniform(...from), after: uniform(...to), options: { oneAtATime: true } };
      const plan = planChange(of.before, of.after, of.options);
      const singly = plan.flatMap((wave) => wave.map((step): Wave => [step]));
      carryOut(of, singly, (now) => expect(now.isWhole).toBe(true));
      for (const wave of plan) {
        expect(wave.filter((step) => step.do === "launch").length).toBeLessThanOrEqual(1);
      }
    }),
  );
});

test("what is taken over is taken over once, by one that stays; only those that leave are reset", () => {
  fc.assert(
    fc.property(change, ({ before, after, options }) => {
      const steps = planChange(before, after, options).flat();
      const taken = steps.flatMap((step) => (step.do === "rmpeer" ? [step] : []));
      expect(taken.map(({ gone }) => gone).sort()).toEqual([...options.lost].sort());
      for (const { host } of taken) expect(Object.keys(after)).toContain(host);
      expect(new Set(taken.map(({ host }) => host)).size).toBeLessThanOrEqual(1);
      const resets = steps.flatMap((step) => (step.do === "reset" ? [step.host] : []));
      expect(resets.every((host) => !(host in after) && !options.lost.has(host))).toBe(true);
    }),
  );
});

test("a plan that was cut off after any wave goes on from there", () => {
  fc.assert(
    fc.property(change, fc.nat(10), (of, at) => {
      fc.pre(of.options.lost.size === 0);
      const plan = planChange(of.before, of.after, of.options);
      const { model } = carryOut(of, plan.slice(0, at), () => undefined);
      const now: Shape = Object.fromEntries(
        [...model.running].map(([host, targets]) => {
          const role = (of.after[host] ?? of.before[host])!;
          return [host, { ...role, targets: [...targets].sort() }];
        }),
      );
      const rest = planChange(now, of.after, of.options);
      const end = carryOut({ ...of, before: now }, rest, () => undefined).model;
      expect([...end.running.keys()].sort()).toEqual(Object.keys(of.after).sort());
      for (const [host, targets] of end.running) {
        expect([...targets].sort()).toEqual([...of.after[host]!.targets].sort());
      }
    }),
  );
});

import * as fc from "fast-check";
import {
  busyness,
  Chosen,
  leastBusy,
  readingInWords,
  smoothed,
  type Reading,
} from "../../../provider/core/placement/least-busy";
import { place, type Choice, type Member } from "../../../provider/core/placement/place";

const reading = (load: number, more: Partial<Reading> = {}): Reading => ({
  ...{ load, cpus: 2, memoryUsed: 0.5 },
  ...more,
});
const choice = (more: Partial<Choice> = {}): Choice => ({
  ...{ group: "web-0", standIn: "a", hosts: ["a", "b", "c"], needs: { cpus: 1, memory: 0 } },
  ...{ free: {}, apart: [] },
  ...more,
});

test("readings are smoothed, and the lowest sum of load, memory and pressure counts", () => {
  const mean = smoothed([reading(1), reading(3), reading(2)])!;
  expect(mean).toEqual(reading(2));
  expect(smoothed([])).toBeUndefined();
  expect(
    smoothed([reading(1, { pressure: 0.2 }), reading(1, { pressure: 0.4 })])?.pressure,
  ).toBeCloseTo(0.3);
  expect(busyness(reading(2, { pressure: 0.25 }))).toBeCloseTo(1.75);
  expect(readingInWords("a", reading(2, { pressure: 0.25 }))).toBe(
    "a 1.75 (load 2 on 2 CPUs, memory 50 %, pressure 25 %)",
  );
  const readings = new Map([
    ["a", reading(3)],
    ["b", reading(2)],
    ["c", reading(2.9)],
  ]);
  expect(leastBusy(choice(), readings)).toBe("b");
  expect(
    leastBusy(
      choice(),
      new Map([
        ["a", reading(2.1)],
        ["b", reading(2)],
      ]),
    ),
  ).toBe("a");
  expect(leastBusy(choice(), new Map())).toBeUndefined();
});

test("who was put somewhere in this run takes its room, and keeps others away that are apart", () => {
  const chosen = new Chosen();
  const free = { a: { cpus: 1 }, b: { cpus: 1.5 }, c: {} };
  expect(chosen.open(choice({ free }))).toEqual(["a", "b", "c"]);
  chosen.note(choice({ free }), "b");
  expect(chosen.of("web-0")).toBe("b");
  expect(chosen.coming("b")).toBe(1);
  const next = choice({ free, group: "web-1", standIn: "c" });
  expect(chosen.open(next)).toEqual(["a", "c"]);
  expect(chosen.open({ ...next, free: {}, apart: ["web-0"] })).toEqual(["a", "c"]);
});

test("whatever the load is, no capacity is exceeded and none is with whom it is to be apart from", () => {
  const hosts = ["a", "b", "c"].map((name) => ({ name, labels: {}, cpus: 4, memory: 1000 }));
  const wishArb = fc.record({
    cpus: fc.constantFrom(0.5, 1, 2, 3),
    memory: fc.integer({ min: 1, max: 400 }),
    apart: fc.constantFrom([], ["web"], ["db"]),
  });
  fc.assert(
    fc.property(
      fc.array(wishArb, { minLength: 2, maxLength: 2 }),
      fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 2, maxLength: 2 }),
      fc.infiniteStream(fc.nat()),
      (wishes, scales, loads) => {
        const members = ["web", "db"].flatMap((service, s) =>
          Array.from({ length: scales[s]! }, (_, index): Member => ({
            ...{ key: `${service}-${index}`, service, index, volumes: [] },
            wish: { ...wishes[s]!, strategy: "least-busy" },
          })),
        );
        const plan = place({ hosts, standing: [], members });
        const chosen = new Chosen();
        const at = members.flatMap((member) => {
          const open = plan.choices[member.key];
          if (open === undefined) return [];
          const readings = new Map(
            chosen.open(open).map((host) => [host, reading(loads.next().value % 10)]),
          );
          const host = leastBusy(open, readings)!;
          chosen.note(open, host);
          return [{ ...member, host }];
        });
        for (const { name, cpus, memory } of hosts) {
          const there = at.filter(({ host }) => host === name);
          const used = (of: "cpus" | "memory") =>
            there.reduce((total, { wish }) => total + (wish[of] ?? 0), 0);
          expect(used("cpus")).toBeLessThanOrEqual(cpus + 1e-6);
          expect(used("memory")).toBeLessThanOrEqual(memory);
          for (const one of there)
            for (const other of there)
              if (one !== other) expect(one.wish.apart).not.toContain(other.service);
        }
      },
    ),
    { numRuns: 500 },
  );
});

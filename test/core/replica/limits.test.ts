import fc from "fast-check";
import { changeInWords } from "../../../provider/core/replica/change-in-words";
import * as limits from "../../../provider/core/replica/limits";
import type { Limits } from "../../../provider/core/replica/limits";
import { specHash } from "../../../provider/core/replica/spec-hash";
import type { PlacedReplica, ReplicaInputs } from "../../../provider/core/replica/model";
import { checkReplica } from "../../../provider/core/replica/check";
import { redis } from "./replica-fixture";

const MIB = 1024 ** 2;

const placed = (spec: Partial<PlacedReplica["spec"]>, more: Partial<PlacedReplica> = {}) => {
  const connections = { node1: { host: "node1", hostKey: "ssh-ed25519 AAAA" } };
  const where = { host: "node1", suggestedHost: "node1", connections };
  const news = { ...redis, ...where, spec: { ...redis.spec, ...spec } } as ReplicaInputs;
  const { inputs } = checkReplica({}, news);
  return { ...inputs, ...more };
};
const words = (
  one: Partial<PlacedReplica["spec"]>,
  other: Partial<PlacedReplica["spec"]>,
  more: Partial<PlacedReplica> = {},
) => changeInWords(placed(one, more), placed(other, more));

const anyLimits = fc.record(
  {
    memoryBytes: fc.integer({ min: 6 * MIB, max: 8192 * MIB }),
    memorySwapBytes: fc.constantFrom(-1, 16384 * MIB),
    cpus: fc.double({ min: 0.01, max: 64, noNaN: true }),
    cpuShares: fc.integer({ min: 2, max: 262144 }),
    cpusetCpus: fc.constantFrom("0", "0-1"),
    pidsLimit: fc.integer({ min: 1, max: 1000 }),
  },
  { requiredKeys: [] },
) as fc.Arbitrary<Limits>;

test("a container that was changed in place has not drifted, whatever its kernel has left out", () => {
  const some = fc.subarray([...limits.LIMITS]);
  fc.assert(
    fc.property(anyLimits, some, (wanted, without) => {
      const set = limits.limitsOf(wanted);
      expect(limits.differ(set, wanted)).toBe(false);
      const kept = Object.entries(set).filter(([key]) => !without.includes(key as keyof Limits));
      const had = Object.fromEntries(kept);
      expect(limits.haveDrifted(had, wanted)).toBe(false);
      expect(limits.isStuckWith(had, wanted)).toBe(false);
    }),
  );
});

test("limits are set and changed in place, and none is taken away", () => {
  fc.assert(
    fc.property(anyLimits, anyLimits, (one, other) => {
      const gone = limits.LIMITS.some(
        (key) =>
          limits.limitsOf(one)[key] !== undefined && limits.limitsOf(other)[key] === undefined,
      );
      expect(limits.isInPlace(placed(one), placed(other))).toBe(!gone);
      expect(limits.isInPlace(placed(one), placed({ ...one, ...other }))).toBe(true);
    }),
  );
});

test("memory comes with as much swap as Docker would give it at first", () => {
  expect(limits.limitsOf({ memoryBytes: MIB })).toEqual({
    memoryBytes: MIB,
    memorySwapBytes: 2 * MIB,
  });
  expect(limits.limitsOf({ memoryBytes: MIB, memorySwapBytes: -1 }).memorySwapBytes).toBe(-1);
});

test("the preview names what is changed in place", () => {
  expect(words({ cpus: 1 }, { cpus: 2, memoryBytes: MIB, restart: { name: "always" } })).toBe(
    "apples/redis is changed in place on node1, without another start, for: spec.cpus, spec.memoryBytes, spec.restart",
  );
  expect(words({ cpus: 1 }, {})).toBe(
    "apples/redis gets another container on node1, with the same data, for: spec.cpus",
  );
  expect(words({ cpus: 1 }, { cpus: 2, user: "app" })).toContain("gets another container");
});

test("a job that is given more is run again", () => {
  expect(words({ cpus: 1 }, { cpus: 2 }, { job: true })).toContain("is run again");
});

test("an order that says nothing is nothing, and one that does is another container", () => {
  const ports = [80, 81].map((containerPort) => ({ containerPort, protocol: "tcp" as const }));
  const turned = [...ports].reverse();
  expect(words({ ports, capAdd: ["A", "B"] }, { ports: turned, capAdd: ["B", "A"] })).toBe(
    undefined,
  );
  expect(words({ dns: ["192.0.2.1", "192.0.2.2"] }, { dns: ["192.0.2.2", "192.0.2.1"] })).toContain(
    "gets another container",
  );
});

test("a label of before counts for as long as the container only changes in place", () => {
  const [first, second, third] = [placed({ cpus: 1 }), placed({ cpus: 2 }), placed({ cpus: 3 })];
  const label = limits.labelInPlace(first, second);
  expect(label).toBe(specHash(first));
  expect(limits.labelInPlace({ ...second, madeAs: label as string }, third)).toBe(label);
  expect(limits.labelInPlace(second, placed({ cpus: 2, user: "app" }))).toBe(undefined);
  expect(limits.labelInPlace(undefined, first)).toBe(undefined);
});

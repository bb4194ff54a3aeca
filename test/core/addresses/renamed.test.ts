import fc from "fast-check";
import { parseCidr } from "../../../provider/core/addresses/ipv4";
import type { PoolHistory, SubnetRequest } from "../../../provider/core/addresses/model";
import { planPool } from "../../../provider/core/addresses/plan";
import { readHistory, writeDeployments } from "../../../provider/core/addresses/state";

const settings = { pool: parseCidr("10.40.0.0/16"), exclude: [] };
const NONE: PoolHistory = { deployments: new Map(), released: [] };
const request = (deployment: string, replicas = 2, formerly: string[] = []): SubnetRequest => ({
  deployment,
  replicas: Array.from({ length: replicas }, (_, index) => ({ key: `web-${index}` })),
  ...(formerly.length > 0 && { formerly }),
});

/** What state keeps after a run of a program. */
function run(history: PoolHistory, ...requests: SubnetRequest[]) {
  const { deployments, released, problems } = planPool(settings, history, requests);
  expect(problems).toEqual([]);
  const state = writeDeployments(deployments);
  return { state, history: { ...readHistory(state), released } };
}

test("whoever is renamed has what it had, and nobody else changes", () => {
  const names = fc.uniqueArray(fc.constantFrom("a", "b", "c", "d", "e"), { minLength: 1 });
  fc.assert(
    fc.property(names, fc.nat(), fc.boolean(), (all, which, reversed) => {
      const name = all[which % all.length] ?? "";
      const before = run(NONE, ...all.map((each) => request(each)));
      const next = all.map((each) => (each === name ? request("new", 2, [name]) : request(each)));
      const after = run(before.history, ...(reversed ? next.reverse() : next));
      const { [name]: had, ...others } = before.state;
      expect(after.state).toEqual({ ...others, new: { ...had, formerly: [name] } });
      // The next run, with or without `formerly`, finds nothing to do.
      expect(run(after.history, ...next).state).toEqual(after.state);
      const bare = next.map(({ formerly: _, ...each }) => each);
      expect(run(after.history, ...bare).state).toEqual(after.state);
    }),
  );
});

test("whoever has the old name by now keeps what it has, or has something of its own", () => {
  const before = run(NONE, request("apples"));
  const both = run(before.history, request("apples"), request("pears", 2, ["apples"]));
  expect(both.state["apples"]).toEqual(before.state["apples"]);
  expect(both.state["pears"]?.subnet).not.toBe(before.state["apples"]?.subnet);
  const renamed = run(before.history, request("pears", 2, ["apples"]));
  const later = run(renamed.history, request("apples"), request("pears", 2, ["apples"]));
  expect(later.state["pears"]).toEqual(renamed.state["pears"]);
  expect(later.state["apples"]?.subnet).not.toBe(renamed.state["pears"]?.subnet);
});

test("of several names the first that has something counts, and of two that say one name, one has it", () => {
  const before = run(NONE, request("b"), request("c"));
  const after = run(before.history, request("new", 2, ["a", "b", "c"]));
  expect(after.state["new"]).toEqual({ ...before.state["b"], formerly: ["b"] });
  expect(after.state["c"]).toMatchObject({ subnet: before.state["c"]?.subnet, missing: 1 });
  const two = run(before.history, request("y", 2, ["b"]), request("x", 2, ["b"]));
  expect(two.state["x"]?.subnet).toBe(before.state["b"]?.subnet);
  expect(two.state["y"]).not.toHaveProperty("formerly");
});

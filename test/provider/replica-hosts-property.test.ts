import fc from "fast-check";
import type { OnSourceLost } from "../../provider/core/replica/move-settings";
import { HostsWorld, MACHINES, NAMES, type Event } from "./replica-hosts-world";

const name = fc.constantFrom(...NAMES);
const machine = fc.constantFrom(...MACHINES);
const target = fc.constantFrom(...MACHINES, "its", "its", "its");

function events(choices: readonly OnSourceLost[]): fc.Arbitrary<Event[]> {
  const up = fc.record({
    kind: fc.constant("up" as const),
    host: name,
    choice: fc.constantFrom(...choices),
  });
  const event = fc.oneof<fc.WeightedArbitrary<Event>[]>(
    { weight: 10, arbitrary: up },
    { weight: 2, arbitrary: fc.constant({ kind: "refresh" }) },
    { weight: 1, arbitrary: fc.constant({ kind: "lose state" }) },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constant("names swap"), one: name, other: name }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("rename"), name }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("another machine"), name, machine }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("rebuilt"), machine: target }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("empty disk"), machine: target }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant("power"), machine: target }) },
  );
  return fc.array(event, { minLength: 4, maxLength: 14 });
}

/**
 * Hosts are renamed, swapped, rebuilt, wiped and lost, and state is refreshed and lost, in any
 * order. A client writes one number after the other into whichever copy serves.
 */
describe("whatever becomes of hosts between two runs", () => {
  test.each<[string, OnSourceLost[]]>([
    ["without a word of the user's", ["fail"]],
    ["with the user's word that a host is lost", ["fail", "useLastCopy", "startEmpty"]],
  ])(
    "no two copies run, no older one is started, and the best copy is never overwritten: %s",
    async (_name, choices) => {
      let ups = 0;
      await fc.assert(
        fc.asyncProperty(events(choices), async (all) => {
          const world = new HostsWorld();
          await world.happens({ kind: "up", host: "n1", choice: "fail" });
          for (const event of all) {
            await world.happens(event);
            expect({ after: event, wrong: world.wrong }).toEqual({ after: event, wrong: [] });
          }
          ups += world.ups;
        }),
        { numRuns: Number(process.env["FERRY_RUNS"] ?? 150) },
      );
      expect(ups).toBeGreaterThan(300);
    },
    120_000,
  );
});

import fc from "fast-check";
import { slotsToGive, type MoveSlot } from "../../../provider/core/move/move-slots";

const move = (...hosts: string[]): MoveSlot => ({ hosts });

describe("turns", () => {
  it("are bounded per host, and given in the order of coming", () => {
    const [a, b, c, d] = [1, 2, 3, 4].map(() => move("node1", "node2")) as [
      MoveSlot,
      MoveSlot,
      MoveSlot,
      MoveSlot,
    ];
    expect(slotsToGive([], [a, b, c, d], 2)).toEqual([a, b]);
    expect(slotsToGive([b], [c, d], 2)).toEqual([c]);
  });

  it("let a move between idle hosts go while others wait", () => {
    const idle = move("node3", "node4");
    expect(slotsToGive([move("node1", "node2")], [move("node2", "node1"), idle], 1)).toEqual([
      idle,
    ]);
  });

  it("are not given past somebody who has waited longer for the same host", () => {
    const wide = move("node1", "node2");
    const late = move("node1", "node3");
    // node1 is free, but `wide` wants it as soon as node2 is.
    expect(slotsToGive([move("node2", "node4")], [wide, late], 1)).toEqual([]);
  });

  const host = fc.constantFrom("node1", "node2", "node3", "node4");
  const moves = fc.array(
    fc.uniqueArray(host, { minLength: 2, maxLength: 2 }).map((hosts) => ({ hosts })),
    { maxLength: 25 },
  );

  /**
   * Every move comes and ends at a moment that fast-check picks: whatever the order, nothing may
   * stop while somebody waits, no host may have more than its share, and nobody may wait for ever.
   */
  it("never come to a stop: whatever moves come and end, all of them run, within the bound", () => {
    fc.assert(
      fc.property(
        moves,
        fc.integer({ min: 1, max: 3 }),
        fc.infiniteStream(fc.nat()),
        (all, bound, dice) => {
          const roll = (sides: number) => (dice.next().value as number) % sides;
          const coming = [...all];
          let waiting: MoveSlot[] = [];
          let running: MoveSlot[] = [];
          const begun: MoveSlot[] = [];
          for (let step = 0; begun.length < all.length || running.length > 0; step++) {
            expect(step).toBeLessThan(4 * all.length + 4);
            const next = coming.length > 0 && (running.length === 0 || roll(2) === 0);
            if (next) waiting.push(coming.shift() as MoveSlot);
            else running.splice(roll(running.length), 1);
            const given = slotsToGive(running, waiting, bound);
            waiting = waiting.filter((each) => !given.includes(each));
            running = [...running, ...given];
            begun.push(...given);
            // With nobody at work, the first in the queue is.
            expect(waiting.length === 0 || running.length > 0).toBe(true);
            for (const name of ["node1", "node2", "node3", "node4"]) {
              expect(
                running.filter(({ hosts }) => hosts.includes(name)).length,
              ).toBeLessThanOrEqual(bound);
            }
          }
          expect(new Set(begun).size).toBe(all.length);
        },
      ),
    );
  });

  it("are given to those that want the same hosts in the order of coming", () => {
    fc.assert(
      fc.property(moves, moves, fc.integer({ min: 1, max: 3 }), (running, waiting, bound) => {
        const given = slotsToGive(running, waiting, bound);
        waiting.forEach((slot, i) => {
          if (!given.includes(slot)) return;
          const passed = waiting
            .slice(0, i)
            .filter((earlier) => !given.includes(earlier))
            .filter(({ hosts }) => hosts.every((name) => slot.hosts.includes(name)));
          expect(passed).toEqual([]);
        });
      }),
    );
  });
});

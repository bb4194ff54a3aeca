import fc from "fast-check";
import { inOrder } from "../../provider/adapters/lock/in-order";
import type { Host } from "../../provider/core/adapter-ports";

const place = fc.constantFrom("m1", "m2", "m3", "m4");
/** Names are given in any order, and several may lead to one machine. */
const wanted = fc
  .array(fc.record({ name: fc.string({ minLength: 1, maxLength: 3 }), place }), { maxLength: 6 })
  .map((all) => all.map((each) => ({ host: { name: each.name } as Host, place: each.place })));

test("each machine once, in one order for all names, and a lock for each that asked", async () => {
  await fc.assert(
    fc.asyncProperty(wanted, async (hosts) => {
      const places = new Map(hosts.map((each) => [each.host, each.place]));
      const taken: string[] = [];
      const locks = await inOrder(hosts, (host) => {
        const at = places.get(host) ?? "";
        taken.push(at);
        return Promise.resolve({ lost: false, at, release: () => Promise.resolve() });
      });
      expect(taken).toEqual([...new Set(hosts.map((each) => each.place))].sort());
      expect(locks.map((lock) => (lock as unknown as { at: string }).at)).toEqual(
        hosts.map((each) => each.place),
      );
    }),
  );
});

test("after a refusal, what was taken before is given back", async () => {
  await fc.assert(
    fc.asyncProperty(wanted, place, async (hosts, refusing) => {
      const places = new Map(hosts.map((each) => [each.host, each.place]));
      const locked = new Set<string>();
      const attempt = inOrder(hosts, (host) => {
        const at = places.get(host) ?? "";
        if (at === refusing) return Promise.reject(new Error("no"));
        locked.add(at);
        const release = () => Promise.resolve(void locked.delete(at));
        return Promise.resolve({ lost: false, release });
      });
      if (!hosts.some((each) => each.place === refusing)) return;
      await expect(attempt).rejects.toThrow("no");
      expect(locked).toEqual(new Set());
    }),
  );
});

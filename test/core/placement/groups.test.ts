import fc from "fast-check";
import { groupsOf } from "../../../provider/core/placement/groups";

const mounting = (key: string, ...volumes: string[]) => ({ key, volumes });
const keys = (groups: { key: string }[][]) => groups.map((group) => group.map(({ key }) => key));

describe("groups of replicas", () => {
  it("are those that share a volume, also by way of others; the rest are alone", () => {
    const replicas = [
      mounting("app-0", "data"),
      mounting("cron-0", "spool"),
      mounting("web-0"),
      mounting("backup-0", "data", "spool"),
      mounting("web-1"),
    ];
    expect(keys(groupsOf(replicas))).toEqual([
      ["app-0", "cron-0", "backup-0"],
      ["web-0"],
      ["web-1"],
    ]);
  });

  const replicas = fc
    .array(fc.uniqueArray(fc.integer({ min: 0, max: 8 }), { maxLength: 3 }), { maxLength: 20 })
    .map((each) => each.map((volumes, i) => mounting(`r-${i}`, ...volumes.map((v) => `v${v}`))));

  it("hold every replica once, and never split a volume", () => {
    fc.assert(
      fc.property(replicas, (all) => {
        const groups = groupsOf(all);
        expect(groups.flat().length).toBe(all.length);
        expect(new Set(groups.flat())).toEqual(new Set(all));
        const volumesOf = (group: { volumes: readonly string[] }[]) =>
          new Set(group.flatMap(({ volumes }) => volumes));
        const total = groups.reduce((sum, group) => sum + volumesOf(group).size, 0);
        expect(total).toBe(volumesOf(all).size);
      }),
    );
  });

  it("are no larger than they have to be: who is with whom is reachable over shared volumes", () => {
    fc.assert(
      fc.property(replicas, (all) => {
        for (const group of groupsOf(all)) {
          const reached = new Set(group.slice(0, 1));
          for (let before = -1; before !== reached.size;) {
            before = reached.size;
            for (const replica of group) {
              const shares = [...reached].some(({ volumes }) =>
                volumes.some((volume) => replica.volumes.includes(volume)),
              );
              if (shares) reached.add(replica);
            }
          }
          expect(reached.size).toBe(group.length);
        }
      }),
    );
  });
});

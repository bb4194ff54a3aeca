import type { Host } from "../../provider/core/adapter-ports";
import type { VolumeLease, VolumeLeases } from "../../provider/core/volume/lease";

export interface LeaseFixture {
  readonly host: () => Host;
  readonly leases: () => VolumeLeases;
  /** A volume that nobody else has. */
  readonly volume: string;
}

/** What every VolumeLeases does, the fakes and the real ones. */
export function leaseContract(name: string, { host, leases, volume }: LeaseFixture): void {
  const of = { driver: 'd"riv/er:1', volume };
  const lease: VolumeLease = {
    ...{ version: 1, ...of, holder: "shop/prod/it's $(x)", host: "node1" },
    ...{ epoch: 1, owner: "root@ci-7", when: "2026-01-02T03:04:05Z" },
  };
  const next: VolumeLease = { ...lease, epoch: 2, host: "node2" };
  const read = () => leases().read(host(), of);
  const replace = (before: VolumeLease | undefined, after?: VolumeLease) =>
    leases().replace(host(), of, { before, ...(after === undefined ? {} : { lease: after }) });

  describe(`VolumeLeases: ${name}`, () => {
    test("one takes the place of none, of the one that was read, and of no other", async () => {
      expect(await read()).toBeUndefined();
      expect(await replace(lease, next)).toBe(false);
      expect(await replace(undefined, lease)).toBe(true);
      expect(await read()).toEqual(lease);
      expect(await replace(undefined, next)).toBe(false);
      expect(await replace(lease, next)).toBe(true);
      expect(await read()).toEqual(next);
    });

    test("of those who take one at once, one gets it", async () => {
      const takers = ["a", "b", "c"].map((holder) => ({ ...next, epoch: 3, holder }));
      const got = await Promise.all(takers.map((taker) => replace(next, taker)));
      expect(got.filter(Boolean)).toHaveLength(1);
      expect(await read()).toEqual(takers[got.indexOf(true)]);
    });

    test("it is another driver's volume by the same name that nobody has", async () => {
      expect(await leases().read(host(), { ...of, driver: "other" })).toBeUndefined();
    });

    test("it goes only as the one that was read", async () => {
      const now = await read();
      expect(await replace(next)).toBe(false);
      expect(await replace(now)).toBe(true);
      expect(await read()).toBeUndefined();
    });
  });
}

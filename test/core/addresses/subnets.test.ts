import { deployment, NOTHING, refusal, update } from "./helpers";

const settings = { pool: "10.40.0.0/13" };
const subnets = (kept: { deployments: Readonly<Record<string, { subnet: string }>> }) =>
  Object.fromEntries(Object.entries(kept.deployments).map(([name, { subnet }]) => [name, subnet]));

describe("a new subnet", () => {
  test("has head-room, and room around it to grow", () => {
    const kept = update(settings, NOTHING, [
      deployment("pears", { web: 3 }),
      deployment("apples", { web: 30 }),
      deployment("figs", {}),
    ]);
    expect(subnets(kept)).toEqual({
      apples: "10.40.0.0/26",
      figs: "10.40.8.0/27",
      pears: "10.40.12.0/27",
    });
  });

  test("comes closer to others when the pool is crowded", () => {
    const small = { pool: "10.40.0.0/24" };
    const names = ["a", "b", "c", "d", "e", "f", "g", "h"];
    const kept = update(
      small,
      NOTHING,
      names.map((name) => deployment(name, { web: 1 })),
    );
    expect(subnets(kept)).toEqual({
      a: "10.40.0.0/27",
      b: "10.40.0.128/27",
      c: "10.40.0.64/27",
      d: "10.40.0.192/27",
      e: "10.40.0.32/27",
      f: "10.40.0.96/27",
      g: "10.40.0.160/27",
      h: "10.40.0.224/27",
    });
  });

  test("goes without head-room when there is no place for it", () => {
    expect(
      subnets(update({ pool: "10.40.0.0/29" }, NOTHING, [deployment("a", { web: 5 })])),
    ).toEqual({
      a: "10.40.0.0/29",
    });
  });

  test("keeps out of exclusions", () => {
    const exclude = ["10.40.0.0/14", "10.44.0.0/24", "192.168.0.0/16"];
    const kept = update({ ...settings, exclude }, NOTHING, [deployment("a", { web: 1 })]);
    expect(subnets(kept)).toEqual({ a: "10.44.4.0/27" });
  });

  test("is the one that the user fixes", () => {
    const kept = update(settings, NOTHING, [
      deployment("a", { web: 1 }, { subnet: "10.40.0.0/30" }),
      deployment("b", { web: 1 }),
    ]);
    expect(subnets(kept)).toEqual({ a: "10.40.0.0/30", b: "10.40.4.0/27" });
  });

  test("lies around addresses that the user fixes, as wide as a /24 if need be", () => {
    const kept = update(settings, NOTHING, [
      deployment("a", { db: 1, web: 2 }, { ips: { "db-0": "10.41.3.70" } }),
      deployment("b", { db: 1, web: 2 }, { ips: { "db-0": "10.41.4.10", "web-1": "10.41.4.200" } }),
    ]);
    expect(subnets(kept)).toEqual({ a: "10.41.3.64/27", b: "10.41.4.0/24" });
    expect(kept.deployments.b?.leases).toEqual({
      "db-0": "10.41.4.10",
      "web-0": "10.41.4.2",
      "web-1": "10.41.4.200",
    });
  });
});

describe("growing", () => {
  test("happens in place, keeps every address, and leaves the old broadcast address alone at first", () => {
    const before = update(settings, NOTHING, [
      deployment("a", { web: 29 }),
      deployment("b", { web: 1 }),
    ]);
    const full = update(settings, NOTHING, [
      deployment("a", { web: 19 }),
      deployment("b", { web: 1 }),
    ]);
    expect(full.deployments.a?.subnet).toBe("10.40.0.0/27");
    const grown = update(settings, full, [
      deployment("a", { web: 40 }),
      deployment("b", { web: 1 }),
    ]);
    expect(grown.deployments.a?.subnet).toBe("10.40.0.0/26");
    expect(grown.deployments.a?.leases).toMatchObject(full.deployments.a?.leases ?? {});
    expect(Object.values(grown.deployments.a?.leases ?? {})).not.toContain("10.40.0.31");
    expect(before.deployments.a?.subnet).toBe("10.40.0.0/26");
  });

  test("does not happen while there is an address left, or when replicas go", () => {
    const kept = update(settings, NOTHING, [deployment("a", { web: 1 })]);
    const full = update(settings, kept, [deployment("a", { web: 29 })]);
    expect(full.deployments.a?.subnet).toBe("10.40.0.0/27");
    const big = update(settings, full, [deployment("a", { web: 30 })]);
    expect(big.deployments.a?.subnet).toBe("10.40.0.0/26");
    expect(update(settings, big, [deployment("a", { web: 1 })]).deployments.a?.subnet).toBe(
      "10.40.0.0/26",
    );
  });

  test("settles for less head-room where there is less place", () => {
    const pair = { pool: "10.40.0.0/25" };
    const kept = update(pair, NOTHING, [deployment("a", { web: 1 }), deployment("b", { web: 1 })]);
    const grown = update(pair, kept, [deployment("a", { web: 60 }), deployment("b", { web: 1 })]);
    expect(grown.deployments.a?.subnet).toBe("10.40.0.0/26");
  });

  test("in the way of another deployment, it is refused and says what to do", () => {
    const pair = { pool: "10.40.0.0/26" };
    const kept = update(pair, NOTHING, [deployment("a", { web: 1 }), deployment("b", { web: 1 })]);
    expect(
      refusal(pair, kept, [deployment("a", { web: 30 }), deployment("b", { web: 1 })]),
    ).toEqual([
      "requests.a: deployment 'a' needs 30 addresses but its subnet 10.40.0.0/27 holds 29, and it cannot grow in " +
        "place: as 10.40.0.0/26, it overlaps the subnet 10.40.0.32/27 of deployment 'b'. No address was changed; " +
        "give the deployment a wider `subnet:` by hand, with which replicas outside it get new addresses, or free " +
        "that space.",
    ]);
    expect(
      refusal(pair, kept, [deployment("a", { web: 1 }), deployment("b", { web: 30 })]),
    ).toEqual([
      "requests.b: deployment 'b' needs 30 addresses but its subnet 10.40.0.32/27 holds 29, and it cannot grow in " +
        "place: its first address is not the first of a /26. No address was changed; give the deployment a wider " +
        "`subnet:` by hand, with which replicas outside it get new addresses, or free that space.",
    ]);
  });

  test("for the sake of replicas that leave, it says that too", () => {
    const tiny = { pool: "10.40.0.0/27" };
    const kept = update(tiny, NOTHING, [deployment("a", { web: 29 })]);
    expect(refusal(tiny, kept, [deployment("a", { web: 28, db: 1 })])).toEqual([
      "requests.a: deployment 'a' needs 30 addresses (1 of them until replicas that leave are gone) but its subnet " +
        "10.40.0.0/27 holds 29, and it cannot grow in place: as 10.40.0.0/26, it is outside the pool " +
        "10.40.0.0/27. No address was changed; give the deployment a wider `subnet:` by hand, with which replicas " +
        "outside it get new addresses, or free that space, or remove the replicas that leave in an update of its " +
        "own first.",
    ]);
    const after = update(tiny, update(tiny, kept, [deployment("a", { web: 28 })]), [
      deployment("a", { web: 28, db: 1 }),
    ]);
    expect(after.deployments.a?.leases["db-0"]).toBe(kept.deployments.a?.leases["web-28"]);
  });

  test("by hand: a wider subnet around the old one moves nobody", () => {
    const kept = update(settings, NOTHING, [
      deployment("a", { web: 3 }, { subnet: "10.40.9.16/28" }),
    ]);
    const wider = update(settings, kept, [deployment("a", { web: 4 }, { subnet: "10.40.9.0/24" })]);
    expect(wider.deployments.a?.leases).toMatchObject(kept.deployments.a?.leases ?? {});
    expect(wider.released).toBeUndefined();
  });
});

describe("a subnet that the user changes", () => {
  test("elsewhere: new addresses, and the old ones rest", () => {
    const kept = update(settings, NOTHING, [deployment("a", { web: 1 })]);
    const moved = update(settings, kept, [
      deployment("a", { web: 1 }, { subnet: "10.41.0.0/24" }),
      deployment("b", { web: 1 }),
    ]);
    expect(moved).toEqual({
      deployments: {
        a: { subnet: "10.41.0.0/24", leases: { "web-0": "10.41.0.2" } },
        b: { subnet: "10.40.4.0/27", leases: { "web-0": "10.40.4.2" } },
      },
      released: { "10.40.0.0/27": { by: "a", generation: 1 } },
    });
  });

  test("to a part of itself: those inside stay, the rest rests", () => {
    const kept = update(settings, NOTHING, [deployment("a", { web: 14 })]);
    const shrunk = update(settings, kept, [
      deployment("a", { web: 13 }, { subnet: "10.40.0.0/28" }),
    ]);
    expect(shrunk.deployments.a?.subnet).toBe("10.40.0.0/28");
    expect(shrunk.deployments.a?.leases).toMatchObject({
      "web-0": "10.40.0.2",
      "web-12": "10.40.0.14",
    });
    expect(shrunk.released).toEqual({ "10.40.0.16/28": { by: "a", generation: 1 } });
  });

  test("no longer fixed, it stays", () => {
    const kept = update(settings, NOTHING, [
      deployment("a", { web: 1 }, { subnet: "10.41.0.0/24" }),
    ]);
    expect(update(settings, kept, [deployment("a", { web: 1 })])).toEqual(kept);
  });
});

describe("a deployment that goes", () => {
  test("leaves a subnet that nobody gets in the same update, and later only when there is no other", () => {
    const pair = { pool: "10.40.0.0/26" };
    const a = update(pair, NOTHING, [deployment("a", { web: 1 })]);
    const b = update(pair, a, [deployment("b", { web: 1 })]);
    expect(b.deployments).toEqual({
      a: { subnet: "10.40.0.0/27", leases: { "web-0": "10.40.0.2" }, missing: 1 },
      b: { subnet: "10.40.0.32/27", leases: { "web-0": "10.40.0.34" } },
    });
    const c = update(pair, b, [deployment("b", { web: 1 }), deployment("c", { web: 1 })]);
    expect(subnets(c)).toEqual({ b: "10.40.0.32/27", c: "10.40.0.0/27" });
    expect(c.released).toBeUndefined();
  });

  test("is waited for when the pool has nothing else", () => {
    const tiny = { pool: "10.40.0.0/27" };
    const kept = update(tiny, NOTHING, [deployment("a", { web: 29 })]);
    expect(refusal(tiny, kept, [deployment("b", { web: 29 })])).toEqual([
      "pool: the pool 10.40.0.0/27 has no free block that is wide enough: 32 of 32 addresses are needed for all " +
        "subnets, so there is no subnet for deployment 'b'. To make room, use a pool of /26 or wider that contains " +
        "this one, or remove 'a' in an update of its own first.",
    ]);
    expect(subnets(update(tiny, update(tiny, kept, []), [deployment("b", { web: 29 })]))).toEqual({
      b: "10.40.0.0/27",
    });
  });

  test("the part that was given back first is used first", () => {
    const four = { pool: "10.40.0.0/25" };
    let kept = update(
      four,
      NOTHING,
      ["a", "b", "c", "d"].map((name) => deployment(name, { web: 20 })).slice(0, 2),
    );
    kept = update(four, kept, [deployment("b", { web: 20 })]);
    kept = update(four, kept, []);
    expect(Object.values(kept.deployments).map(({ missing }) => missing)).toEqual([1, 2]);
    expect(subnets(update(four, kept, [deployment("c", { web: 20 })]))).toEqual({
      b: "10.40.0.64/26",
      c: "10.40.0.0/26",
    });
  });
});

import { Alive, noting } from "../../provider/handlers/alive";
import { newStack, up } from "./cluster-fixture";
import { weaveFixture } from "./weave-fixture";

const RANGE = 2 ** 19;

async function uniformOf(count: number, of: number) {
  const all = weaveFixture(of);
  const stack = newStack();
  await up(all, stack, { hosts: all.names.slice(0, count) });
  const shares = async (name: string) =>
    Object.fromEntries(
      ((await all.weave(name).report())?.ipam?.shares ?? []).map((share) => [
        share.nickname,
        share.addresses,
      ]),
    );
  return { ...all, stack, shares };
}

/** Notes the order in which things happen on hosts. */
function logged({ names, weave }: ReturnType<typeof weaveFixture>) {
  const log: string[] = [];
  for (const name of names) {
    const { calls } = weave(name);
    const push = calls.push.bind(calls);
    calls.push = (...words: string[]) => {
      log.push(...words.map((word) => `${word} ${name}`));
      return push(...words);
    };
  }
  return log;
}

describe("a uniform cluster", () => {
  test("forms without anybody waiting for anybody", async () => {
    const { names, weave, elapsedSeconds } = await uniformOf(3, 3);
    for (const name of names) expect((await weave(name).report())?.establishedWith).toHaveLength(2);
    expect(elapsedSeconds()).toBe(0);
  });

  test.each([
    ["the new ones come first", (names: readonly string[]) => [...names].reverse()],
    ["the old ones come first", (names: readonly string[]) => names],
  ])("grows one by one, whatever is done at once and whoever: %s", async (_name, inOrder) => {
    const all = await uniformOf(3, 5);
    const log = logged(all);
    await up(all, all.stack, { hosts: all.names, inOrder });
    for (const name of all.names) {
      const report = await all.weave(name).report();
      expect(report?.targets).toHaveLength(4);
      expect(report?.establishedWith).toHaveLength(4);
    }
    // Whoever is there lists the new one before it is launched.
    for (const [name, before] of [
      ["node4", ["node1", "node2", "node3"]],
      ["node5", ["node1", "node2", "node3"]],
    ] as const) {
      const launch = log.indexOf(`launch ${name}`);
      for (const other of before) {
        const connects = log.flatMap((line, i) => (line === `connect ${other}` ? [i] : []));
        expect(connects.some((i) => i < launch)).toBe(true);
      }
    }
    expect(log.filter((line) => /^(stop|relaunch|reset)/.test(line))).toEqual([]);
  });

  test("a second one is not launched before the first is in the network", async () => {
    const all = await uniformOf(2, 4);
    const log = logged(all);
    all.network.unreached.add("10.0.0.3");
    const done = up(all, all.stack, { hosts: all.names });
    await expect(done).rejects.toThrow(
      /^The peer on host 'node3' of cluster 'net' was launched, but is not in the network after 60 s: 'node3' and 'node1' are not connected .*put the cause right and run `pulumi up` again\.$/s,
    );
    expect(all.elapsedSeconds()).toBeGreaterThanOrEqual(60);
    expect(log.indexOf("launch node4")).toBeGreaterThan(log.indexOf("launch node3"));
    // It is known in state, so that the next run goes on with it.
    expect(all.stack.peers.get("node3")?.joined).toBe(false);
    all.network.unreached.clear();
    await up(all, all.stack, { hosts: all.names });
    expect(all.stack.peers.get("node3")).not.toHaveProperty("joined");
    expect(log.filter((line) => line === "launch node3")).toHaveLength(1);
  });

  test("one whose ports were shut is in the network seconds after they were opened", async () => {
    const all = await uniformOf(2, 3);
    all.network.unreached.add("10.0.0.3");
    await expect(up(all, all.stack, { hosts: all.names })).rejects.toThrow(/waits \d+ s until/);
    for (let minutes = 0; minutes < 30; minutes++) {
      await all.options.clock.sleep(60_000);
      for (const name of all.names) await all.weave(name).report();
    }
    const before = all.elapsedSeconds();
    all.network.unreached.clear();
    await up(all, all.stack, { hosts: all.names });
    expect(all.elapsedSeconds() - before).toBeLessThan(5);
  });

  test("a new peer never divides the range again, and one that has begun to join is removed like any other", async () => {
    const all = await uniformOf(2, 3);
    all.network.unreached.add("10.0.0.3");
    await up(all, all.stack, { hosts: all.names }).catch(() => undefined);
    const calls = all.weave("node3").calls;
    expect(calls).not.toContain("prime");
    all.network.unreached.clear();
    await up(all, all.stack, { hosts: ["node1", "node2"] });
    expect(await all.weave("node3").router()).toBeUndefined();
    expect(all.stack.peers.has("node3")).toBe(false);
  });

  test("shrinks: whoever leaves hands his share to one that stays, and nobody dials him", async () => {
    const all = await uniformOf(5, 5);
    await up(all, all.stack, { hosts: ["node1", "node2"] });
    expect(Object.values(await all.shares("node1")).reduce((a, b) => a + b)).toBe(RANGE);
    expect(Object.keys(await all.shares("node1")).sort()).toEqual(["node1", "node2"]);
    expect((await all.weave("node1").report())?.targets).toEqual(["10.0.0.2"]);
    for (const name of ["node3", "node4", "node5"])
      expect(await all.weave(name).router()).toBeUndefined();
  });

  test("a peer that joined by itself, as by a boot script, is adopted as it runs", async () => {
    const all = await uniformOf(2, 3);
    await all.weave("node3").launch({
      ipallocRange: "10.32.0.0/13",
      discovery: true,
      trustedSubnets: [],
      extraFlags: [],
      targets: ["10.0.0.1", "10.0.0.2"],
      electors: 2,
      observer: true,
    });
    await up(all, all.stack, { hosts: all.names });
    expect(all.weave("node3").calls.filter((call) => call !== "setup")).toEqual(["launch"]);
  });
});

describe("a host that does not answer", () => {
  test("and has left the program holds nothing up: one peer takes its share over, all keep it in mind", async () => {
    const all = await uniformOf(3, 3);
    all.world.setFaults("node3", { down: true });
    await all.weave("node3").stop();
    await up(all, all.stack, { hosts: ["node1", "node2"] });
    expect(all.stack.peers.has("node3")).toBe(false);
    expect(Object.values(await all.shares("node2")).reduce((a, b) => a + b)).toBe(RANGE);
    expect(
      all.names.flatMap((name) => all.weave(name).calls).filter((c) => c === "rmpeer"),
    ).toEqual(["rmpeer"]);
    for (const name of ["node1", "node2"])
      expect(await all.weave(name).removedPeers()).toMatchObject([{ host: "node3" }]);
    expect(all.reported.join("\n")).toMatch(
      /does not answer.*has no host 'node3' any more.*'node1' took over its share of Weave's range, \d+ addresses/,
    );
    expect(all.reported.join("\n")).toMatch(/Host 'node3' leaves cluster 'net'/);
  });

  test("is fenced when the program has it again: what it remembers goes before it joins", async () => {
    const all = await uniformOf(3, 3);
    all.world.setFaults("node3", { down: true });
    await all.weave("node3").stop();
    await up(all, all.stack, { hosts: ["node1", "node2"] });
    all.world.setFaults("node3", { down: false });
    all.weave("node3").isRunning = true;
    await up(all, all.stack, { hosts: all.names });
    expect(all.weave("node3").calls).toContain("reset");
    expect(all.reported.join("\n")).toMatch(/What its router remembered is discarded/);
    for (const name of all.names) {
      expect((await all.weave(name).report())?.establishedWith).toHaveLength(2);
      expect(await all.weave(name).removedPeers()).toEqual([]);
    }
    expect(Object.values(await all.shares("node1")).reduce((a, b) => a + b)).toBe(RANGE);
  });

  test("is asked once more right before its share is taken over, and leaves as all do when it is back", async () => {
    const all = await uniformOf(3, 3);
    all.network.unreached.add("10.0.0.3");
    for (let i = 0; i < 2; i++) all.world.failNext("node3", { call: "open", kind: "silent" });
    await up(all, all.stack, { hosts: ["node1", "node2"] });
    expect(all.weave("node3").calls).toContain("reset");
    expect(await all.weave("node1").removedPeers()).toEqual([]);
    expect(all.reported.join("\n")).not.toMatch(/has no host 'node3' any more/);
  });

  test("and refuses our key when it is asked once more keeps its share", async () => {
    const all = await uniformOf(3, 3);
    all.network.unreached.add("10.0.0.3");
    for (const kind of ["silent", "silent", "refused"] as const)
      all.world.failNext("node3", { call: "open", kind, reason: "it refused the key" });
    await expect(up(all, all.stack, { hosts: ["node1", "node2"] })).rejects.toThrow(
      /it refused the key.*Weave on host 'node3' was left as it is/,
    );
    expect(all.names.flatMap((name) => all.weave(name).calls)).not.toContain("rmpeer");
    expect(await all.weave("node1").removedPeers()).toEqual([]);
  });

  test("any more in a run that has held a lock on it keeps its share until the next one", async () => {
    const all = await uniformOf(3, 3);
    const alive = new Alive();
    const locks = noting(all.options.locks, alive);
    const host = await all.context.hosts.open("node3", all.connection("node3"));
    await (await locks.acquire(host, "a move", { owner: "a test", reason: "it" })).release();
    all.world.setFaults("node3", { down: true });
    await all.weave("node3").stop();
    await expect(up(all, all.stack, { hosts: ["node1", "node2"] }, alive)).rejects.toThrow(
      /does not answer.*but did earlier in this run/,
    );
    expect(all.names.flatMap((name) => all.weave(name).calls)).not.toContain("rmpeer");
    await up(all, all.stack, { hosts: ["node1", "node2"] });
    expect(all.stack.peers.has("node3")).toBe(false);
  });

  test("but whose router is in the network still keeps its share", async () => {
    const all = await uniformOf(3, 3);
    all.world.setFaults("node3", { down: true });
    await expect(up(all, all.stack, { hosts: ["node1", "node2"] })).rejects.toThrow(
      /Its router is still connected with others of cluster 'net', so its share of Weave's range was not taken over/,
    );
    expect(all.stack.peers.has("node3")).toBe(true);
    expect(all.names.flatMap((name) => all.weave(name).calls)).not.toContain("rmpeer");
  });

  test("and was reset while it was interrupted has its share taken over, and is forgotten", async () => {
    const all = await uniformOf(3, 3);
    all.network.unreached.add("10.0.0.3");
    await up(all, all.stack, { hosts: ["node1", "node2"] });
    expect(Object.values(await all.shares("node1")).reduce((a, b) => a + b)).toBe(RANGE);
    expect(Object.keys(await all.shares("node1")).sort()).toEqual(["node1", "node2"]);
    expect(await all.weave("node1").removedPeers()).toEqual([]);
  });
});

describe("other topologies", () => {
  test("fixed: observers list the core, join at the same time and go again", async () => {
    const all = weaveFixture(5);
    const stack = newStack();
    const topology = { kind: "fixed", core: ["node1", "node2"] } as const;
    await up(all, stack, { topology, hosts: ["node1", "node2"] });
    const log = logged(all);
    await up(all, stack, { topology, hosts: all.names });
    expect((await all.weave("node4").report())?.targets).toEqual(["10.0.0.1", "10.0.0.2"]);
    expect((await all.weave("node1").report())?.targets).toEqual(["10.0.0.2"]);
    expect(log.filter((line) => line.endsWith("node1"))).toEqual([]);
    await up(all, stack, { topology, hosts: ["node1", "node2", "node5"] });
    expect(await all.weave("node3").router()).toBeUndefined();
  });

  test("manual: the first peer starts the network alone, the others join it", async () => {
    const all = weaveFixture(3);
    const stack = newStack();
    const topology = { kind: "manual", targets: { node2: ["node1"], node3: ["node2"] } } as const;
    await up(all, stack, { topology, hosts: all.names });
    expect((await all.weave("node3").report())?.targets).toEqual(["10.0.0.2"]);
    expect((await all.weave("node1").report())?.targets).toEqual([]);
    expect(all.weave("node1").calls).toContain("prime");
  });

  test("seeded: the range is divided from the start, and nobody is asked to agree", async () => {
    const all = weaveFixture(3);
    const stack = newStack();
    const topology = { kind: "seeded", seed: ["node1", "node2"] } as const;
    await up(all, stack, { topology, hosts: all.names });
    expect(all.names.flatMap((name) => all.weave(name).calls)).not.toContain("prime");
    expect(stack.peers.get("node3")?.seed).toHaveLength(2);
    expect(stack.mesh?.health.status).toBe("healthy");
  });
});

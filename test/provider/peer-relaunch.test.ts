import { newStack, up } from "./cluster-fixture";
import { weaveFixture } from "./weave-fixture";

async function clusterOf(count: number) {
  const all = weaveFixture(count);
  const stack = newStack();
  await up(all, stack, { hosts: all.names });
  for (const name of all.names) all.weave(name).calls.length = 0;
  return { ...all, stack };
}

/**
 * How many routers did not run at once, at most, while the work went on; a relaunch takes two turns
 * of the clock.
 */
function routersDown({ names, weave, options }: Awaited<ReturnType<typeof clusterOf>>) {
  const seen = { most: 0 };
  for (const name of names) {
    const router = weave(name);
    const relaunch = router.relaunch.bind(router);
    router.relaunch = async (settings) => {
      router.isRunning = false;
      await options.clock.sleep(1);
      seen.most = Math.max(seen.most, names.filter((each) => !weave(each).isRunning).length);
      await options.clock.sleep(1);
      router.isRunning = true;
      await relaunch(settings);
    };
  }
  return seen;
}

const debug = () => ({ extraFlags: ["--log-level=debug"] });

test("a flag changes on one router after the other, never on two at once", async () => {
  const all = await clusterOf(4);
  const down = routersDown(all);
  await up(all, all.stack, { hosts: all.names, peer: debug });
  expect(down.most).toBe(1);
  for (const name of all.names) {
    expect(all.weave(name).calls.filter((call) => call === "relaunch")).toHaveLength(1);
    expect((await all.weave(name).report())?.establishedWith).toHaveLength(3);
  }
});

test("another version of Weave's images is fetched before the router is touched", async () => {
  const all = await clusterOf(2);
  for (const name of all.names) all.weave(name).missingImages.add("weaveworks/weave:2.8.1");
  await up(all, all.stack, { hosts: all.names, peer: () => ({ imageVersion: "2.8.1" }) });
  for (const name of all.names)
    expect(all.weave(name).calls.slice(0, 2)).toEqual(["setup", "relaunch"]);
});

test("images of somebody else's are a change like any other: one router after the other", async () => {
  const all = await clusterOf(3);
  const down = routersDown(all);
  const reweave = () => ({ imageVersion: "2.9.0", images: "rajchaudhuri" });
  await up(all, all.stack, { hosts: all.names, peer: reweave });
  expect(down.most).toBe(1);
  for (const name of all.names) {
    expect(all.weave(name).calls.filter((call) => call === "relaunch")).toHaveLength(1);
    expect(await all.weave(name).router()).toMatchObject(reweave());
  }
  expect(all.reported.join()).toContain("images is weaveworks, not rajchaudhuri");
});

test("one of somebody else's images that has stopped is replaced, as Weave launches none beside it", async () => {
  const all = await clusterOf(2);
  all.weave("node1").isRunning = false;
  all.weave("node1").images = "rajchaudhuri";
  all.stack.peers.set("node1", { ...all.stack.peers.get("node1")!, running: false });
  const found = { ...(await all.weave("node1").router())!, images: "weaveworks" };
  all.weave("node1").router = () => Promise.resolve(found);
  await up(all, all.stack, { hosts: all.names });
  expect(all.weave("node1").calls).toContain("relaunch");
  expect(all.weave("node1").calls).not.toContain("launch");
});

test("where the first one does not come up, no other one is touched", async () => {
  const all = await clusterOf(3);
  for (const name of all.names) all.weave(name).launchFails = "unknown flag: --frobnicate";
  const run = up(all, all.stack, {
    hosts: all.names,
    peer: () => ({ extraFlags: ["--frobnicate"] }),
  });
  await expect(run).rejects.toThrow(/unknown flag: --frobnicate\. The router runs again/);
  const relaunched = all.names.filter((name) => all.weave(name).calls.includes("relaunch"));
  expect(relaunched).toHaveLength(1);
  expect(all.names.every((name) => all.weave(name).isRunning)).toBe(true);
});

test("where the first one comes up and does not get back into the network, no other one is touched", async () => {
  const all = await clusterOf(3);
  for (const name of all.names) {
    const router = all.weave(name);
    const relaunch = router.relaunch.bind(router);
    router.relaunch = async (settings) => {
      await relaunch(settings);
      all.network.unreached.add(router.address);
    };
  }
  await expect(up(all, all.stack, { hosts: all.names, peer: debug })).rejects.toThrow(
    /^The peer on host 'node1' of cluster 'net' was launched with other settings, and is not back in the network after 60 s: it is not connected any more with .*No other router was touched after it\./s,
  );
  const relaunched = all.names.filter((name) => all.weave(name).calls.includes("relaunch"));
  expect(relaunched).toEqual(["node1"]);
});

test("another password parts the network for as long as it takes, and all are back after", async () => {
  const all = await clusterOf(3);
  const down = routersDown(all);
  await up(all, all.stack, { hosts: all.names, peer: () => ({ password: "open sesame" }) });
  expect(down.most).toBe(1);
  for (const name of all.names)
    expect((await all.weave(name).report())?.establishedWith).toHaveLength(2);
});

test("names that a router kept are there again after it was launched anew", async () => {
  const all = await clusterOf(3);
  const mesh = { dnsEntries: { "printer.weave.local": "192.0.2.9" } };
  await up(all, all.stack, { hosts: all.names, mesh });
  const names = async () =>
    Promise.all(all.names.map(async (name) => (await all.weave(name).report())?.externalNames));
  const before = await names();
  expect(before.flat()).toContainEqual({ name: "printer.weave.local", addresses: ["192.0.2.9"] });
  await up(all, all.stack, { hosts: all.names, mesh, peer: debug });
  expect(await names()).toEqual(before);
  await up(all, all.stack, { hosts: all.names, peer: debug });
  expect((await names()).flat()).toEqual([]);
});

test("every change is made under the host's lock, and no lock is left", async () => {
  const all = await clusterOf(2);
  const locks: string[][] = [];
  for (const name of all.names) {
    const { calls } = all.weave(name);
    const push = calls.push.bind(calls);
    calls.push = (...words: string[]) => {
      locks.push(all.lockTable.locksOn(name));
      return push(...words);
    };
  }
  await up(all, all.stack, { hosts: all.names, peer: debug });
  await up(all, all.stack, { hosts: ["node1"], peer: debug });
  expect(locks.length).toBeGreaterThan(4);
  expect(locks.every((locks) => locks.includes("weave"))).toBe(true);
  expect(all.names.flatMap((name) => all.lockTable.locksOn(name))).toEqual([]);
});

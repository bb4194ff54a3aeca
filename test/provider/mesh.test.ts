import { FIREWALLS } from "../../provider/adapters/weave/firewalls";
import { newestConnection } from "../../provider/handlers/connections";
import { meshHandler } from "../../provider/handlers/weave/mesh";
import { peerHandler } from "../../provider/handlers/weave/peer";
import { weaveFixture } from "./weave-fixture";

async function fixture(count = 3, extraOf: (name: string) => object = () => ({})) {
  const all = weaveFixture(count);
  const peer = peerHandler(all.context, all.options);
  for (const name of all.names) {
    await peer.create(peer.check({}, all.peerProps(name, extraOf(name))).inputs);
  }
  const handler = meshHandler(all.context, all.options);
  const props = {
    cluster: "net",
    connections: Object.fromEntries(all.names.map((name) => [name, all.connection(name)])),
    peers: all.names.map((host) => ({ host, address: all.weave(host).address })),
    electors: count,
    timeoutSeconds: 20,
  };
  const inputs = (extra: object = {}) => {
    const { inputs: checked, problems } = handler.check({}, { ...props, ...extra });
    expect(problems).toEqual([]);
    return checked;
  };
  return { ...all, handler, props, inputs };
}

test("is ready when all are connected and the range is divided; primed once, by one peer", async () => {
  const { handler, inputs, names, weave } = await fixture();
  const { id, outs } = await handler.create(inputs());
  expect(id).toBe("net");
  expect(outs).toEqual({
    ...inputs(),
    ready: true,
    peerNames: Object.fromEntries(names.map((name) => [name, weave(name).peerName])),
    health: expect.objectContaining({ status: "healthy", problems: [] }),
  });
  const primes = () =>
    names.flatMap((name) => weave(name).calls).filter((call) => call === "prime");
  expect(primes()).toHaveLength(1);
  expect(await handler.update(id, outs, inputs())).toEqual(outs);
  expect(primes()).toHaveLength(1);
  expect(await handler.read(id, outs)).toEqual({ outs });
  await handler.delete(id, outs);
  expect(names.every((name) => weave(name).isRunning)).toBe(true);
});

test("a single host is a mesh", async () => {
  const { handler, inputs } = await fixture(1);
  expect((await handler.create(inputs())).outs.ready).toBe(true);
});

test("a wrong password is told by host and cause, once the time has passed", async () => {
  const { handler, inputs, elapsedSeconds } = await fixture(3, (name) => ({
    password: name === "node3" ? "something else" : "open sesame",
  }));
  const error = await handler.create(inputs()).catch((caught: unknown) => caught as Error);
  expect((error as Error).message.replace(/waits \d+ s/g, "waits N s")).toBe(
    "The peers of cluster 'net' did not all connect within 20 s: " +
      "'node1' and 'node3' are not connected (failed: read: connection reset by peer, waits N s until it dials again: as a rule, because their passwords differ); " +
      "'node2' and 'node3' are not connected (failed: read: connection reset by peer, waits N s until it dials again: as a rule, because their passwords differ). " +
      "The routers run and keep trying; put the cause right and run `pulumi up` again.",
  );
  expect(elapsedSeconds()).toBe(20);
});

test("a router that is down is named, and one that comes up in time is waited for", async () => {
  const { handler, inputs, weave, options } = await fixture();
  await weave("node2").stop();
  await expect(handler.create(inputs())).rejects.toThrow("no router answers on 'node2'");
  const sleep = options.clock.sleep;
  options.clock.sleep = async (milliseconds) => {
    await sleep(milliseconds);
    weave("node2").isRunning = true;
  };
  expect((await handler.create(inputs())).outs.ready).toBe(true);
});

describe("ports between hosts that were shut", () => {
  /**
   * A first `up` that has failed for long enough that the routers wait for minutes between two
   * attempts.
   */
  async function shutAtFirst() {
    const all = await fixture(3);
    all.network.unreached.add("10.0.0.3");
    const first = await all.handler
      .create(all.inputs({ timeoutSeconds: 600 }))
      .catch((caught: unknown) => caught as Error);
    // With nobody who hurries them.
    for (let minutes = 0; minutes < 30; minutes++) {
      await all.options.clock.sleep(60_000);
      for (const name of all.names) await all.weave(name).report();
    }
    return { ...all, first: (first as Error).message };
  }

  test("are told with the firewall that shuts them, and the very command", async () => {
    const all = await fixture(3);
    all.network.unreached.add("10.0.0.3");
    all.world.scripts.set(FIREWALLS, ({ host }) => ({
      stdout: host.name === "node3" ? "ferry-firewall ufw no yes yes\n" : "",
    }));
    await expect(all.handler.create(all.inputs())).rejects.toThrow(
      "in both directions. On host 'node3' ufw has to let in 6783/tcp: `ufw prepend allow 6783/tcp`. The routers run",
    );
  });

  test("are asked what keeps out the addresses that peers dial, and not those of SSH", async () => {
    const all = await fixture(3);
    all.network.unreached.add("10.0.0.3");
    const asked: Record<string, readonly string[]> = {};
    all.world.scripts.set(FIREWALLS, ({ host, argv }) => {
      asked[host.name] = argv;
      return {};
    });
    const peers = all.names.map((host) => ({ host, address: `${host}.lan:7000` }));
    await expect(all.handler.create(all.inputs({ peers }))).rejects.toThrow("did not all connect");
    const last = Object.entries(asked).map(([name, argv]) => [name, argv.at(-1)]);
    expect(Object.fromEntries(last)).toEqual({
      node1: "node3.lan",
      node2: "node3.lan",
      node3: "node1.lan",
    });
  });

  test("and were opened: the next `up` has the routers dial at once, and does not wait as Weave would", async () => {
    const all = await shutAtFirst();
    const waits = (await all.weave("node1").report())?.connections.map(
      ({ waitSeconds }) => waitSeconds ?? 0,
    );
    expect(Math.max(...(waits ?? []))).toBeGreaterThan(60);
    all.network.unreached.clear();
    const before = all.elapsedSeconds();
    expect((await all.handler.create(all.inputs())).outs.ready).toBe(true);
    expect(all.elapsedSeconds() - before).toBeLessThan(3);
  });

  test("while an `up` waits, they are found open within seconds", async () => {
    const all = await shutAtFirst();
    const { sleep } = all.options.clock;
    const before = all.elapsedSeconds();
    all.options.clock.sleep = async (milliseconds) => {
      await sleep(milliseconds);
      if (all.elapsedSeconds() - before >= 100) all.network.unreached.clear();
    };
    await all.handler.create(all.inputs({ timeoutSeconds: 600 }));
    expect(all.elapsedSeconds() - before).toBeLessThan(107);
  });

  test("are told as what each router does about them, and nobody is pressed more than every few seconds", async () => {
    const { first, names, weave } = await shutAtFirst();
    expect(first).toMatch(
      /'node1' and 'node3' are not connected \(from 'node1': failed: .*connection refused, waits \d+ s until it dials again: .*; from 'node3': failed: .*\)/,
    );
    expect(first).toContain(
      "Between any two peers ports 6783 (TCP) and 6783 and 6784 (UDP) must be open",
    );
    expect(first).not.toContain("neither dials the other");
    for (const name of names) {
      const asked = weave(name).calls.filter((call) => call === "dialAgain").length;
      expect(asked).toBeLessThanOrEqual(600 / 5 + 1);
    }
    expect((await weave("node1").report())?.targets).toEqual(["10.0.0.2", "10.0.0.3"]);
  });
});

test("one name for two hosts is told at once", async () => {
  const { handler, inputs, elapsedSeconds } = await fixture(3, (name) =>
    name === "node1" ? {} : { peerName: "02:00:00:00:00:07" },
  );
  await expect(handler.create(inputs())).rejects.toThrow(
    /^Hosts 'node2' and 'node3' are one and the same peer to Weave \(02:00:00:00:00:07\)/,
  );
  expect(elapsedSeconds()).toBe(0);
});

test("a name other than the program's is told", async () => {
  const { handler, inputs, props } = await fixture(1);
  const peers = props.peers.map((peer) => ({ ...peer, peerName: "02:00:00:00:00:07" }));
  await expect(handler.create(inputs({ peers }))).rejects.toThrow(
    /the router on 'node1' is called .*, not 02:00/,
  );
});

test("electors that cannot agree are told, with how many have to", async () => {
  const { handler, inputs, weave } = await fixture(1, () => ({ electors: 3 }));
  await expect(handler.create(inputs({ electors: 3 }))).rejects.toThrow(
    "The peers of cluster 'net' have not agreed on Weave's range within 20 s: 2 of 3 electors have to take part; " +
      "peers connected: 1, of which electors: node1 (undecided: node1).",
  );
  expect(weave("node1").calls).toEqual(["setup", "launch", "prime"]);
});

test("a host that does not answer is told as it is", async () => {
  const { handler, inputs, world } = await fixture();
  world.setFaults("node2", { down: true });
  await expect(handler.create(inputs())).rejects.toThrow(/'node2'.*does not answer/);
});

test("changed connections are no change, and are used all the same", async () => {
  const { handler, inputs, props, connection } = await fixture();
  const olds = inputs();
  const rotated = { ...connection("node1"), privateKey: "rotated for the mesh" };
  const news = { ...props, connections: { ...props.connections, node1: rotated } };
  expect(handler.check(olds, news).inputs).toEqual(olds);
  expect(newestConnection(olds.connections.node1!)).toEqual(rotated);
});

import { newestConnection } from "../../provider/handlers/connections";
import { meshHandler } from "../../provider/handlers/mesh";
import { peerHandler } from "../../provider/handlers/peer";
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
  expect((error as Error).message).toBe(
    "The peers of cluster 'net' did not all connect within 20 s: " +
      "'node1' and 'node3' are not connected (failed: read: connection reset by peer: as a rule, because their passwords differ); " +
      "'node2' and 'node3' are not connected (failed: read: connection reset by peer: as a rule, because their passwords differ). " +
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

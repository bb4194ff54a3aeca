import { weaveOnHosts } from "../../provider/adapters/weave/host-network";
import { sshHostDirectory } from "../../provider/adapters/host-directory";
import { newestConnection } from "../../provider/handlers/connections";
import { dynamicMethods } from "../../provider/handlers/dynamic";
import { hostHandler } from "../../provider/handlers/host";
import { peerHandler } from "../../provider/handlers/weave/peer";
import { pinToKeys } from "../../provider/handlers/trusted-keys";
import { hostKey, TestServer } from "../adapters/ssh-server";
import { weaveFixture } from "./weave-fixture";

function fixture(count = 2) {
  const all = weaveFixture(count);
  all.world.commands.set("ip", () => ({ stdout: "10.0.0.0/24 dev eth0 scope link\n" }));
  const handler = hostHandler(all.context, weaveOnHosts(all.options.weaveOf), all.programs);
  const inputs = (name: string, change: object = {}) => {
    const connection = { ...all.connection(name === "alpha" ? "node1" : name), ...change };
    const checked = handler.check({}, { cluster: "net", name, connection });
    expect(checked.problems).toEqual([]);
    return checked.inputs;
  };
  return { ...all, handler, inputs };
}

const trusting = { hostKey: undefined, trustOnFirstUse: true };

test("state knows which machine a host is, and which key it showed", async () => {
  const { handler, inputs, world } = fixture();
  const { outs } = await handler.create(inputs("node1"));
  const { id, docker } = world.host("node1").machine;
  expect(outs.machine).toEqual({ id, docker });
  expect(outs.shownKey).toMatch(/^ssh-ed25519 SHA256:/);
});

test("a changed address alone is a change of the host", () => {
  const { handler, inputs } = fixture();
  const olds = inputs("node1");
  for (const change of [{ host: "10.0.0.77" }, { port: 2222 }, { proxy: { host: "bastion" } }]) {
    const connection = { ...olds.connection, ...change };
    expect(handler.check(olds, { ...olds, connection }).inputs).not.toEqual(olds);
  }
});

describe("another machine under the name", () => {
  test.each(["update", "refresh"])("is told by %s, and is what state knows then", async (how) => {
    const { handler, inputs, world, reported } = fixture();
    const { id, outs } = await handler.create(inputs("node1"));
    world.replaceMachine("node1");
    const found =
      how === "update"
        ? await handler.update(id, outs, inputs("node1"))
        : (await handler.read(id, outs))!.outs;
    expect(found.machine).not.toEqual(outs.machine);
    expect(reported.join("\n")).toMatch(
      new RegExp(
        `Host 'node1' of cluster 'net' is another machine than before: state knows it as machine ` +
          `${outs.machine!.id.slice(0, 12)} .*, and machine ${found.machine!.id.slice(0, 12)}`,
      ),
    );
  });

  test("is not told of the same one with a new Docker, nor of state of a version before", async () => {
    const { handler, inputs, world, reported } = fixture();
    const { id, outs } = await handler.create(inputs("node1"));
    world.wipeDisk("node1");
    await handler.update(id, outs, inputs("node1"));
    const { machine: _, ...before } = outs;
    world.replaceMachine("node1");
    expect((await handler.update(id, before, inputs("node1"))).machine).toBeDefined();
    expect(reported.join("\n")).not.toMatch(/another machine/);
  });
});

describe("two names for one machine in a cluster", () => {
  test("are refused by each of the two, before any peer is touched", async () => {
    const { handler, inputs, world, weave } = fixture();
    world.addName("alpha", "node1");
    const [alpha, node1, node2] = [inputs("alpha"), inputs("node1"), inputs("node2")];
    for (const each of [alpha, node1]) {
      await expect(handler.create(each)).rejects.toThrow(
        /^hosts 'alpha' and 'node1' of cluster 'net' are one machine, machine .*\. Leave one of the two names out of its `hosts`; nothing was changed\.$/,
      );
    }
    await handler.create(node2);
    expect(weave("node1").calls).toEqual([]);
  });

  test("one of which cannot be asked says nothing of the other", async () => {
    const { handler, inputs, world } = fixture();
    const node1 = inputs("node1");
    inputs("node2");
    world.setFaults("node2", { down: true });
    await handler.create(node1);
  });
});

describe("a key that was trusted at its first use", () => {
  test("a new host's own counts before what others know of who had its address before", async () => {
    const all = fixture();
    const { connection, ...rest } = all.inputs("node1", { ...trusting, port: 2211 });
    const { outs } = await all.handler.create({ ...rest, connection });
    const trustedKeys = { gone: "ssh-ed25519 SHA256:ofAnotherTime" };
    pinToKeys({ connections: { gone: connection }, trustedKeys });
    expect(newestConnection(connection).knownHostKey).toBe(outs.shownKey);
  });

  test("is what the host is held to by a later run, whoever opens it", async () => {
    const all = fixture();
    const methods = dynamicMethods(all.handler);
    const inputs = all.inputs("node1", trusting);
    const { outs } = await all.handler.create(inputs);
    all.world.replaceMachine("node1");
    // the engine compares every resource with its state, changed or not, before those that depend
    // on it
    await methods.diff("net/node1", { ...outs }, { ...inputs });
    expect(newestConnection(inputs.connection).knownHostKey).toBe(outs.shownKey);
    const peers = peerHandler(all.context, all.options);
    const peer = peers.check({}, { ...all.peerProps("node1", {}), connection: inputs.connection });
    await expect(peers.create(peer.inputs)).rejects.toThrow("the host key is wrong");
    await expect(all.handler.update("net/node1", outs, inputs)).rejects.toThrow(
      "the host key is wrong",
    );
    await all.handler.read("net/node1", outs);
    expect(all.reported.join("\n")).toMatch(/the host key is wrong.*is kept as it was/);
  });

  test("is not held against a pinned one, nor against another place", async () => {
    const all = fixture();
    const inputs = all.inputs("node1", { ...trusting, host: "10.0.0.50" });
    const { outs } = await all.handler.create(inputs);
    const pinned = { ...inputs.connection, hostKey: "ssh-ed25519 BBBB" };
    const moved = { ...inputs.connection, host: "10.0.0.51" };
    for (const connection of [pinned, moved]) {
      all.handler.check({}, { ...inputs, connection });
      all.handler.meets?.(outs, { ...inputs, connection });
      expect(newestConnection(connection)).toEqual(connection);
    }
  });

  test("a real host shows it", async () => {
    const server = await new TestServer().listen();
    const directory = sshHostDirectory();
    try {
      const { hostKey: _, ...unpinned } = server.connection({ trustOnFirstUse: true });
      const host = await directory.open("node1", unpinned);
      expect(host.hostKey).toBe(`ssh-ed25519 ${hostKey.fingerprint}`);
    } finally {
      await directory.close();
      await server.close();
    }
  });
});

import type { Connection } from "../../provider/core/connection";
import { forgetKeys, notingKeys } from "../../provider/handlers/connections";
import { dynamicMethods } from "../../provider/handlers/dynamic";
import { fakeReplica, HOSTS, REPLICA } from "./replica-fixture";

const trusting = Object.fromEntries(
  HOSTS.map((host): [string, Connection] => [
    host,
    { host: `${host}.trusted`, privateKey: "secret-key", trustOnFirstUse: true },
  ]),
);

/** A replica on node1, as state keeps it, in a run that knows nothing but state. */
async function inState() {
  forgetKeys();
  const it = fakeReplica(undefined, (tools) => ({ ...tools, hosts: notingKeys(tools.hosts) }));
  const methods = dynamicMethods(it.handler);
  const inputs = { ...it.placed("node1", { connections: trusting }) };
  const { outs = {} } = await methods.create(inputs);
  const { environment } = inputs;
  const state = { ...(outs as object), connections: trusting, environment } as Record<
    string,
    unknown
  >;
  forgetKeys();
  return { ...it, methods, inputs, state };
}

/** Somebody else's machine answers at the host's address. */
const intrude = ({ world }: Awaited<ReturnType<typeof inState>>) =>
  world.change(
    ({ hosts }) => (hosts["node1"]!.machine = { ...hosts["node1"]!.machine, id: "f".repeat(32) }),
  );

test("state keeps what its host showed, and the same run again keeps the same", async () => {
  const it = await inState();
  expect(Object.keys(it.state["trustedKeys"] as object).sort()).toEqual(["node1"]);
  const found = await it.methods.read(REPLICA, it.state);
  expect(found.props?.["trustedKeys"]).toEqual(it.state["trustedKeys"]);
});

test.each(["update", "delete"] as const)(
  "a %s by state alone is refused by another key",
  async (how) => {
    const it = await inState();
    intrude(it);
    const done =
      how === "update"
        ? it.methods.update(REPLICA, it.state, { ...it.inputs, healthTimeoutSeconds: 7 })
        : it.methods.delete(REPLICA, it.state);
    await expect(done).rejects.toThrow("the host key is wrong");
    expect(it.running()).toEqual(["node1"]);
  },
);

test("a refresh takes nothing from another key's host, and keeps what it knows", async () => {
  const it = await inState();
  intrude(it);
  const found = await it.methods.read(REPLICA, it.state);
  expect(found.props).toMatchObject({
    trustedKeys: it.state["trustedKeys"],
    machine: it.state["machine"],
  });
  expect(it.warned.join()).toContain("the host key is wrong");
});

test("a key that the program pins takes its place, though it is no change of the inputs", async () => {
  const it = await inState();
  const hostKey = "ssh-ed25519 AAAA";
  const pinned = { ...trusting, node1: { ...trusting["node1"]!, hostKey } };
  const { inputs: now } = it.handler.check(it.inputs, { ...it.inputs, connections: pinned });
  // It is a change by the engine's own eyes neither before nor after.
  expect(now).toEqual(it.inputs);
  expect(await it.methods.diff(REPLICA, it.state, { ...now })).toMatchObject({ changes: true });
  const { outs = {} } = await it.methods.update(REPLICA, it.state, { ...now });
  const after = outs as Record<string, { value: unknown }>;
  expect(after["connections"]?.value).toMatchObject({ node1: { hostKey } });
  expect(after).not.toHaveProperty("trustedKeys");
  const read = { ...after, connections: after["connections"]?.value };
  expect(await it.methods.diff(REPLICA, read, { ...now })).not.toHaveProperty("changes");
});

test("state of before knows no keys, and gets none by a refresh or a preview: nothing changes", async () => {
  const it = await inState();
  const { trustedKeys: _, ...old } = it.state;
  expect((await it.methods.read(REPLICA, old)).props).not.toHaveProperty("trustedKeys");
  const pinned = { ...trusting, node1: { ...trusting["node1"]!, hostKey: "ssh-ed25519 AAAA" } };
  const { inputs: now } = it.handler.check(it.inputs, { ...it.inputs, connections: pinned });
  expect(now).toEqual(it.inputs);
  expect(await it.methods.diff(REPLICA, old, { ...now })).not.toHaveProperty("changes");
});

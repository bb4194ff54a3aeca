import { weaveOnHosts } from "../../provider/adapters/weave/host-network";
import { hostHandler } from "../../provider/handlers/host";
import { peerHandler } from "../../provider/handlers/weave/peer";
import { weaveFixture } from "./weave-fixture";

/** Two clusters of one program; `second` is how the second one reaches its only host. */
function fixture() {
  const all = weaveFixture(2);
  const handler = peerHandler(all.context, all.options);
  const hosts = hostHandler(all.context, weaveOnHosts(all.options.weaveOf), all.programs);
  const check = (cluster: string, host: string, connection = all.connection(host)) => {
    hosts.check({}, { cluster, name: host, connection });
    const props = { ...all.peerProps("node1", {}), cluster, host, connection };
    return handler.check({}, props);
  };
  return { ...all, handler, check };
}

test("two clusters that name one address: the second is refused in preview", () => {
  const { check } = fixture();
  expect(check("net", "node1").problems).toEqual([]);
  expect(check("net", "node1").problems).toEqual([]);
  expect(check("mesh", "node2").problems).toEqual([]);
  const { connection } = check("net", "node1").inputs;
  expect(check("mesh", "alpha", connection).problems).toEqual([
    {
      property: "connection",
      reason:
        "host 'alpha' of cluster 'mesh' and host 'node1' of cluster 'net' are one machine, which has one router of Weave Net. " +
        "Leave it out of one of the two, or put the deployments of both on one cluster.",
    },
  ]);
});

test("one machine by two addresses: neither touches its router", async () => {
  const all = fixture();
  const elsewhere = { ...all.connection("node1"), host: "192.0.2.7" };
  all.world.addPlace(elsewhere, "node1").addPlace(all.connection("node1"), "node1");
  const first = all.check("net", "node1");
  const second = all.check("mesh", "alpha", elsewhere);
  expect(second.problems).toEqual([]);
  for (const { inputs } of [first, second]) {
    await expect(all.handler.create(inputs)).rejects.toThrow(
      /^host '.*' of cluster '.*' and host '.*' of cluster '.*' are one machine, which .*machine .*; nothing was changed\.$/,
    );
  }
  expect(all.weave("node1").calls).toEqual([]);
});

test("a cluster on hosts of its own has nobody beside it", async () => {
  const { check, handler } = fixture();
  await handler.create(check("net", "node1").inputs);
  expect(check("other", "node2").problems).toEqual([]);
});

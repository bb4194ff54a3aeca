import { fakeReplica, onNode1, program, REPLICA } from "./replica-fixture";

const { spec } = program("node1");
const ON_HOST = { spec: { ...spec, networkNamespace: "host" as const } };

test("one on its host's network gets neither an address nor a name, and needs no proxy", async () => {
  const { world, handler, placed } = fakeReplica();
  await handler.create(placed("node1", ON_HOST));
  const [container] = world.host("node1").containers;
  expect(container).toMatchObject({ status: "running", proxied: false });
  const { overlayAddresses, dnsSearch, hostname, domainname } = container!.request;
  expect([overlayAddresses, dnsSearch, hostname, domainname]).toEqual([
    [],
    [],
    undefined,
    undefined,
  ]);
});

test("it moves with its data, behind no start barrier", async () => {
  const { handler, placed, write, running, files, world } = fakeReplica();
  const { outs } = await handler.create(placed("node1", ON_HOST));
  write("node1", "mark");
  const moved = await handler.update(REPLICA, outs, placed("node2", ON_HOST));
  expect(running()).toEqual(["node2"]);
  expect(Object.keys(files("node2")!)).toEqual(["mark"]);
  expect(moved).toMatchObject({ host: "node2", ip: "10.40.0.2" });
  const [container] = world.host("node2").containers;
  expect(container).toMatchObject({ proxied: false, restart: { name: "always" } });
  expect(container?.request).not.toHaveProperty("startBarrier");
});

test("another mode is another container, with the same data and lease", async () => {
  const { handler, placed, state, world } = await onNode1();
  const changed = await handler.update(REPLICA, state, placed("node1", ON_HOST));
  expect(changed.containerId).not.toBe(state.containerId);
  expect(changed.ip).toBe(state.ip);
  expect(world.host("node1").containers).toHaveLength(1);
});

test("ports are no part of it", () => {
  const { handler } = fakeReplica();
  const ports = [{ containerPort: 80, protocol: "tcp" as const }];
  const { problems } = handler.check(
    {},
    { ...program("node1", { spec: { ...ON_HOST.spec, ports } }) },
  );
  expect(problems).toEqual([
    {
      property: "spec.ports",
      reason: "a container without a network of its own publishes none. Remove them.",
    },
  ]);
});

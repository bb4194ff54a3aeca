import { fakeHostDirectory } from "../../provider/adapters/fakes/fake-host-directory";
import { fakePorts } from "../../provider/adapters/fakes/fake-ports";
import { FakeWorld } from "../../provider/adapters/fakes/fake-world";
import { placeKey } from "../../provider/core/connection";
import { separationId } from "../../provider/core/network/separation";
import type { PortsOnHost } from "../../provider/core/ports/ports-port";
import { UNKNOWN } from "../../provider/core/unknown";
import { PartialStateError } from "../../provider/handlers/handler";
import { portsHandler } from "../../provider/handlers/stable-ports";
import { PublishedPorts } from "../../provider/handlers/replica/published-ports";
import { Ways } from "../../provider/handlers/ways";

const of = { project: "shop", stack: "prod", deployment: "apples" };
const ID = separationId(of);
const HOSTS = ["node1", "node2", "node3"];
const way = (host: string) => ({ host, hostKey: "k" });
const both = { node1: way("n1"), node2: way("n2") };
const addressesOf = (connections: object) =>
  Object.fromEntries(Object.keys(connections).map((host, i) => [host, `10.40.0.${i + 9}/24`]));

function fixture() {
  const world = FakeWorld.open().addHosts(...HOSTS);
  const warned: string[] = [];
  const progress = { info: () => undefined, warn: (text: string) => void warned.push(text) };
  const context = { hosts: fakeHostDirectory(world), progress };
  const published = new PublishedPorts();
  const handler = portsHandler(context, fakePorts(world), new Ways(), published);
  const check = ({ connections = both, ...news }: Record<string, unknown> = {}) =>
    handler.check(
      {},
      {
        ...{ ...of, cluster: "net", image: "haproxy:lts", config: "first", connections },
        ...{ ports: ["8080 -> web:80"], publish: ["8080:10001/tcp"] },
        ...{ addresses: connections === UNKNOWN ? UNKNOWN : addressesOf(connections as object) },
        ...news,
      },
    );
  const checked = (news: Record<string, unknown> = {}) => {
    const { inputs, problems } = check(news);
    expect(problems).toEqual([]);
    return inputs;
  };
  const there = () =>
    HOSTS.map((host) => {
      const file = world.host(host).files[`/ports/${ID}`];
      return file && (JSON.parse(Buffer.from(file.content, "base64").toString()) as PortsOnHost);
    });
  const configs = () => there().map((each) => each?.config);
  return { world, warned, handler, check, checked, there, configs, published };
}

test("every host of the cluster answers by an address of its own, and takes up other settings", async () => {
  const { handler, checked, there, configs } = fixture();
  const { id, outs } = await handler.create(checked());
  expect(id).toBe(ID);
  expect(there().map((each) => each?.address)).toEqual([
    "10.40.0.9/24",
    "10.40.0.10/24",
    undefined,
  ]);
  await handler.update(id, outs, checked({ config: "second" }));
  expect(configs()).toEqual(["second", "second", undefined]);
});

test("what is kept as inputs has places and no keys: another key is no change, another machine is", () => {
  const { checked } = fixture();
  const before = checked();
  expect(before).not.toHaveProperty("connections");
  const keys = { node1: { ...way("n1"), hostKey: "other" }, node2: way("n2") };
  expect(checked({ connections: keys })).toEqual(before);
  expect(checked({ connections: { ...both, node2: way("n9") } })).not.toEqual(before);
  expect(checked({ connections: UNKNOWN })).toMatchObject({ places: UNKNOWN });
});

test("a host that is silent fails the run after the others have it, and the next run mends that", async () => {
  const { world, handler, checked, configs } = fixture();
  world.setFaults("node1", { down: true });
  const failed = await handler.create(checked()).catch((error: unknown) => error);
  expect(failed).toBeInstanceOf(PartialStateError);
  expect(configs()).toEqual([undefined, "first", undefined]);
  world.setFaults("node1", { down: false });
  await handler.update(ID, (failed as PartialStateError).outs as never, checked());
  expect(configs()).toEqual(["first", "first", undefined]);
});

test("a host that leaves the cluster answers no more; one that is silent then is told, and kept in mind", async () => {
  const { world, warned, handler, checked, configs } = fixture();
  const { id, outs } = await handler.create(checked());
  const others = { node2: both.node2, node3: way("n3") };
  world.setFaults("node1", { down: true });
  const after = await handler.update(id, outs, checked({ connections: others }));
  expect(configs()).toEqual(["first", "first", "first"]);
  expect(warned.join()).toMatch(/node1/);
  world.setFaults("node1", { down: false });
  const later = await handler.update(id, after, checked({ connections: others }));
  expect(configs()).toEqual([undefined, "first", "first"]);
  await handler.delete(id, later);
  expect(configs()).toEqual([undefined, undefined, undefined]);
});

test("what is gone from a host is drift, which an update puts right", async () => {
  const { world, handler, checked } = fixture();
  const { id, outs } = await handler.create(checked());
  expect((await handler.read(id, outs))?.inputs).toEqual(checked());
  world.change(({ hosts }) => (hosts["node2"]!.files = {}));
  const read = await handler.read(id, outs);
  expect(read?.inputs?.drift).toEqual(["node2: no proxy, or another one"]);
  const mended = await handler.update(id, read!.outs, checked());
  expect(mended).not.toHaveProperty("drift");
});

test("a host that is gone at a delete is told of, with what stays there", async () => {
  const { world, warned, handler, checked } = fixture();
  const { id, outs } = await handler.create(checked());
  world.setFaults("node1", { down: true });
  await handler.delete(id, outs);
  expect(warned.join()).toMatch(/node1.*remove the container 'ferry-ports-\*' by hand/s);
});

test("a port that a replica or another deployment has on one of the hosts is refused", () => {
  const { check, checked, published } = fixture();
  const label = "replica db-0 of deployment 'pears'";
  published.problems({
    ...{ id: "x", label, host: "node2", place: placeKey(both.node2) },
    ports: [{ containerPort: 1, hostPort: 8080, protocol: "tcp" }],
  });
  const found = check().problems.map(({ property, reason }) => `${property}: ${reason}`);
  expect(found).toEqual([
    expect.stringMatching(/^ports: port 8080\/tcp of host 'node2' is published by replica db-0/),
  ]);
  checked({ publish: ["8081:10001/tcp"] });
  expect(
    check({ deployment: "plums", publish: ["127.0.0.1:8081:10001/tcp"] }).problems[0]?.reason,
  ).toMatch(/published by the ports of deployment 'apples' that answer everywhere/);
});

test("what a transform has broken is refused in words", () => {
  const { check } = fixture();
  expect(check({ config: 1 }).problems[0]?.reason).toMatch(/leave it as it is/);
});

import { weaveOnHosts } from "../../provider/adapters/weave/host-network";
import { UNKNOWN } from "../../provider/core/unknown";
import { newestConnection } from "../../provider/handlers/connections";
import { hostHandler } from "../../provider/handlers/host";
import { weaveFixture } from "./weave-fixture";

function fixture() {
  const all = weaveFixture(1);
  all.world.commands.set("ip", () => ({
    stdout:
      "default via 10.0.0.254 dev eth0\n10.0.0.0/24 dev eth0 scope link\n172.17.0.0/16 dev docker0\n" +
      "10.40.0.0/13 dev weave scope link\n",
  }));
  const handler = hostHandler(all.context, weaveOnHosts(all.options.weaveOf));
  const props = { cluster: "net", name: "node1", connection: all.connection("node1") };
  return { ...all, handler, props, inputs: handler.check({}, props).inputs };
}

test("a host is found as it is", async () => {
  const { handler, inputs, weave } = fixture();
  const { id, outs } = await handler.create(inputs);
  expect(id).toBe("net/node1");
  expect(outs).toMatchObject({
    ...inputs,
    architecture: "amd64",
    weaveVersion: "2.6.5",
    routes: ["10.0.0.0/24", "172.17.0.0/16"],
    hasOpenVSwitch: false,
  });
  expect(outs.dockerVersion).toMatch(/^\d+\./);
  expect(outs.dockerApiVersion).toMatch(/^\d+\.\d+$/);
  expect(weave("node1").calls).toEqual([]);
  expect(await handler.update(id, outs, inputs)).toEqual(outs);
  await handler.delete(id, outs);
});

test("its connection is remembered in check, unless it is not known yet", () => {
  const { handler, props } = fixture();
  const rotated = { ...props.connection, privateKey: "rotated" };
  expect(handler.check({}, { ...props, connection: rotated })).toEqual({
    inputs: { ...props, connection: rotated },
    problems: [],
  });
  expect(newestConnection(props.connection)).toEqual(rotated);
  handler.check({}, { ...props, connection: { ...rotated, privateKey: UNKNOWN } });
  expect(newestConnection(props.connection)).toEqual(rotated);
  expect(handler.check({}, { ...props, connection: UNKNOWN }).problems).toEqual([]);
});

test("what is missing is told by its name", () => {
  const { handler } = fixture();
  const { problems } = handler.check({}, { cluster: "", connection: {} });
  expect(problems).toEqual([
    { property: "cluster", reason: "is empty" },
    { property: "name", reason: "is missing" },
    { property: "connection", reason: "needs a host: the address that this machine dials" },
  ]);
});

test.each([
  ["the host does not answer", { down: true }, /node1.*does not answer/],
  ["Docker is absent", { withoutDocker: true }, /node1.*Docker|Docker.*node1/],
])("%s: one clear sentence", async (_what, faults, message) => {
  const { handler, inputs, world } = fixture();
  world.setFaults("node1", faults);
  await expect(handler.create(inputs)).rejects.toThrow(message);
});

test("sudo that is refused is told first", async () => {
  const { handler, props, world } = fixture();
  world.setFaults("node1", { refusesSudo: true });
  const { inputs } = handler.check(
    {},
    { ...props, connection: { ...props.connection, user: "deploy" } },
  );
  await expect(handler.create(inputs)).rejects.toThrow(
    /user 'deploy' may not run sudo without a password/,
  );
});

test("a host without the weave command is told how to get it", async () => {
  const { handler, inputs, weave } = fixture();
  weave("node1").commandVersion = undefined;
  await expect(handler.create(inputs)).rejects.toThrow(
    /^The weave command is not on host 'node1' \(looked in PATH and \/usr\/local\/bin\)\. `bootstrap: true` at the host in the program installs it/,
  );
});

test("a refresh looks again; a host that does not answer keeps its state, with a warning", async () => {
  const { handler, inputs, world, weave, reported } = fixture();
  const { id, outs } = await handler.create(inputs);
  weave("node1").commandVersion = "2.8.1";
  expect(await handler.read(id, outs)).toEqual({ outs: { ...outs, weaveVersion: "2.8.1" } });
  world.setFaults("node1", { down: true });
  expect(await handler.read(id, outs)).toEqual({ outs });
  expect(reported.join()).toMatch(/'node1'.*does not answer.*is kept as it was/);
});

describe("a host that Ferry cannot work on is refused as it is found", () => {
  const REWEAVE = { commandVersion: "2.9.0", images: "rajchaudhuri" };

  test.each([
    [
      "Docker 28 with weaveworks' Weave",
      { version: "28.5.2", minApiVersion: "1.24" },
      {},
      /^using it as a host of the cluster was refused on host 'node1': Docker 28\.5\.2 there needs Weave from reWeave 2\.8\.3 or later.*; it has 2\.6\.5\. Say `weave: .*, or put reWeave's command .*\. Nothing was changed\.$/,
    ],
    ["Podman", { engine: "podman" as const }, {}, /'node1'.*Podman's.*Install Docker itself/],
    ["rootless Docker", { rootless: true }, {}, /'node1'.*rootless/],
    [
      "two faults: both are told",
      { rootless: true, version: "26.1.5", minApiVersion: "1.24" },
      {},
      /rootless.*reWeave/,
    ],
  ])("%s", async (_what, docker, weave, message) => {
    const all = fixture();
    all.world.change(({ hosts }) => Object.assign(hosts["node1"]!, { docker }));
    Object.assign(all.weave("node1"), weave);
    await expect(all.handler.create(all.inputs)).rejects.toThrow(message);
  });

  test("one that fits with reWeave is taken without a word", async () => {
    const all = fixture();
    const docker = { version: "29.0.1", minApiVersion: "1.44" };
    all.world.change(({ hosts }) => Object.assign(hosts["node1"]!, { docker }));
    Object.assign(all.weave("node1"), REWEAVE);
    const { outs } = await all.handler.create(all.inputs);
    expect(outs).toMatchObject({ weaveVersion: "2.9.0" });
    expect(all.reported).toEqual([]);
  });

  test("what is untried there is told, and no obstacle", async () => {
    const all = fixture();
    const docker = { version: "31.0.0", minApiVersion: "1.44" };
    all.world.change(({ hosts }) => Object.assign(hosts["node1"]!, { docker }));
    Object.assign(all.weave("node1"), REWEAVE);
    await all.handler.create(all.inputs);
    expect(all.reported).toEqual([
      "host 'node1': Docker 31.0.0 is newer than 29, the newest that is tried.",
    ]);
  });
});

test("what the program says of Weave is what a host is judged by, whatever command it has", async () => {
  const all = fixture();
  const asked: unknown[] = [];
  const network = weaveOnHosts((host, source) => {
    asked.push(source);
    const weave = all.options.weaveOf(host);
    if (source?.images !== undefined) weave.images = source.images;
    return weave;
  });
  const handler = hostHandler(all.context, network);
  const docker = { version: "29.0.1", minApiVersion: "1.44" };
  all.world.change(({ hosts }) => Object.assign(hosts["node1"]!, { docker }));
  await expect(handler.create(all.inputs)).rejects.toThrow(/needs Weave from reWeave 2\.8\.3/);
  const weave = { version: "2.9.0", images: "rajchaudhuri" };
  const { inputs } = handler.check({}, { ...all.props, weave });
  expect(inputs).toMatchObject({ weave });
  expect((await handler.create(inputs)).outs).toMatchObject({ weaveVersion: "2.6.5" });
  expect(asked).toEqual([undefined, weave]);
});

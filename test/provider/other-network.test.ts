import { createBody } from "../../provider/adapters/docker/create-body";
import { fakeHostDirectory } from "../../provider/adapters/fakes/fake-host-directory";
import { FakeWorld } from "../../provider/adapters/fakes/fake-world";
import { hostNetwork } from "../../provider/adapters/network";
import { readBootstrap, type BootstrapSettings } from "../../provider/core/bootstrap/settings";
import { bootstrapSteps } from "../../provider/core/bootstrap/steps";
import { checkSurroundings } from "../../provider/core/addresses/surroundings";
import { parseCidr } from "../../provider/core/addresses/ipv4";
import { hostHandler } from "../../provider/handlers/host";
import { Programs } from "../../provider/handlers/programs";
import type * as Double from "./other-network";
import { cleared } from "./other-network";
import { fakeReplica, HOSTS, IMAGE, messageOf, onNode1, program } from "./replica-fixture";

// The two rows that a network stands in.
jest.mock("../../provider/core/network", () => ({
  network: jest.requireActual<typeof Double>("./other-network").otherNetwork,
}));
jest.mock("../../provider/adapters/network", () => ({
  hostNetwork: jest.requireActual<typeof Double>("./other-network").otherNetworkOnHosts,
}));

const onIt = () => fakeReplica(undefined, (tools) => ({ ...tools, overlay: hostNetwork.overlay }));

/** What Docker was asked for on this host, as text. */
const asked = (world: FakeWorld, host: string) =>
  world.host(host).containers.map(({ request }) => JSON.stringify(createBody(request)));

describe("a replica on another network", () => {
  test("gets its address by that network's word, its name by that network's domain", async () => {
    const { handler, world } = onIt();
    const { dnsDomain: _none, ...props } = program("node1");
    const { inputs } = handler.check({}, { ...props });
    const { outs } = await handler.create(inputs);
    expect(outs).toMatchObject({ dnsDomain: "hawser.test" });
    const body = asked(world, "node1").join("\n");
    expect(body).toContain('"HAWSER_ADDRESSES=10.40.0.2/24"');
    expect(body).toContain('"Domainname":"apples.hawser.test"');
    expect(JSON.stringify(outs) + body).not.toMatch(/weave/i);
  });

  test("moves, with its data, and nobody answers for it where it was", async () => {
    const it = await onNode1(undefined, (tools) => ({ ...tools, overlay: hostNetwork.overlay }));
    cleared.length = 0;
    await it.handler.update("id", it.state, it.placed("node2"));
    expect(it.running()).toEqual(["node2"]);
    expect(it.files("node2")).toHaveProperty("mark");
    expect(cleared).toContain("node2");
    expect(it.reported.join("\n")).not.toMatch(/weave/i);
  });

  test("is told in that network's words where it cannot start, and what it may not set", async () => {
    const { handler, placed, world } = onIt();
    world.setFaults("node1", { withoutProxy: true });
    const said = await messageOf(handler.create(placed("node1")));
    expect(said).toMatch(/Hawser's agent.*\/run\/hawser\.sock.*Start Hawser there/s);
    const environment = { HAWSER_ADDRESSES: "10.40.0.9/24" };
    const { problems } = handler.check({}, { ...program("node1", { environment }) });
    expect(problems).toEqual([
      expect.objectContaining({ reason: expect.stringContaining("Ferry sets it") }),
    ]);
    const free = handler.check({}, { ...program("node1", { environment: { WEAVE_CIDR: "x" } }) });
    expect(free.problems).toEqual([]);
  });
});

describe("a host of another network", () => {
  const connection = { host: "node1", privateKey: "key", hostKey: "ssh-ed25519 AAAA" };
  const reported: string[] = [];
  const hostOf = (more: object) => {
    const world = FakeWorld.open()
      .addHosts(...HOSTS)
      .addImage(IMAGE, ...HOSTS);
    const ip = "10.0.0.0/24 dev eth0 scope link\n10.40.0.0/13 dev hawser0 scope link\n";
    world.commands.set("ip", () => ({ stdout: ip }));
    const progress = { info: () => undefined, warn: (line: string) => void reported.push(line) };
    const context = { hosts: fakeHostDirectory(world), progress };
    const handler = hostHandler(context, undefined, new Programs());
    const { inputs } = handler.check({}, { cluster: "net", name: "node1", connection, ...more });
    return handler.create(inputs);
  };

  test("is found with what that network says of it", async () => {
    const { outs } = await hostOf({ hawser: "1.2" });
    expect(outs).toMatchObject({ hawser: "1.2", hawserVersion: "1.2", routes: ["10.0.0.0/24"] });
    expect(reported.join("\n") + JSON.stringify(outs)).not.toMatch(/weave/i);
  });

  test("is refused by that network's rows, before anything is touched", async () => {
    expect(await messageOf(hostOf({ hawser: "0.9" }))).toMatch(
      /host.*node1.*its Hawser is 0\.9, which forgets addresses.*Nothing was changed/s,
    );
  });

  test("is prepared with that network's parts, after Ferry's own", () => {
    const settings = readBootstrap({ docker: false, mirrors: { hawser: "https://here.test" } });
    const steps = bootstrapSteps(settings as BootstrapSettings, (name) => `run ${name}\n`, []);
    expect(steps.map(({ part }) => part)).toEqual(["system", "tools", "hawser"]);
    expect(steps.at(-1)?.command).toContain("Hawser, unless it is there");
    expect(steps.at(-1)?.stdin({})).toContain("hawser_url='https://here.test/hawser'");
    expect(readBootstrap({ weave: false })).toEqual([
      ["bootstrap.weave", expect.stringContaining("there is docker, tools, hawser")],
    ]);
  });
});

test("a pool is told of that network's own range", () => {
  const settings = { pool: parseCidr("10.40.0.0/13"), exclude: [] };
  const [problem] = checkSurroundings(settings, parseCidr("10.32.0.0/12"), []);
  expect(problem?.reason).toContain("overlaps Hawser's own range");
});

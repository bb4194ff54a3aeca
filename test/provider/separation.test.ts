import { fakeHostDirectory } from "../../provider/adapters/fakes/fake-host-directory";
import { fakeSeparation } from "../../provider/adapters/fakes/fake-separation";
import { FakeWorld } from "../../provider/adapters/fakes/fake-world";
import type { Host } from "../../provider/core/adapter-ports";
import { separationId } from "../../provider/core/network/separation";
import { UNKNOWN } from "../../provider/core/unknown";
import { PartialStateError } from "../../provider/handlers/handler";
import { separationHandler } from "../../provider/handlers/separation";
import { Ways } from "../../provider/handlers/ways";
import { separationContract } from "../contracts/separation-contract";

const of = { project: "shop", stack: "prod", deployment: "apples" };
const ID = separationId(of);
const way = (host: string) => ({ host, hostKey: "k" });
const both = { node1: way("n1"), node2: way("n2") };

function fixture() {
  const world = FakeWorld.open().addHosts("node1", "node2", "node3");
  const warned: string[] = [];
  const progress = { info: () => undefined, warn: (text: string) => void warned.push(text) };
  const context = { hosts: fakeHostDirectory(world), progress };
  const handler = separationHandler(context, fakeSeparation(world), new Ways());
  const checked = (news: object = {}, olds = {}) => {
    const { inputs, problems } = handler.check(olds, {
      ...{ ...of, cluster: "net", rules: "first", connections: both, ...news },
    });
    expect(problems).toEqual([]);
    return inputs;
  };
  const rulesOn = () =>
    ["node1", "node2", "node3"].map((host) => {
      const file = world.host(host).files[`/separation/${ID}`];
      return file && Buffer.from(file.content, "base64").toString();
    });
  return { world, warned, handler, checked, rulesOn };
}

test("every host of the cluster has the rules, and newer ones in their place", async () => {
  const { handler, checked, rulesOn } = fixture();
  const { id, outs } = await handler.create(checked());
  expect(id).toBe(ID);
  expect(rulesOn()).toEqual(["first", "first", undefined]);
  await handler.update(id, outs, checked({ rules: "second" }));
  expect(rulesOn()).toEqual(["second", "second", undefined]);
});

test("what is kept as inputs has places and no keys: another key is no change, another machine is", () => {
  const { checked } = fixture();
  const before = checked();
  expect(before).not.toHaveProperty("connections");
  const keys = { node1: { ...way("n1"), hostKey: "other" }, node2: way("n2") };
  expect(checked({ connections: keys })).toEqual(before);
  expect(checked({ connections: { ...both, node2: way("n9") } })).not.toEqual(before);
  expect(checked({ connections: UNKNOWN, rules: UNKNOWN })).toMatchObject({ places: UNKNOWN });
});

test("a host that cannot be told fails the run after all others were told, which the next one repeats", async () => {
  const { world, handler, checked, rulesOn } = fixture();
  world.setFaults("node1", { down: true });
  const failed = await handler.create(checked()).catch((error: unknown) => error);
  expect(failed).toBeInstanceOf(PartialStateError);
  expect((failed as Error).message).toMatch(/node1/);
  expect(rulesOn()).toEqual([undefined, "first", undefined]);
  world.setFaults("node1", { down: false });
  const { outs } = failed as PartialStateError;
  await handler.update(ID, outs as never, checked());
  expect(rulesOn()).toEqual(["first", "first", undefined]);
});

test("a host that comes has them; one that leaves keeps them, as replicas may still be there", async () => {
  const { handler, checked, rulesOn } = fixture();
  const { id, outs } = await handler.create(checked());
  const others = { node2: both.node2, node3: way("n3") };
  const after = await handler.update(id, outs, checked({ connections: others }));
  expect(rulesOn()).toEqual(["first", "first", "first"]);
  await handler.delete(id, after);
  expect(rulesOn()).toEqual([undefined, undefined, undefined]);
});

test("rules that are gone are drift, which an update puts right", async () => {
  const { world, handler, checked, warned } = fixture();
  const { id, outs } = await handler.create(checked());
  expect((await handler.read(id, outs))?.inputs).toEqual(checked());
  world.change(({ hosts }) => (hosts["node2"]!.files = {}));
  const read = await handler.read(id, outs);
  expect(read?.inputs?.drift).toEqual(["node2: no rules"]);
  const mended = await handler.update(id, read!.outs, checked());
  expect(mended).not.toHaveProperty("drift");
  world.setFaults("node1", { down: true });
  expect((await handler.read(id, mended))?.inputs).toEqual(checked());
  expect(warned.join()).toMatch(/node1/);
});

describe("as hosts do", () => {
  const world = FakeWorld.open().addHosts("node1");
  let host: Host;
  beforeAll(async () => (host = await fakeHostDirectory(world).open("node1", way("n1"))));
  separationContract("fake", { host: () => host, separation: () => fakeSeparation(world) });
});

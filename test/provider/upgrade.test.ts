import { fakeHostDirectory } from "../../provider/adapters/fakes/fake-host-directory";
import { FakeWorld } from "../../provider/adapters/fakes/fake-world";
import { weaveOnHosts } from "../../provider/adapters/weave/host-network";
import { formatEntry, isInOtherForm, parseEntry } from "../../provider/core/move/journal";
import type { ReplicaInputs } from "../../provider/core/replica/model";
import { addressPoolHandler } from "../../provider/handlers/address-pool";
import { Alive } from "../../provider/handlers/alive";
import type { Handler, Props } from "../../provider/handlers/handler";
import { hostHandler } from "../../provider/handlers/host";
import { lateSubnetHandler } from "../../provider/handlers/late-subnet";
import { meshHandler } from "../../provider/handlers/weave/mesh";
import { peerHandler } from "../../provider/handlers/weave/peer";
import { volumeHandler } from "../../provider/handlers/volume";
import { recorded, worldOf, type RecordedMoves, type RecordedStep } from "./recorded-moves";
import { fakeReplica, REPLICA } from "./replica-fixture";
import { weaveFixture } from "./weave-fixture";

/** What the release before has written (recorded/README.md) is read, and gone on with, as it is. */
interface Resource {
  readonly props: Props;
  readonly id: string;
  readonly inputs: object;
  readonly outs: object;
}

const { resources } = recorded("states") as { resources: Record<string, Resource> };

/** Today's handlers, on hosts where all that is in state is there. */
async function handlers(): Promise<Record<string, Handler<object, object>>> {
  const all = weaveFixture(2);
  all.world.commands.set("ip", () => ({
    stdout:
      "default via 10.0.0.254 dev eth0\n10.0.0.0/24 dev eth0 scope link\n" +
      "10.40.0.0/13 dev weave scope link\n",
  }));
  const own = { ...all.options, alive: new Alive() };
  const progress = { info: () => undefined, warn: () => undefined };
  const volumes = FakeWorld.open().addHosts("node1", "node2");
  const it = fakeReplica();
  const made = {
    host: hostHandler(all.context, weaveOnHosts(own.weaveOf), all.programs),
    "address pool": addressPoolHandler(all.context, all.programs),
    "late subnet": lateSubnetHandler(all.context, all.programs),
    peer: peerHandler(all.context, own),
    mesh: meshHandler(all.context, own),
    volume: volumeHandler({ hosts: fakeHostDirectory(volumes), progress }),
    replica: it.handler,
  } as unknown as Record<string, Handler<object, object>>;
  await Promise.all(
    ["peer node1", "peer node2"].map((name) => made["peer"]!.create(resources[name]!.inputs)),
  );
  await made["mesh"]!.create(resources["mesh"]!.inputs);
  const { props, inputs } = resources["replica"]!;
  await made["replica"]!.create(made["replica"]!.check(inputs, props).inputs);
  return made;
}

/** A moment is another one. */
const withoutTimes = (outs: object) =>
  JSON.parse(
    JSON.stringify(outs, (key, value: unknown) => (key === "since" ? "" : value)),
  ) as object;

/** Of these it kept the ways to all hosts, twice; `place` is what is kept of them in inputs. */
const REACHING = ["replica", "replica that has moved", "volume"];
const fewer = ({ connections: _ways, place: _place, ...kept }: Props) => kept;

describe("state of the release before", () => {
  const kinds = Object.keys(resources).filter((name) => !REACHING.includes(name));
  test.each(kinds)("of a %s differs in nothing", async (name) => {
    const { props, id, inputs, outs } = resources[name]!;
    const handler = (await handlers())[name.replace(/ node\d$/, "")]!;
    const checked = handler.check(inputs, props);
    expect(checked.problems).toEqual([]);
    // Key for key: this is what the engine compares.
    expect(checked.inputs).toEqual(inputs);
    handler.meets?.(outs, checked.inputs);
    expect(withoutTimes(await handler.update(id, outs, checked.inputs))).toEqual(
      withoutTimes(outs),
    );
    const found = await handler.read(id, outs);
    expect(withoutTimes(found?.outs ?? {})).toEqual(withoutTimes(outs));
    expect(found?.inputs ?? inputs).toEqual(inputs);
  });

  test.each(REACHING)("of a %s is the same to the engine, and shrinks", async (name) => {
    const { props, inputs, outs, id } = resources[name]!;
    const handler = (await handlers())[name.split(" ")[0]!]!;
    const checked = handler.check(inputs, props);
    expect(checked.problems).toEqual([]);
    expect(fewer(checked.inputs as Props)).toEqual(fewer(inputs as Props));
    expect(checked.inputs).not.toHaveProperty("connections");
    // No news, though the engine would see some.
    expect(handler.isSame?.(checked.inputs)).toBe(true);
    expect(fewer(outs as Props)).toMatchObject(fewer(inputs as Props));
    if (name === "replica that has moved") return;
    const updated = (await handler.update(id, outs, checked.inputs)) as Props;
    expect(fewer(updated)).toEqual(fewer(outs as Props));
    const all = Object.keys((outs as Props)["connections"] as object);
    const left = Object.keys((updated["connections"] as object | undefined) ?? {});
    expect(left.length).toBeLessThan(all.length);
    const next = handler.check(checked.inputs, props);
    expect(next.inputs).toEqual(checked.inputs);
  });

  test("a change beside that is one", async () => {
    const { props, inputs } = resources["replica"]!;
    const handler = (await handlers())["replica"]!;
    const changed = { ...props, environment: { ANOTHER: "1" } };
    expect(handler.isSame?.(handler.check(inputs, changed).inputs)).toBe(false);
  });
});

const labelled = (moves: RecordedMoves) =>
  moves.steps.map((step): [string, RecordedStep] => [
    `${step.journals}${step.stood ? ", the other one stood" : ""}, killed after ${step.killedAfter}`,
    step,
  ]);

const moves = recorded("moves") as RecordedMoves;
const groupMoves = recorded("group-moves") as RecordedMoves;

describe("journals of the release before", () => {
  const texts = [...moves.steps, ...groupMoves.steps].flatMap(({ hosts }) =>
    Object.values(hosts).flatMap(({ journals }) => Object.values(journals)),
  );
  test.each([...new Set(texts)])("are what this one writes: %s", (text) => {
    const entry = parseEntry(text)!;
    expect(formatEntry(entry)).toBe(text);
    expect(isInOtherForm(entry)).toBe(false);
  });
});

/** One copy runs, on this host, and has all that was written. */
function expectServedOn(it: ReturnType<typeof fakeReplica>, host: string): void {
  expect(it.running()).toEqual([host]);
  expect(Object.keys(it.files(host) ?? {})).toEqual(["mark"]);
}

describe("a move that the release before has left half way", () => {
  test.each(labelled(moves))("is finished: %s", async (_what, step) => {
    const it = fakeReplica(worldOf(moves, step));
    const outs = await it.handler.update(REPLICA, moves.replica, it.placed("node2"));
    expectServedOn(it, "node2");
    expect(outs.host).toBe("node2");
    expect(await it.handler.update(REPLICA, outs, it.placed("node2"))).toEqual(outs);
  });

  test.each(labelled(moves))("or leads back: %s", async (_what, step) => {
    const it = fakeReplica(worldOf(moves, step));
    await it.handler.update(REPLICA, moves.replica, it.placed("node1"));
    expectServedOn(it, "node1");
  });
});

describe("a group's move that the release before has left half way", () => {
  const { replica, member } = groupMoves;
  const { containerId: _id, imageId: _image, epoch: _epoch, ...asBefore } = member!;
  const other: Partial<ReplicaInputs> = asBefore;
  const both = async (host: string, step: RecordedStep) => {
    const it = fakeReplica(worldOf(groupMoves, step));
    await it.handler.update(REPLICA, replica, it.placed(host));
    await it.handler.update("", member!, it.placed(host, { ...other, host }));
    const up = it.world.host(host).containers.filter(({ status }) => status === "running");
    expect(it.running()).toEqual([host]);
    expect(Object.keys(it.files(host) ?? {})).toEqual(["mark"]);
    return up.map(({ name }) => name).sort();
  };

  test.each(labelled(groupMoves))("is finished: %s", async (_what, step) => {
    expect(await both("node2", step)).toContain("apples-redis-0");
  });

  test.each(labelled(groupMoves))("or leads back: %s", async (_what, step) => {
    expect(await both("node1", step)).toContain("apples-redis-0");
  });
});

import { LABELS } from "../../provider/core/identity";
import { journalPath } from "../../provider/core/move/journal";
import type { ReplicaInputs, ReplicaState } from "../../provider/core/replica/model";
import { dynamicMethods } from "../../provider/handlers/dynamic";
import { PartialStateError } from "../../provider/handlers/handler";
import { fakeReplica, HOSTS, IMAGE, messageOf, onNode1, program, REPLICA } from "./replica-fixture";

type It = ReturnType<typeof fakeReplica>;

const PEARS = "shop/prod/pears/redis/0";
const DATA = program("node1").volumes["data"]!;

/** The program after the deployment was renamed: apples -> pears. */
function asPears(change: Partial<ReplicaInputs> = {}, formerly = true): Partial<ReplicaInputs> {
  const data = { ...DATA, id: "shop/prod/pears/data" };
  const before = { formerly: ["shop/prod/apples/data"] };
  return {
    deployment: "pears",
    volumes: { data: formerly ? { ...data, ...before } : data },
    ...(formerly ? { formerly: "shop/prod/apples" } : {}),
    ...change,
  };
}

/** Somebody else's deployment, by the name that ours had. */
const NEW_APPLES: Partial<ReplicaInputs> = {
  ip: "10.40.0.9",
  spec: { image: IMAGE, mounts: [{ type: "volume", volume: "store", target: "/data" }] },
  volumes: { store: { ...DATA, id: "shop/prod/apples/store", name: "apples_store" } },
};

const on = ({ world }: It, host: string) =>
  world
    .host(host)
    .containers.map(({ request, status }) => [request.labels[LABELS.replica], status]);
const journalsOn = ({ world }: It, host: string) => Object.keys(world.host(host).files).sort();

/** What the engine keeps of an update that failed in the middle. */
async function failing(
  it: It,
  state: ReplicaState,
  inputs: ReturnType<It["placed"]>,
): Promise<ReplicaState> {
  const error = await it.handler.update(REPLICA, state, inputs).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(PartialStateError);
  return { ...inputs, ...(error as PartialStateError).outs } as ReplicaState;
}

describe("a name that somebody else has by now, and that the program still calls its own", () => {
  async function both() {
    const it = await onNode1();
    const there = await it.handler.update(REPLICA, it.state, it.placed("node2"));
    const back = await it.handler.update(REPLICA, there, it.placed("node1"));
    const pears = await it.handler.update(REPLICA, back, it.placed("node1", asPears()));
    const apples = await it.handler.create(it.placed("node3", NEW_APPLES));
    return { it, pears, apples: apples.outs };
  }
  const theirs = [[REPLICA, "running"]];

  test("a change of ours leaves theirs alone, and says so", async () => {
    const { it, pears } = await both();
    const before = it.world.host("node3");
    const change = asPears({ environment: { A: "1" } });
    const outs = await it.handler.update(PEARS, pears, it.placed("node1", change));
    expect(it.world.host("node3")).toEqual(before);
    expect(on(it, "node1")).toEqual([[PEARS, "running"]]);
    expect(outs.epoch).toBe(pears.epoch + 1);
    expect(it.warned.at(-1)).toMatch(
      /'shop\/prod\/apples\/redis\/0' on host 'node3' has a name that it had before, and is not of its history/,
    );
  });

  test("so does a move, also to their host", async () => {
    const { it, pears } = await both();
    const outs = await it.handler.update(PEARS, pears, it.placed("node3", asPears()));
    expect(on(it, "node3").sort()).toEqual(
      [
        [REPLICA, "running"],
        [PEARS, "running"],
      ].sort(),
    );
    await it.handler.update(PEARS, outs, it.placed("node2", asPears()));
    expect(on(it, "node3")).toEqual(theirs);
    expect(on(it, "node2")).toEqual([[PEARS, "running"]]);
  });

  test("so does a refresh, a lost state and the deletion, which leaves their journals as well", async () => {
    const { it, pears, apples } = await both();
    const moved = await it.handler.update(REPLICA, apples, it.placed("node2", NEW_APPLES));
    const back = await it.handler.update(REPLICA, moved, it.placed("node3", NEW_APPLES));
    expect(back.host).toBe("node3");
    const journals = HOSTS.map((host) => journalsOn(it, host).includes(journalPath(REPLICA)));
    expect(journals).toEqual([false, true, true]);
    expect((await it.handler.read(PEARS, pears))?.outs).toMatchObject({ host: "node1" });
    const { outs } = await it.handler.create(it.placed("node1", asPears()));
    expect(outs.host).toBe("node1");
    await it.handler.delete(PEARS, outs);
    expect(on(it, "node3")).toEqual(theirs);
    expect(HOSTS.map((host) => journalsOn(it, host).includes(journalPath(REPLICA)))).toEqual(
      journals,
    );
  });

  test("and they do not start on the older copy that ours has left on another host", async () => {
    const it = await onNode1();
    const there = await it.handler.update(REPLICA, it.state, it.placed("node2"));
    await it.handler.update(REPLICA, there, it.placed("node2", asPears()));
    const before = it.world.host("node1");
    // Its own hosts are others: it knows of no place where ours lives now.
    const { node1 } = program("node1").connections;
    const alone = { ip: "10.40.0.9", connections: { node1: node1! } };
    const said = await messageOf(it.handler.create(it.placed("node1", alone)));
    expect(said).toContain(
      "'shop/prod/pears/redis/0' has a copy of its data in Docker volume 'apples_data'",
    );
    expect(it.world.host("node1")).toEqual(before);
  });
});

describe("a host that was silent when its replica was renamed", () => {
  /** Lost with the newest data; begun anew from the copy on node1; and renamed meanwhile. */
  async function renamedWithout(silent: string, inOneRun: boolean) {
    const it = await onNode1();
    const there = await it.handler.update(REPLICA, it.state, it.placed(silent));
    it.world.setFaults(silent, { down: true });
    const lost = { onSourceLost: "useLastCopy" as const };
    const state = inOneRun
      ? there
      : await it.handler.update(REPLICA, there, it.placed("node1", lost));
    const id = inOneRun ? REPLICA : state.host;
    const pears = await it.handler.update(id, state, it.placed("node1", asPears(lost)));
    expect(on(it, "node1")).toEqual([[PEARS, "running"]]);
    expect(pears.unsettled).toEqual({ "shop/prod/apples": [silent] });
    return { it, pears };
  }

  test.each([
    ["in the same run", true],
    ["in a later run", false],
  ])("comes back with its copy, which is stopped and kept aside (%s)", async (_name, inOneRun) => {
    const { it, pears } = await renamedWithout("node3", inOneRun);
    // Still away, and the program says `formerly` no more.
    const bare = it.placed("node1", asPears({ environment: { A: "1" } }, false));
    const still = await it.handler.update(PEARS, pears, bare);
    expect(still.unsettled).toEqual({ "shop/prod/apples": ["node3"] });
    expect(still).not.toHaveProperty("formerly");
    it.world.setFaults("node3", { down: false });
    expect(on(it, "node3")).toEqual([[REPLICA, "running"]]);
    expect((await it.handler.read(PEARS, still))?.outs.host).toBe("node1");
    const next = it.placed("node1", asPears({ environment: { A: "2" } }, false));
    const applied = await it.handler.update(PEARS, still, next);
    expect(on(it, "node3")).toEqual([]);
    expect(it.world.host("node3").volumes.map(({ name }) => name)).toEqual([
      expect.stringMatching(/^apples_data-aside-/),
    ]);
    expect(journalsOn(it, "node3")).not.toContain(journalPath(REPLICA));
    expect(applied).not.toHaveProperty("unsettled");
    expect((await it.handler.read(PEARS, applied))?.inputs).toEqual(next);
  });
});

describe("a rename that fails midway", () => {
  test("where it is, is put back as it was, and done by the next run", async () => {
    const it = await onNode1();
    const before = it.world.host("node1").containers.map(({ request }) => request.name);
    it.world.failNext("node1", { call: "docker.start" });
    const inputs = it.placed("node1", asPears());
    expect(await messageOf(it.handler.update(REPLICA, it.state, inputs))).toContain(
      "The container that was there before is back.",
    );
    expect(on(it, "node1")).toEqual([[REPLICA, "running"]]);
    expect(it.world.host("node1").containers.map(({ request }) => request.name)).toEqual(before);
    const outs = await fakeReplica(it.world).handler.update(REPLICA, it.state, inputs);
    expect(on(it, "node1")).toEqual([[PEARS, "running"]]);
    expect(outs).toMatchObject({ deployment: "pears", accepted: ["shop/prod/apples/data"] });
  });

  test.each([
    ["on its way to another host", "node2", "mover.round"],
    ["on its way, in the cutover", "node2", "cutover.open barrier"],
  ])("is gone on with, without `formerly` as well (%s)", async (_name, host, call) => {
    const it = await onNode1();
    it.world.failNext(host, { call });
    const inputs = it.placed(host, asPears());
    const state = await failing(it, it.state, inputs);
    expect(it.running()).toHaveLength(1);
    const { inputs: bare, problems } = it.handler.check(inputs, {
      ...program(host, asPears({}, false)),
    });
    expect(problems).toEqual([]);
    const { replaces } = await dynamicMethods(it.handler).diff("id", { ...state }, { ...bare });
    expect(replaces).toEqual([]);
    const outs = await it.handler.update(REPLICA, state, bare);
    expect(HOSTS.flatMap((name) => on(it, name))).toEqual([[PEARS, "running"]]);
    expect(Object.keys(it.files(host) ?? {})).toEqual(["mark"]);
    expect(outs).toMatchObject({ deployment: "pears", accepted: ["shop/prod/apples/data"] });
    await it.handler.delete(PEARS, outs);
    for (const name of HOSTS)
      expect(it.world.host(name)).toMatchObject({ containers: [], files: {} });
  });
});

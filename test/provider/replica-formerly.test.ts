import { LABELS } from "../../provider/core/identity";
import { journalPath } from "../../provider/core/move/journal";
import type { PlacedReplica, ReplicaInputs } from "../../provider/core/replica/model";
import { dynamicMethods } from "../../provider/handlers/dynamic";
import { fakeReplica, HOSTS, messageOf, onNode1, program, REPLICA } from "./replica-fixture";
import { client, watched } from "./replica-watch";

/** The program after `pulumi stack rename`: prod -> live. */
const RENAMED = { stack: "live", formerly: "shop/prod" };
const AS_LIVE = "shop/live/apples/redis/0";
const volumeOf = (formerly: string[] = ["shop/prod/apples/data"]) => ({
  data: { ...program("node1").volumes["data"]!, id: "shop/live/apples/data", formerly },
});
const renamed = (change: Partial<ReplicaInputs> = {}): Partial<ReplicaInputs> => ({
  ...RENAMED,
  volumes: volumeOf(),
  ...change,
});
const named = (change: object) => change as Partial<ReplicaInputs>;

const labelsOn = ({ world }: ReturnType<typeof fakeReplica>, host: string) =>
  world
    .host(host)
    .containers.map(({ request, status }) => [request.labels[LABELS.replica], status]);
const names = (files: object | undefined) => Object.keys(files ?? {}).sort();

describe("a renamed stack", () => {
  const asInputs = ({ placed }: ReturnType<typeof fakeReplica>) => placed("node1");

  test("without a word of who it was is refused before anything is done, with the word to say", async () => {
    const it = await onNode1();
    const { problems } = it.handler.check(asInputs(it), { ...program("node1", { stack: "live" }) });
    expect(problems).toEqual([
      {
        property: "stack",
        reason:
          "'shop/prod/apples' is called 'shop/live/apples' now. Say `formerly: \"shop/prod\"`, and its containers and data " +
          "are taken over; without that they would be left behind.",
      },
    ]);
  });

  test("is an update, no replacement, and the preview says what is taken over", async () => {
    const it = await onNode1();
    const olds = asInputs(it);
    const { inputs, problems } = it.handler.check(olds, { ...program("node1", renamed()) });
    expect(problems).toEqual([]);
    expect(it.reported.at(-1)).toMatch(
      /^apples\/redis: takes over its container and data from 'shop\/prod\/apples': .* one stop/,
    );
    const methods = dynamicMethods(it.handler);
    const diff = await methods.diff("id", { ...olds }, { ...inputs });
    expect(diff.replaces).toEqual([]);
    const other = { ...inputs, index: 1, formerly: undefined };
    expect((await methods.diff("id", { ...olds }, other)).replaces).toEqual(["index"]);
  });

  test.each<[string, number, string]>([
    ["where it is", 0, "node1"],
    ["on its way to another host", 0, "node2"],
    ["after moves, of which journals tell", 2, "node1"],
    ["after a move, back where it was", 1, "node1"],
  ])("takes container, data and journals over %s", async (_name, moves, host) => {
    const it = await onNode1();
    let state = it.state;
    for (const next of ["node2", "node1"].slice(0, moves)) {
      state = await it.handler.update(REPLICA, state, it.placed(next));
    }
    const { acknowledged, look } = client(it.world);
    const run = watched(
      it.world,
      () => undefined,
      () => undefined,
    );
    look();
    const outs = await run.handler.update(REPLICA, state, run.placed(host, renamed()));
    expect(outs).toMatchObject({ host, accepted: ["shop/prod/apples/data"] });
    expect(labelsOn(run, host)).toEqual([[AS_LIVE, "running"]]);
    expect(HOSTS.flatMap((name) => labelsOn(run, name))).toHaveLength(1);
    for (const { name } of acknowledged) expect(names(run.files(host))).toContain(name);
    expect(names(run.files(host))).toContain("mark");
    for (const name of HOSTS) {
      expect(Object.keys(run.world.host(name).files)).not.toContain(journalPath(REPLICA));
    }
    // From then on it is as any other, and a move by its new name finds its older copies.
    const away = await run.handler.update(AS_LIVE, outs, run.placed("node3", renamed()));
    const back = await run.handler.update(AS_LIVE, away, run.placed(host, renamed()));
    expect(run.running()).toEqual([host]);
    expect(names(run.files(host))).toContain("mark");
    await run.handler.delete(AS_LIVE, back);
    for (const name of HOSTS) {
      expect(run.world.host(name)).toMatchObject({ containers: [], files: {} });
    }
  });

  test("still knows its volume when the program says `formerly` no more", async () => {
    const it = await onNode1();
    const outs = await it.handler.update(REPLICA, it.state, it.placed("node1", renamed()));
    const { formerly: _formerly, ...bare } = volumeOf().data;
    const change = named({ stack: "live", volumes: { data: bare }, environment: { A: "1" } });
    const inputs = it.placed("node1", change);
    const changed = await it.handler.update(AS_LIVE, outs, inputs);
    expect(changed).toMatchObject({ accepted: ["shop/prod/apples/data"], volumes: { data: bare } });
    expect(it.running()).toEqual(["node1"]);
    expect(names(it.files("node1"))).toEqual(["mark"]);
    expect((await it.handler.read(AS_LIVE, changed))?.inputs).toEqual(inputs);
  });

  test("may be interrupted at any call of the take-over: never two copies, and nothing is lost", async () => {
    class Killed extends Error {}
    const fresh = async () => {
      const it = await onNode1();
      const there = await it.handler.update(REPLICA, it.state, it.placed("node2"));
      return { it, state: await it.handler.update(REPLICA, there, it.placed("node1")) };
    };
    const calls: string[] = [];
    const first = await fresh();
    const counting = watched(
      first.it.world,
      (call) => void calls.push(call),
      () => undefined,
    );
    await counting.handler.update(REPLICA, first.state, counting.placed("node1", renamed()));
    expect(calls.length).toBeGreaterThan(20);
    for (let at = 0; at < calls.length; at++) {
      const { it, state } = await fresh();
      let made = 0;
      const running = () =>
        HOSTS.flatMap((host) => labelsOn(it, host)).filter(([, status]) => status === "running");
      const killed = watched(
        it.world,
        () => {
          if (made >= at) throw new Killed();
        },
        () => {
          made += 1;
          expect(running().length).toBeLessThanOrEqual(1);
        },
      );
      await killed.handler
        .update(REPLICA, state, killed.placed("node1", renamed()))
        .catch(() => undefined);
      it.world.around = {};
      const again = fakeReplica(it.world);
      await again.handler.update(REPLICA, state, again.placed("node1", renamed()));
      expect({ call: calls[at], on: labelsOn(again, "node1") }).toEqual({
        call: calls[at],
        on: [[AS_LIVE, "running"]],
      });
      expect(names(again.files("node1"))).toContain("mark");
    }
  }, 60_000);
});

test("a renamed deployment keeps its volume and its data", async () => {
  const it = await onNode1();
  const data = { ...program("node1").volumes["data"]!, id: "shop/prod/pears/data" };
  const change = named({
    deployment: "pears",
    formerly: ["shop/prod/apples"],
    volumes: { data: { ...data, formerly: ["shop/prod/apples/data"] } },
  });
  const outs = await it.handler.update(REPLICA, it.state, it.placed("node1", change));
  expect(outs).toMatchObject({ containerName: "pears-redis-0", ip: it.state.ip });
  expect(it.world.host("node1").containers.map(({ name }) => name)).toEqual(["pears-redis-0"]);
  expect(names(it.files("node1"))).toEqual(["mark"]);
});

test.each(["prod", "shop/prod/apples/redis", "shop//x", ""])("'%s' names nobody", (formerly) => {
  const { handler } = fakeReplica();
  const { problems } = handler.check({}, { ...program("node1", { formerly }) });
  expect(problems).toEqual([
    {
      property: "formerly",
      reason: `'${formerly}' is neither "project/stack" nor "project/stack/deployment".`,
    },
  ]);
});

describe("a lost state", () => {
  const suggesting = (it: ReturnType<typeof fakeReplica>, suggestedHost: string, olds = {}) => {
    const given = program(undefined, { suggestedHost });
    const { inputs, problems } = it.handler.check(olds, { ...given });
    expect(problems).toEqual([]);
    return inputs;
  };

  test("a replica without `host` is taken over where it runs, and stays there", async () => {
    const it = await onNode1();
    const moved = await it.handler.update(REPLICA, it.state, it.placed("node3"));
    const before = it.world.host("node3").containers;
    const inputs = suggesting(it, "node2");
    const { outs } = await it.handler.create(inputs);
    expect(outs).toMatchObject({ host: "node3", insteadOf: "node2", epoch: moved.epoch });
    expect(it.world.host("node3").containers).toEqual(before);
    expect(it.reported.at(-1)).toMatch(/it runs on node3 already, and is taken over there/);
    // The next runs see no change, and a change of something else is no move.
    expect(suggesting(it, "node1", inputs)).toEqual(inputs);
    const changed = { ...inputs, healthTimeoutSeconds: 7 } as PlacedReplica;
    const next = await it.handler.update(REPLICA, outs, changed);
    expect(next).toMatchObject({ host: "node3", insteadOf: "node2" });
    expect(it.running()).toEqual(["node3"]);
    // A refresh makes it its host.
    const read = await it.handler.read(REPLICA, next);
    expect(read).toMatchObject({ inputs: { host: "node3" }, outs: { host: "node3" } });
    const { insteadOf: _gone, ...rest } = read!.outs;
    expect(read!.outs).toEqual(rest);
    expect(suggesting(it, "node1", read!.inputs)).toMatchObject({ host: "node3" });
  });

  test("one with `host` moves there from where it runs, its data along", async () => {
    const it = await onNode1();
    const { outs } = await it.handler.create(it.placed("node2"));
    expect(outs).toMatchObject({ host: "node2", epoch: 2 });
    expect(it.running()).toEqual(["node2"]);
    expect(names(it.files("node2"))).toEqual(["mark"]);
  });

  test("of a stack that was renamed as well", async () => {
    const it = await onNode1();
    const given = { ...program(undefined, { ...renamed(), suggestedHost: "node2" }) };
    const { inputs } = it.handler.check({}, given);
    expect(it.reported.at(-1)).toMatch(
      /takes over its container and data from 'shop\/prod\/apples' where/,
    );
    const { outs } = await it.handler.create(inputs);
    expect(outs).toMatchObject({ host: "node1", insteadOf: "node2" });
    expect(labelsOn(it, "node1")).toEqual([[AS_LIVE, "running"]]);
    expect(names(it.files("node1"))).toEqual(["mark"]);
    expect(it.world.host("node2").containers).toEqual([]);
  });

  test("a host that the user names later, and that it is on, is no change", () => {
    const { handler } = fakeReplica();
    const inputs = handler.check({}, { ...program(undefined, {}) }).inputs;
    expect(inputs).toMatchObject({ host: "node1", suggested: true });
    expect(handler.check(inputs, { ...program("node1") }).inputs).toEqual(inputs);
    expect(handler.check(inputs, { ...program("node2") }).inputs).not.toHaveProperty("suggested");
  });

  test("nor does another stack get what is not its own", async () => {
    const it = await onNode1();
    const stranger = {
      stack: "dev",
      volumes: { data: { ...program("node1").volumes["data"]!, id: "shop/dev/apples/data" } },
    };
    expect(await messageOf(it.handler.create(it.placed("node1", stranger)))).toMatch(
      /'shop\/prod\/apples\/redis\/0' on host 'node1' answers for it/,
    );
    expect(it.running()).toEqual(["node1"]);
  });
});

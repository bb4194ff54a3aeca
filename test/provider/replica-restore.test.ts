import { fakeUpkeepKey, type FakeTask } from "../../provider/adapters/fakes/fake-upkeep";
import { upkeepName } from "../../provider/core/volume/upkeep";
import { fakeReplica, onNode1, program } from "./replica-fixture";

const restore = (change: object = {}) => ({
  restores: { data: JSON.stringify({ repository: "/srv", password: "pw", ...change }) },
});

test("a volume that is made begins with its backup; state has nothing of it", async () => {
  const { handler, placed, files } = fakeReplica();
  const { outs } = await handler.create(placed("node1", restore()));
  const settings = JSON.parse(files("node1")!["restored"]!.content) as object;
  expect(settings).toMatchObject({ id: "shop/prod/apples/data", snapshot: "latest" });
  expect(JSON.stringify(outs)).not.toContain("/srv");
});

test("one that is there is left as it is", async () => {
  const { handler, placed, files } = fakeReplica();
  const { outs } = await handler.create(placed("node1"));
  await handler.update("", outs, placed("node1", { ...restore(), environment: {} }));
  expect(files("node1")).not.toHaveProperty("restored");
});

test("a repository that cannot be one is refused before anything is made", () => {
  const { handler } = fakeReplica();
  const { problems } = handler.check({}, { ...program("node1", restore({ password: "" })) });
  expect(problems).toEqual([
    {
      property: "restore.password",
      reason: expect.stringMatching(/^volume 'data': there is none/),
    },
  ]);
});

test("a volume may begin with a snapshot of another one", async () => {
  const { handler, placed, files } = fakeReplica();
  const restores = { data: JSON.stringify({ of: "apples_old" }) };
  await handler.create(placed("node1", { restores }));
  expect(files("node1")!["restored"]!.content).toBe("apples_old latest");
});

describe("a snapshot before each change", () => {
  const NAME = upkeepName({ project: "shop", stack: "prod", deployment: "apples", key: "data" });
  const asked = { snapshotsBefore: ["data"] };

  async function withSnapshots() {
    const all = await onNode1();
    all.world.change(({ hosts }) => {
      const tasks = { snapshots: { text: "" } };
      hosts["node1"]!.extra[fakeUpkeepKey(NAME)] = tasks;
    });
    const taken = () => {
      const tasks = all.world.host("node1").extra[fakeUpkeepKey(NAME)] as Record<string, FakeTask>;
      return tasks["snapshots"]?.list?.length ?? 0;
    };
    return { ...all, taken };
  }

  test("is taken where the container was, by a change and by a move", async () => {
    const { handler, placed, state, taken } = await withSnapshots();
    const same = await handler.update("", state, placed("node1", asked));
    expect(taken()).toBe(0);
    const environment = { PASSWORD: "other" };
    const changed = await handler.update("", same, placed("node1", { ...asked, environment }));
    expect(taken()).toBe(1);
    await handler.update("", changed, placed("node2", { ...asked, environment }));
    expect(taken()).toBe(2);
  });

  test("that cannot be taken keeps everything as it is", async () => {
    const { world, handler, placed, state, running } = await withSnapshots();
    world.failNext("node1", { call: "upkeep.snapshotNow" });
    const next = placed("node2", asked);
    await expect(handler.update("", state, next)).rejects.toThrow(/a fault was asked for/);
    expect(running()).toEqual(["node1"]);
  });
});

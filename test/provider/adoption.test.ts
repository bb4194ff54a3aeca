import type { FakeContainer } from "../../provider/adapters/fakes/fake-state";
import {
  adopting,
  anyClient,
  OLD,
  ours,
  put,
  REQUEST,
  VOLUME,
  withTheirs,
} from "./adoption-fixture";
import { fakeReplica, journal, messageOf, program, REPLICA } from "./replica-fixture";
import { runKilledAt, watched } from "./replica-watch";

const summary = (containers: readonly FakeContainer[]) =>
  containers.map(({ name, status, restart }) => [name, status, restart.name]);

describe("what Compose has put up", () => {
  test("is replaced on its host, with its volume, its port, an address, and the old one kept", async () => {
    const it = withTheirs();
    const { outs } = await it.handler.create(it.placed("node1", adopting()));
    expect(summary(it.world.host("node1").containers)).toEqual([
      [`${OLD}-before-ferry`, "exited", "no"],
      ["apples-redis-0", "running", "always"],
    ]);
    const [made] = ours(it.world);
    expect(made).toMatchObject({ proxied: true, request: { volumeNames: { data: VOLUME } } });
    expect(it.world.host("node1").volumes.map(({ name }) => name)).toEqual([VOLUME]);
    expect(outs.adopted).toEqual({ host: "node1", container: it.id });
  });

  test("on the network of another one, it is seen to by its host from now on", async () => {
    const it = withTheirs();
    const lead = put(it.world, "node1", { name: "lead", labels: {}, mounts: [] });
    const { spec } = program("node1");
    const joined = adopting({ spec: { ...spec, networkNamespace: `container:${lead}` } });
    await it.handler.create(it.placed("node1", joined));
    expect(ours(it.world)).toHaveLength(1);
    expect(it.world.host("node1").extra["seesToFollowers"]).toBe(true);
  });

  test("once taken over, nothing changes whether the program still says so or not", async () => {
    const it = withTheirs();
    const placed = it.placed("node1", adopting());
    const { outs } = await it.handler.create(placed);
    const { adopt: _adopt, ...without } = adopting();
    const again = it.handler.check(placed, { ...program("node1", adopting()) });
    expect(again).toEqual({ inputs: placed, problems: [] });
    expect(it.placed("node1", without)).toEqual(placed);
    const before = it.world.host("node1").containers;
    await it.handler.update(REPLICA, outs, placed);
    expect(it.world.host("node1").containers).toEqual(before);
  });

  test("is made of the very image that ran, whatever its name means since", async () => {
    const it = withTheirs();
    const was = it.world.host("node1").images["redis:7"]!;
    it.world.change(({ hosts }) => {
      const { images } = hosts["node1"]!;
      images[was.id] = was;
      images["redis:7"] = { ...was, id: "sha256:newer" };
    });
    await it.handler.create(it.placed("node1", adopting()));
    expect(ours(it.world)[0]?.imageId).toBe(was.id);
  });

  test("moves with its data after that, and leaves no container behind", async () => {
    const it = withTheirs();
    const { outs } = await it.handler.create(it.placed("node1", adopting()));
    const moved = await it.handler.update(REPLICA, outs, it.placed("node2", adopting()));
    expect(it.world.host("node1").containers).toEqual([]);
    expect(it.running()).toEqual(["node2"]);
    const there = it.world.host("node2").volumes.find(({ name }) => name === VOLUME);
    expect(Object.keys(there?.files ?? {})).toEqual(["customers"]);
    expect(moved.adopted).toBeUndefined();
  });

  test("is not removed where somebody has started it again", async () => {
    const it = withTheirs();
    const { outs } = await it.handler.create(it.placed("node1", adopting()));
    it.world.change(({ hosts }) => {
      const old = hosts["node1"]!.containers.find(({ id }) => id === it.id)!;
      old.request = { ...old.request, spec: { ...old.request.spec, ports: [] } };
    });
    const other = watched(
      it.world,
      () => undefined,
      (call, host) => {
        if (call !== "journals.write" || host !== "node2") return;
        it.world.change(({ hosts }) => {
          hosts["node1"]!.containers.find(({ id }) => id === it.id)!.status = "running";
        });
      },
    );
    const moved = await other.handler.update(REPLICA, outs, other.placed("node2", adopting()));
    expect(moved.adopted).toEqual(outs.adopted);
    expect(other.warned.join()).toContain("was started again by somebody");
  });

  test("stays with its data when the replica is deleted", async () => {
    const it = withTheirs({ unnamed: { "/log": "a".repeat(64) } });
    const { outs } = await it.handler.create(it.placed("node1", adopting()));
    await it.handler.delete(REPLICA, outs);
    expect(it.reported.join()).toContain("the container whose place it took stays on host 'node1'");
    expect(summary(it.world.host("node1").containers)).toEqual([
      [`${OLD}-before-ferry`, "exited", "no"],
    ]);
    expect(it.world.host("node1").volumes.map(({ name }) => name)).toEqual([
      VOLUME,
      "a".repeat(64),
    ]);
    expect(it.world.host("node1").files).toEqual({});
    const again = await it.handler.create(it.placed("node1", adopting()));
    expect(again.outs.adopted).toEqual(outs.adopted);
  });

  test("unnamed volumes stay at their paths, through changes as well, and are never removed", async () => {
    const unnamed = "b".repeat(64);
    const it = withTheirs({ unnamed: { "/log": unnamed } });
    const { outs } = await it.handler.create(it.placed("node1", adopting()));
    const mounted = () => ours(it.world)[0]!.request.volumeNames;
    expect(Object.values(mounted())).toContain(unnamed);
    const changed = it.placed("node1", { ...adopting(), environment: { MORE: "1" } });
    const after = await it.handler.update(REPLICA, outs, changed);
    expect(Object.values(mounted())).toContain(unnamed);
    await it.handler.delete(REPLICA, after);
    expect(it.world.host("node1").volumes.map(({ name }) => name)).toContain(unnamed);
  });

  test("is found where it is, when the program names no host", async () => {
    const it = fakeReplica();
    put(it.world, "node3");
    const { inputs } = it.handler.check({}, { ...program(undefined, adopting()) });
    const { outs } = await it.handler.create(inputs);
    expect(outs).toMatchObject({ host: "node3", insteadOf: "node1" });
    expect(it.running()).toEqual(["node3"]);
  });

  test("one that was stopped is taken over as well, and by docker run's name", async () => {
    const it = withTheirs({ status: "exited", name: "my-redis", labels: {} });
    await it.handler.create(it.placed("node1", adopting({ adopt: { container: "my-redis" } })));
    expect(summary(it.world.host("node1").containers)).toEqual([
      ["my-redis-before-ferry", "exited", "no"],
      ["apples-redis-0", "running", "always"],
    ]);
  });

  test("several containers of a service become its replicas in their order", async () => {
    const it = fakeReplica();
    const number = (n: number) => ({
      name: `myapp-redis-${n}`,
      labels: {
        "com.docker.compose.project": "myapp",
        "com.docker.compose.service": "redis",
        "com.docker.compose.container-number": `${n}`,
      },
    });
    put(it.world, "node1", { ...number(4), status: "exited" });
    const second = put(it.world, "node1", { ...number(10), status: "exited" });
    const change = adopting({ index: 1, ip: "10.40.0.3" });
    const { outs } = await it.handler.create(it.placed("node1", change));
    expect(outs.adopted?.container).toBe(second);
  });
});

describe("nothing is touched where", () => {
  const mount = (volume: string, target = "/data") => ({
    mounts: [{ type: "volume" as const, volume: "data", target }],
    volumeNames: { data: volume },
  });
  test.each<[string, Parameters<typeof withTheirs>[0], object, string]>([
    [
      "its data is in another volume",
      mount("other_data"),
      {},
      "has volume 'other_data' at '/data', and the program mounts volume 'myapp_data' there",
    ],
    [
      "its data is at another path",
      mount(VOLUME, "/var/lib/redis"),
      {},
      "at '/var/lib/redis', and the program mounts nothing there",
    ],
    [
      "it has nothing mounted where a volume would come",
      { mounts: [], volumeNames: {} },
      {},
      "where the container has nothing mounted: what it wrote there would be hidden",
    ],
    [
      "its volume is unnamed and the program's is not",
      { mounts: [], volumeNames: {}, unnamed: { "/data": "c".repeat(64) } },
      {},
      "and the program mounts volume 'myapp_data' there",
    ],
    [
      "its data is in a folder",
      { mounts: [{ type: "bind", source: "/srv/redis", target: "/data" }], volumeNames: {} },
      {},
      "has folder '/srv/redis' at '/data'",
    ],
    ["it is paused", { status: "paused" }, {}, "is paused. Let it run, or stop it"],
    [
      "the project is another one",
      {},
      { adopt: { project: "mine", service: "redis" } },
      "is on no host; of projects, the hosts have: myapp. Say which one is meant",
    ],
    [
      "no container has the name",
      {},
      { adopt: { container: "redis" } },
      "container 'redis' is on no host. Say which one is meant",
    ],
    [
      "the program does not say that it is to be taken over",
      {},
      { adopt: undefined },
      "runs on host 'node1' with the same data at the same path. Let the program `adopt` it",
    ],
  ])("%s", async (_name, theirs, change, words) => {
    const it = withTheirs(theirs);
    const before = it.world.host("node1");
    expect(await messageOf(it.handler.create(it.placed("node1", adopting(change))))).toContain(
      words,
    );
    expect(it.world.host("node1")).toEqual(before);
  });

  test("it is on another host than the program names, or on two", async () => {
    const it = withTheirs();
    const create = (change = {}) => it.handler.create(it.placed("node2", adopting(change)));
    expect(await messageOf(create())).toContain("is on host 'node1', and the program wants it on");
    put(it.world, "node2");
    expect(await messageOf(create())).toContain("is on hosts 'node1' and 'node2'");
    const adopt = { ...adopting().adopt, host: "node2" };
    expect((await create({ adopt })).outs.host).toBe("node2");
  });

  test("a host that may have it does not answer", async () => {
    const it = fakeReplica();
    it.world.setFaults("node3", { down: true });
    expect(await messageOf(it.handler.create(it.placed("node1", adopting())))).toContain(
      "is on no host that answers, and host 'node3' does not",
    );
  });
});

/** Nobody is kept off by a port. */
function withoutPorts(it: ReturnType<typeof withTheirs>) {
  it.world.change(({ hosts }) => {
    for (const each of hosts["node1"]!.containers)
      each.request = { ...each.request, spec: { ...each.request.spec, ports: [] } };
  });
  return it;
}
const bare = (change: Parameters<typeof adopting>[0] = {}) =>
  adopting({ spec: program("node1").spec, ...change });

test("a service that the project calls otherwise is not made beside the one with its data", async () => {
  const it = withoutPorts(withTheirs());
  const adopt = { project: "myapp", service: "cache" };
  const said = await messageOf(it.handler.create(it.placed("node1", bare({ adopt }))));
  expect(said).toContain("runs on host 'node1' with the same data at the same path");
  expect(ours(it.world)).toEqual([]);
});

test("what has become a replica does not become another one's as well", async () => {
  const it = withoutPorts(withTheirs());
  await it.handler.create(it.placed("node1", bare()));
  const before = it.world.host("node1");
  const pears = it.placed("node1", bare({ deployment: "pears", ip: "10.40.0.9" }));
  expect(await messageOf(it.handler.create(pears))).toContain(
    `'${REPLICA}' has taken the place of container '${OLD}-before-ferry' on host 'node1', with its data`,
  );
  expect(it.world.host("node1")).toEqual(before);
});

test("an adoption that is killed at any call, and renamed after, never runs twice", async () => {
  let calls = 0;
  for (let at = 0; at === 0 || at < calls; at++) {
    const { world } = withoutPorts(withTheirs());
    const { acknowledged, look } = anyClient(world);
    let made = 0;
    const killed = watched(
      world,
      () => {
        if (made > at) throw new Error("killed");
        look();
      },
      () => {
        look();
        made += 1;
        if (made > at) throw new Error("killed");
      },
    );
    await killed.handler.create(killed.placed("node1", bare())).catch(() => undefined);
    const again = watched(
      world,
      () => {
        calls += at === 0 ? 1 : 0;
        look();
      },
      look,
    );
    const named = bare({ deployment: "pears", formerly: "shop/prod/apples" });
    await again.handler.create(again.placed("node1", named));
    look();
    const up = world.host("node1").containers.filter(({ status }) => status === "running");
    expect({ at, up: up.map(({ name }) => name) }).toEqual({ at, up: ["pears-redis-0"] });
    const kept = world.host("node1").volumes.find((each) => each.name === VOLUME)!.files;
    expect({ at, lost: acknowledged.filter((each) => !(each in kept)) }).toEqual({ at, lost: [] });
  }
});

test("a service that the project has none of is made new", async () => {
  const it = fakeReplica();
  put(it.world, "node1", {
    name: "myapp-web-1",
    labels: { "com.docker.compose.project": "myapp", "com.docker.compose.service": "web" },
    mounts: [],
  });
  await it.handler.create(it.placed("node1", adopting({ spec: { image: "redis:7" } })));
  expect(summary(it.world.host("node1").containers)).toEqual([
    ["myapp-web-1", "running", "always"],
    ["apples-redis-0", "running", "no"],
  ]);
});

describe("a replica that does not come up", () => {
  test("is gone, and the old container runs as before", async () => {
    const it = withTheirs();
    const before = it.world.host("node1").containers;
    it.world.commands.set("broken", () => ({ exitCode: 1, stdout: "", stderr: "no\n" }));
    const spec = { ...adopting().spec!, command: ["broken"] };
    const message = await messageOf(it.handler.create(it.placed("node1", adopting({ spec }))));
    expect(message).toContain(`taking over container '${OLD}' as apples/redis`);
    expect(message).toContain(`Container '${OLD}' is back as it was, with its data.`);
    const [old] = it.world.host("node1").containers;
    expect({ ...old, startedAt: "" }).toEqual({ ...before[0], startedAt: "" });
    expect(it.world.host("node1").containers).toHaveLength(1);
    expect(it.world.host("node1").files).toEqual({});
  });

  test("with a host that is lost meanwhile is taken back by the next run", async () => {
    const it = withTheirs();
    it.world.around = {
      after: (call) => {
        if (call === "docker.rename") it.world.setFaults("node1", { down: true });
      },
    };
    const message = await messageOf(it.handler.create(it.placed("node1", adopting())));
    expect(message).toContain("was not finished");
    expect(journal(it.world, "node1")).toMatchObject({ role: "home", adopts: { name: OLD } });
    it.world.around = {};
    it.world.setFaults("node1", { down: false });
    await it.handler.create(it.placed("node1", adopting()));
    expect(it.reported.join("\n")).toContain(`bringing back container '${OLD}' on 'node1'`);
    expect(it.running()).toEqual(["node1"]);
    expect(ours(it.world)).toHaveLength(1);
  });
});

describe("an adoption that is killed at any call", () => {
  const { adopt: _adopt, ...without } = adopting();
  test.each([
    ["and the program still says so", adopting()],
    ["and the program says so no more", without],
    [
      "and the replica would not come up",
      adopting({ spec: { ...without.spec!, command: ["broken"] } }),
    ],
  ])(
    "never runs twice, loses no write and is finished or taken back, %s",
    async (name, next) => {
      const calls: string[] = [];
      const first = withTheirs();
      const counted = watched(
        first.world,
        (call, host) => void calls.push(`${call} on ${host}`),
        () => undefined,
      );
      await counted.handler.create(counted.placed("node1", adopting()));
      expect(calls.length).toBeGreaterThan(20);
      for (const when of ["before", "after"] as const) {
        for (let at = 0; at < calls.length; at++) {
          const { world } = withTheirs();
          world.commands.set("broken", () => ({ exitCode: 1, stdout: "", stderr: "" }));
          const { acknowledged, look } = anyClient(world);
          const killed = runKilledAt(world, look, { at, when });
          await killed.handler.create(killed.placed("node1", adopting())).catch(() => undefined);

          const again = watched(world, look, look);
          const said = await messageOf(again.handler.create(again.placed("node1", next)));
          look();
          const where = { call: calls[at], when };
          const up = world.host("node1").containers.filter(({ status }) => status === "running");
          expect({ ...where, up: up.length }).toEqual({ ...where, up: 1 });
          const isBack = up[0]?.name === OLD;
          // What was finished stays, also where a change of it that comes at once does not run.
          if (said === "nothing was thrown")
            expect({ ...where, isBack }).toEqual({ ...where, isBack: false });
          if (said === "nothing was thrown" || isBack)
            expect({ ...where, restart: up[0]?.restart.name }).toEqual({
              ...where,
              restart: "always",
            });
          if (name.includes("still"))
            expect({ ...where, said }).toEqual({ ...where, said: "nothing was thrown" });
          if (isBack) expect(world.host("node1").containers).toHaveLength(1);
          const kept = Object.keys(
            world.host("node1").volumes.find((each) => each.name === VOLUME)!.files,
          );
          const lost = acknowledged.filter((each) => !kept.includes(each));
          expect({ ...where, lost }).toEqual({ ...where, lost: [] });
        }
      }
    },
    60_000,
  );
});

describe("the preview", () => {
  const preview = async (it: ReturnType<typeof withTheirs>, change = {}) => {
    const adopt = { ...REQUEST, tell: true, ...change };
    const news = { ...program("node1", adopting({ adopt })) };
    const { inputs, problems } = it.handler.check({}, news);
    expect(problems).toEqual([]);
    const before = it.world.host("node1");
    await it.handler.foretell!({}, inputs, news);
    expect(it.world.host("node1")).toEqual(before);
  };

  test("lists what was found and what becomes of it", async () => {
    const it = withTheirs();
    put(it.world, "node1", {
      name: "myapp-redis-2",
      labels: {
        "com.docker.compose.project": "myapp",
        "com.docker.compose.service": "redis",
        "com.docker.compose.container-number": "2",
      },
      status: "exited",
    });
    await preview(it);
    expect(it.reported).toEqual([
      "apples/redis: takes the place of container 'myapp-redis-1' on node1 (redis:7, ports 6379/tcp), which is stopped once and " +
        "kept as 'myapp-redis-1-before-ferry'; its data stays where it is: myapp_data at /data; it gets 10.40.0.2 and " +
        "redis.apples.weave.local",
      "apples/redis: container 'myapp-redis-2' on 'node1' is left as it is: the program has 1 of the service",
    ]);
  });

  test("warns of what `up` would refuse, and of a host that does not answer", async () => {
    const it = withTheirs();
    await preview(it, { project: "mine" });
    expect(it.warned.join()).toContain("`up` would not take it over: taking over what runs");
    const away = withTheirs();
    away.world.setFaults("node1", { down: true });
    await preview(away);
    expect(away.warned.join()).toContain("host 'node1' does not");
  });
});

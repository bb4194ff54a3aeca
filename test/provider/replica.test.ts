import type { ReplicaState } from "../../provider/core/replica/model";
import { PartialStateError } from "../../provider/handlers/handler";
import { fakeReplica, HOSTS, IMAGE, onNode1, REPLICA } from "./replica-fixture";

const messageOf = (attempt: Promise<unknown>) =>
  attempt.then(
    () => "nothing was thrown",
    (error: unknown) => (error as Error).message,
  );

describe("create", () => {
  test("makes the volume and the container, starts it by the proxy, then sets its restart policy", async () => {
    const { world, handler, placed } = fakeReplica();
    const { id, outs } = await handler.create(placed("node1"));
    expect(id).toBe(REPLICA);
    expect(outs).toMatchObject({ host: "node1", epoch: 1, dnsName: "redis.apples.weave.local" });
    const [container] = world.host("node1").containers;
    expect(container).toMatchObject({
      name: "apples-redis-0",
      status: "running",
      proxied: true,
      restart: { name: "always" },
      request: {
        hostname: "redis",
        domainname: "apples.weave.local",
        dnsSearch: ["apples.weave.local"],
        overlayAddresses: ["10.40.0.2/24"],
      },
    });
    expect(JSON.stringify(container?.request.labels)).not.toContain("hunter2");
    expect(world.host("node1").volumes[0]?.labels).toMatchObject({
      "pulumi-ferry.volume": "shop/prod/apples/data",
    });
  });

  test("takes over its own container, started again when it stands still", async () => {
    const { world, handler, placed, state } = await onNode1();
    world.change(({ hosts }) => void (hosts["node1"]!.containers[0]!.status = "exited"));
    const { outs } = await handler.create(placed("node1"));
    expect(outs.containerId).toBe(state.containerId);
    expect(world.host("node1").containers[0]?.status).toBe("running");
  });

  test("finds its container on another host, and moves it", async () => {
    const { handler, placed, running, files } = await onNode1();
    const { outs } = await handler.create(placed("node2"));
    expect(outs).toMatchObject({ host: "node2", epoch: 2 });
    expect(running()).toEqual(["node2"]);
    expect(Object.keys(files("node2")!)).toEqual(["mark"]);
  });

  test("one that fails leaves nothing", async () => {
    const { world, handler, placed } = fakeReplica();
    world.failNext("node1", { call: "docker.start", reason: "no such device" });
    expect(await messageOf(handler.create(placed("node1")))).toMatch(
      /^creating apples\/redis failed on host 'node1': .*no such device.* What had been made for it there was removed\.$/,
    );
    expect(world.host("node1")).toMatchObject({ containers: [], volumes: [], files: {} });
  });

  test("a program that ends at once is an error with its last words", async () => {
    const { world, handler, placed } = fakeReplica();
    world.commands.set("redis-server", () => ({ exitCode: 3, stdout: "bad config\n" }));
    const spec = { ...placed("node1").spec, command: ["redis-server"] };
    expect(await messageOf(handler.create(placed("node1", { spec })))).toContain(
      "container 'apples-redis-0' does not run on host 'node1': it ended at once with exit code 3. It wrote last: bad config.",
    );
  });

  describe("with a healthcheck that Docker has not come to yet", () => {
    const starting = () =>
      fakeReplica(undefined, (tools) => ({
        ...tools,
        hosts: {
          ...tools.hosts,
          open: async (name, connection) => {
            const host = await tools.hosts.open(name, connection);
            const container = async (id: string) => {
              const state = await host.docker.container(id);
              return state && { ...state, health: "starting" as const };
            };
            return { ...host, docker: { ...host.docker, container } };
          },
        },
      }));
    const healthcheck = { test: ["CMD", "is-ready"] };

    test("it is healthy as soon as its own check passes", async () => {
      const { world, handler, placed } = starting();
      let asked = 0;
      world.commands.set("is-ready", () => ({ exitCode: ++asked > 3 ? 0 : 1 }));
      const spec = { ...placed("node1").spec, healthcheck };
      await handler.create(placed("node1", { spec }));
      expect(asked).toBe(4);
    });

    test("it is an error when that takes too long", async () => {
      const { world, handler, placed } = starting();
      world.commands.set("is-ready", () => ({ exitCode: 1 }));
      const spec = { ...placed("node1").spec, healthcheck };
      const attempt = handler.create(placed("node1", { spec, healthTimeoutSeconds: 5 }));
      expect(await messageOf(attempt)).toContain("it is not healthy after 5 s. It wrote nothing.");
      expect(world.host("node1")).toMatchObject({ containers: [], volumes: [] });
    });
  });

  test("an image that only another host has is sent from there", async () => {
    const { world, handler, placed, reported } = fakeReplica();
    world.change(({ hosts }) => {
      hosts["node1"]!.images = {};
      hosts["node2"]!.images = {};
    });
    await handler.create(placed("node1"));
    expect(reported).toContain(`apples/redis: sending ${IMAGE} (2.0 MB) from node3 to node1`);
  });

  test("an image that is nowhere is one clear error", async () => {
    const { handler, placed } = fakeReplica();
    const spec = { ...placed("node1").spec, image: "nowhere:1" };
    expect(await messageOf(handler.create(placed("node1", { spec })))).toMatch(
      /^creating apples\/redis on 'node1' failed: image 'nowhere:1' is on none of the hosts that answer, and could not be pulled on host 'node1': .*manifest for nowhere:1 not found/,
    );
  });

  test("somebody else's volume of that name is not touched", async () => {
    const { world, handler, placed } = fakeReplica();
    const foreign = {
      name: "apples_data",
      driver: "local",
      mountpoint: "/v",
      options: {},
      labels: {},
    };
    world.change(({ hosts }) => hosts["node1"]!.volumes.push({ ...foreign, files: {} }));
    expect(await messageOf(handler.create(placed("node1")))).toContain(
      "using Docker volume 'apples_data' failed on host 'node1': it is there already and Ferry did not make it.",
    );
  });

  test("data kept on another host is not left behind silently", async () => {
    const { handler, placed, state } = await onNode1();
    await handler.delete(REPLICA, state);
    expect(await messageOf(handler.create(placed("node2")))).toContain(
      "making apples/redis failed on host 'node2': its data is on host 'node1' (Docker volume 'apples_data')",
    );
    expect((await handler.create(placed("node1"))).outs.host).toBe("node1");
  });

  test("an older copy, kept after a move, is never started in place of the newest", async () => {
    const { world, handler, placed, state, files, write } = await onNode1();
    await handler.update(REPLICA, state, placed("node2"));
    write("node2", "newer mark");
    // Somebody removes the container by hand, a refresh drops it from state, and the program names
    // the old host.
    world.change(({ hosts }) => void (hosts["node2"]!.containers = []));
    expect(await messageOf(handler.create(placed("node1")))).toContain(
      "making apples/redis failed on host 'node1': its data is on host 'node2' (Docker volume 'apples_data')",
    );
    expect((await handler.create(placed("node2"))).outs.host).toBe("node2");
    expect(Object.keys(files("node2")!).sort()).toEqual(["mark", "newer mark"]);
  });

  test("an older copy is refused as well when the newest is nowhere to be seen", async () => {
    const { world, handler, placed, state } = await onNode1();
    await handler.update(REPLICA, state, placed("node2"));
    world.change(({ hosts }) => {
      hosts["node2"]!.containers = [];
      hosts["node2"]!.volumes = [];
    });
    expect(await messageOf(handler.create(placed("node1")))).toMatch(
      /its data was on host 'node2', where Docker volume 'apples_data' is not there any more\..*"useLastCopy" with host 'node1'/,
    );
  });

  test("a host that does not answer is an error when it is the one, and a warning when it is another", async () => {
    const { world, handler, placed, warned } = fakeReplica();
    world.setFaults("node3", { down: true });
    await expect(handler.create(placed("node3"))).rejects.toThrow(/node3/);
    await handler.create(placed("node1"));
    expect(warned).toEqual([
      "apples/redis: not looked for on 'node3': it does not answer (timed out)",
    ]);
  });
});

describe("update in place", () => {
  test("nothing that needs a new container leaves the container alone", async () => {
    const { world, handler, placed, state } = await onNode1();
    const before = world.host("node1").containers;
    await handler.update(
      REPLICA,
      state,
      placed("node1", { healthTimeoutSeconds: 9, verify: "content" }),
    );
    expect(world.host("node1").containers).toEqual(before);
  });

  test("a changed setting replaces it, and keeps the volume", async () => {
    const { world, handler, placed, state, files } = await onNode1();
    const outs = await handler.update(REPLICA, state, placed("node1", { environment: { A: "1" } }));
    expect(outs.containerId).not.toBe(state.containerId);
    expect(world.host("node1").containers).toHaveLength(1);
    expect(world.host("node1").containers[0]).toMatchObject({
      name: "apples-redis-0",
      status: "running",
    });
    expect(Object.keys(files("node1")!)).toEqual(["mark"]);
  });

  test.each(["docker.create", "docker.start"])(
    "when %s fails, the old one runs again",
    async (call) => {
      const { world, handler, placed, state } = await onNode1();
      world.failNext("node1", { call, reason: "broken" });
      const attempt = handler.update(REPLICA, state, placed("node1", { environment: { A: "1" } }));
      await expect(attempt).rejects.not.toBeInstanceOf(PartialStateError);
      expect(await messageOf(attempt)).toMatch(/The container that was there before is back\.$/);
      expect(world.host("node1").containers).toEqual([
        expect.objectContaining({
          id: state.containerId,
          name: "apples-redis-0",
          status: "running",
          restart: { name: "always" },
        }),
      ]);
    },
  );
});

describe("read", () => {
  test("finds it on whichever host it is", async () => {
    const { handler, placed, state } = await onNode1();
    const found = await handler.read(REPLICA, { ...state, host: "node3" });
    expect(found).toEqual({ inputs: placed("node1"), outs: state });
  });

  test("tells drift by the container's name", async () => {
    const { world, handler, state } = await onNode1();
    world.change(({ hosts }) => void (hosts["node1"]!.containers[0]!.status = "exited"));
    expect((await handler.read(REPLICA, state))?.inputs?.containerName).toBe(
      "apples-redis-0 (exited)",
    );
    const other = { ...state, environment: { PASSWORD: "changed" } };
    expect((await handler.read(REPLICA, other))?.inputs?.containerName).toBe(
      "apples-redis-0 (exited, changed by hand)",
    );
  });

  test("gone from every host is gone; a host that does not answer proves nothing", async () => {
    const { world, handler, state, warned } = await onNode1();
    world.change(({ hosts }) => void (hosts["node1"]!.containers = []));
    expect(await handler.read(REPLICA, state)).toBeUndefined();
    world.setFaults("node2", { down: true });
    expect((await handler.read(REPLICA, state))?.outs).toEqual(state);
    expect(warned.join()).toMatch(/not every host could be asked.*does not answer/);
  });
});

describe("delete", () => {
  test("leaves only the data", async () => {
    const { world, handler, placed, state } = await onNode1();
    const moved: ReplicaState = await handler.update(REPLICA, state, placed("node2"));
    await handler.delete(REPLICA, moved);
    for (const host of HOSTS) expect(world.host(host)).toMatchObject({ containers: [], files: {} });
    expect(HOSTS.filter((host) => world.host(host).volumes.length > 0)).toEqual(["node2"]);
    await handler.delete(REPLICA, moved);
  });

  test("its host not answering is an error, another's a warning", async () => {
    const { world, handler, state, warned } = await onNode1();
    world.setFaults("node1", { down: true });
    expect(await messageOf(handler.delete(REPLICA, state))).toMatch(
      /^deleting apples\/redis failed on host 'node1', where it is: .*nothing was changed\./,
    );
    world.setFaults("node1", { down: false });
    world.setFaults("node2", { down: true });
    await handler.delete(REPLICA, state);
    expect(warned.join()).toMatch(/host 'node2' was not asked/);
  });
});

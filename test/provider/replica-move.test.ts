import { PartialStateError } from "../../provider/handlers/handler";
import { fakeReplica, HOSTS, onNode1, program, REPLICA } from "./replica-fixture";

const messageOf = (attempt: Promise<unknown>) =>
  attempt.then(
    () => "nothing was thrown",
    (error: unknown) => (error as Error).message,
  );

const BARE = { spec: { image: "redis:7" }, volumes: {} };

async function bareOnNode1() {
  const it = fakeReplica();
  const { outs } = await it.handler.create(it.placed("node1", BARE));
  return { it, state: outs };
}

describe("a move", () => {
  test("takes address, name and data along, and says so", async () => {
    const { world, handler, placed, state, running, files, reported } = await onNode1();
    const outs = await handler.update(REPLICA, state, placed("node2"));
    expect(running()).toEqual(["node2"]);
    expect(Object.keys(files("node2")!)).toEqual(["mark"]);
    expect(outs).toMatchObject({
      host: "node2",
      ip: state.ip,
      dnsName: state.dnsName,
      epoch: 2,
      lastMove: { from: "node1", to: "node2", rounds: 3, when: "2026-01-02T03:04:05.678Z" },
    });
    expect(world.host("node1").containers).toEqual([]);
    expect(world.host("node1").volumes).toHaveLength(1);
    expect(world.host("node2").containers[0]).toMatchObject({
      restart: { name: "always" },
      proxied: true,
    });
    expect(reported.at(-1)).toMatch(
      /^apples\/redis moved node1 -> node2: \d+ B in 3 rounds, down \d+ ms$/,
    );
  });

  test("leaves a copy that is on the old host's disk before it is said to be whole", async () => {
    const { world, handler, placed, state } = await onNode1();
    const calls: string[] = [];
    world.around.before = (call, host) => {
      if (host === "node1") calls.push(call);
    };
    await handler.update(REPLICA, state, placed("node2"));
    expect(calls.filter((call) => /putOnDisk|journals\.write/.test(call)).slice(-2)).toEqual([
      "mover.putOnDisk",
      "journals.write",
    ]);
  });

  test("is told in words before it happens, as a preview does, and only when there is one", async () => {
    const { handler, state, reported } = await onNode1();
    const before = reported.length;
    handler.check(state, program("node1") as never);
    expect(reported).toHaveLength(before);
    handler.check(state, program("node2") as never);
    expect(reported.slice(before)).toEqual([
      expect.stringMatching(
        /^apples\/redis moves node1 -> node2: keeps 10\.40\.0\.2 and redis\.apples\.weave\.local; copies \S+ while it runs/,
      ),
    ]);
  });

  test("goes from an old host that has left the program", async () => {
    const { handler, placed, state, running } = await onNode1();
    const { node1: _gone, ...connections } = program("node2").connections as Record<string, never>;
    await handler.update(REPLICA, state, placed("node2", { connections }));
    expect(running()).toEqual(["node2"]);
  });

  test("without data needs no copying", async () => {
    const { it, state } = await bareOnNode1();
    const moved = await it.handler.update(REPLICA, state, it.placed("node2", BARE));
    expect(moved.lastMove).toMatchObject({ bytes: 0, rounds: 0 });
    expect(it.reported.at(-1)).toMatch(/moved node1 -> node2: no data, down/);
    expect(it.reported).toContainEqual(
      expect.stringMatching(/^apples\/redis: cut over from node1: no data, runs on node2 /),
    );
    // Who finds only the old host knows where it went, and no more is left there.
    expect(Object.keys(it.world.host("node1").files)).toEqual([
      expect.stringMatching(/journal\.json$/),
    ]);
    expect(it.world.host("node1").containers).toEqual([]);
  });

  test("without data that state has not learned of makes no second copy while the new host is silent", async () => {
    const { it, state } = await bareOnNode1();
    await it.handler.update(REPLICA, state, it.placed("node2", BARE));
    it.world.setFaults("node2", { down: true });
    // The engine was killed before it could note the move.
    for (const host of ["node1", "node3"]) {
      const changed = { ...BARE, healthTimeoutSeconds: 7 };
      await expect(it.handler.update(REPLICA, state, it.placed(host, changed))).rejects.toThrow(
        /host 'node2', where it was last or may be, does not answer/,
      );
    }
    expect(it.running()).toEqual(["node2"]);
    it.world.setFaults("node2", { down: false });
    await it.handler.delete(REPLICA, state);
    for (const host of ["node1", "node2"]) expect(it.world.host(host).files).toEqual({});
  });

  test("without data is cut over step by step where the hosts do not reach each other", async () => {
    const { it, state } = await bareOnNode1();
    it.world.change(({ hosts }) => void (hosts["node2"]!.extra["reachesNobody"] = true));
    const moved = await it.handler.update(REPLICA, state, it.placed("node2", BARE));
    expect(moved).toMatchObject({ host: "node2", lastMove: { bytes: 0, rounds: 0 } });
    expect(it.reported).toContain("apples/redis: cut over: no data, runs on node2");
    expect(it.warned).toEqual([]);
    expect(it.running()).toEqual(["node2"]);
  });

  test.each([
    ["at once", "cutover.open barrier", false],
    ["step by step", "docker.start", true],
  ])("without data goes back when its target does not start, %s", async (_name, call, far) => {
    const { it, state } = await bareOnNode1();
    it.world.change(({ hosts }) => void (hosts["node2"]!.extra["reachesNobody"] = far));
    it.world.failNext("node2", { call });
    const attempt = it.handler.update(REPLICA, state, it.placed("node2", BARE));
    await expect(attempt).rejects.toThrow(/moving .* failed.*It runs on host 'node1'/s);
    expect(it.running()).toEqual(["node1"]);
    expect(it.world.host("node2").containers).toEqual([]);
  });

  test("behind Docker's own init is one cutover, as any other", async () => {
    const it = await onNode1();
    const spec = { ...it.placed("node1").spec, init: true };
    const inInit = await it.handler.update(REPLICA, it.state, it.placed("node1", { spec }));
    await it.handler.update(REPLICA, inInit, it.placed("node2", { spec }));
    expect(it.reported).toContainEqual(
      expect.stringMatching(
        /^apples\/redis: cut over from node1: .* both copies equal, runs on node2/,
      ),
    );
    expect(it.running()).toEqual(["node2"]);
  });

  test("of a replica that stands still is a copy and a start", async () => {
    const { world, handler, placed, state, running } = await onNode1();
    world.change(({ hosts }) => void (hosts["node1"]!.containers[0]!.status = "exited"));
    const outs = await handler.update(REPLICA, state, placed("node2"));
    expect(outs.lastMove?.rounds).toBe(1);
    expect(running()).toEqual(["node2"]);
  });
});

describe("a refused move changes nothing", () => {
  test.each<[string, (it: Awaited<ReturnType<typeof onNode1>>) => void, RegExp]>([
    [
      "no room",
      ({ world }) => void world.change(({ hosts }) => (hosts["node2"]!.extra["freeBytes"] = 1)),
      /need .* on host 'node2' .*, where 1 B are free/,
    ],
    [
      "no room on the disk that its image is to be on",
      ({ world }) => {
        world.change(({ hosts }) => {
          const disk = { path: "/var/lib/containerd", id: "/dev/sdb1", freeBytes: 1 };
          Object.assign(hosts["node2"]!, { images: {}, extra: { imageDisk: disk } });
        });
      },
      /of image need .* in '\/var\/lib\/containerd' on host 'node2' .*, where 1 B are free/,
    ],
    [
      "other architecture",
      ({ world }) => void world.change(({ hosts }) => (hosts["node2"]!.architecture = "arm64")),
      /host 'node1' is amd64, host 'node2' is arm64/,
    ],
    [
      "other owners of files",
      ({ world }) => {
        world.change(({ hosts }) => {
          const root = { rootDirectory: "/var/lib/docker/100000.100000", usernsRemap: true };
          hosts["node2"]!.docker = root;
        });
      },
      /on host 'node2' it maps users from 100000\.100000 on, so that its files would belong to other users there/,
    ],
    [
      "another file system in its volume",
      ({ world }) =>
        void world.change(({ hosts }) => (hosts["node1"]!.extra["ties"] = { mounted: "a/b" })),
      /volume 'apples_data' has another file system in it, at 'a\/b'\. .* Nothing was changed/,
    ],
    [
      "files that have names outside of its volume",
      ({ world }) =>
        void world.change(
          ({ hosts }) =>
            (hosts["node1"]!.extra["ties"] = { linked: { count: 2, name: "dump.rdb" } }),
        ),
      /2 files in volume 'apples_data' have a further name outside of it .*'dump\.rdb'\. .* Nothing was changed/,
    ],
    [
      "paused",
      ({ world }) =>
        void world.change(({ hosts }) => (hosts["node1"]!.containers[0]!.status = "paused")),
      /its container is paused/,
    ],
    [
      "target down",
      ({ world }) => world.setFaults("node2", { down: true }),
      /host 'node2' does not answer\. [A-Z].*\. Nothing was changed/,
    ],
    [
      "target with trouble while it was looked at",
      ({ world }) => world.failNext("node2", { call: "journals.read" }),
      /journals\.read failed on host 'node2'.*\. Nothing was changed/,
    ],
    [
      "source down",
      ({ world }) => world.setFaults("node1", { down: true }),
      /host 'node1', where it was last or may be, does not answer.*Nothing was changed/s,
    ],
  ])("%s", async (_name, spoil, words) => {
    const it = await onNode1();
    spoil(it);
    const before = HOSTS.map((host) => it.world.host(host));
    const attempt = it.handler.update(REPLICA, it.state, it.placed("node2"));
    expect(await messageOf(attempt)).toMatch(words);
    await expect(attempt).rejects.not.toBeInstanceOf(PartialStateError);
    const asBefore = before.map((host) => ({ ...host, failures: [] }));
    expect(HOSTS.map((host) => it.world.host(host))).toEqual(asBefore);
  });

  test("a port in use", async () => {
    const it = await onNode1();
    it.world.change(({ hosts }) => void (hosts["node2"]!.extra["ports"] = ["8080/tcp"]));
    const spec = {
      ...it.placed("node2").spec,
      ports: [{ containerPort: 80, hostPort: 8080, protocol: "tcp" as const }],
    };
    expect(
      await messageOf(it.handler.update(REPLICA, it.state, it.placed("node2", { spec }))),
    ).toMatch(/8080\/tcp/);
    expect(it.running()).toEqual(["node1"]);
  });
});

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "fs";
import { tmpdir } from "os";
import { join } from "path";
import { FakeLocks } from "../../provider/adapters/fakes/fake-lock";
import { FakeWorld } from "../../provider/adapters/fakes/fake-world";
import type { FileSource } from "../../provider/core/files/model";
import { filesFolder } from "../../provider/core/files/model";
import type { ReplicaInputs, ReplicaState, ReplicaVolume } from "../../provider/core/replica/model";
import { digestOfSource } from "../../provider/local/read-tree";
import { fakeReplica, HOSTS, IMAGE, messageOf, program, REPLICA } from "./replica-fixture";

/** Files that travel with a replica, whatever becomes of the runs that bring them. */

let folder: string;
const conf = () => join(folder, "app.conf");
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ferry-replica-files-"));
  writeFileSync(conf(), "one");
  second = () => secret;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const secret: FileSource = { content: "hunter2", secret: true, mode: 0o400 };
/** A secret's digest takes its time, which runs by the hundred do not have. */
const quick = (): FileSource => ({ path: join(folder, "pw"), within: folder, maxBytes: 100 });
let second: () => FileSource = () => secret;

/** As the program says it with the file's content of now. */
function withFiles(): Partial<ReplicaInputs> {
  const source: FileSource = { path: conf(), within: folder, maxBytes: 1_000_000 };
  const { spec } = program("node1");
  return {
    spec: {
      ...spec,
      mounts: [
        ...spec.mounts!,
        { type: "file", file: "conf", target: "/etc/app.conf" },
        { type: "file", file: "pw", target: "/run/secrets/pw" },
      ],
    },
    files: { conf: digestOfSource(source), pw: digestOfSource(second()) },
    fileSources: { conf: source, pw: second() },
  };
}

const digestsOn = (world: FakeWorld, host: string) => {
  const prefix = `${filesFolder(REPLICA)}/`;
  const names = Object.keys(world.host(host).files).filter((path) => path.startsWith(prefix));
  return [...new Set(names.map((path) => path.slice(prefix.length).split("/")[0]))].sort();
};
const wanted = () => Object.values(withFiles().files!).sort();

type It = ReturnType<typeof fakeReplica>;
const create = (it: It) => it.handler.create(it.placed("node1", withFiles()));
const moveTo = (it: It, host: string, state: ReplicaState) =>
  it.handler.update(REPLICA, state, it.placed(host, withFiles()));

test("come with the first container, read-only, and go with the replica", async () => {
  const it = fakeReplica();
  const { outs } = await create(it);
  expect(digestsOn(it.world, "node1")).toEqual(wanted());
  const [container] = it.world.host("node1").containers;
  const paths = Object.values(container!.request.filePaths!);
  expect(paths).toEqual(
    Object.values(outs.files!).map((digest) => `${filesFolder(REPLICA)}/${digest}/content`),
  );
  await it.handler.delete(REPLICA, outs);
  expect(it.world.host("node1").files).toEqual({});
});

test("state has neither a path of this machine nor a secret", async () => {
  const it = fakeReplica();
  const { outs } = await create(it);
  const kept = JSON.stringify([outs, it.placed("node1", withFiles())]);
  expect(kept).not.toContain(folder);
  expect(kept.replaceAll(JSON.stringify(program("node1").environment), "")).not.toContain(
    "hunter2",
  );
});

test("a change is another container with the new ones, and the old ones go", async () => {
  const it = fakeReplica();
  const { outs } = await create(it);
  const before = outs.containerId;
  writeFileSync(conf(), "two");
  const next = await moveTo(it, "node1", outs);
  expect(next.containerId).not.toBe(before);
  expect(digestsOn(it.world, "node1")).toEqual(wanted());
});

test("what has changed since the preview is told, and nothing is changed", async () => {
  const it = fakeReplica();
  const { outs } = await create(it);
  writeFileSync(conf(), "two");
  const inputs = it.placed("node1", withFiles());
  writeFileSync(conf(), "three");
  const before = it.world.host("node1");
  expect(await messageOf(it.handler.update(REPLICA, outs, inputs))).toMatch(
    /reading 'conf' for apples\/redis failed.*it has changed on this machine since the program read it.*Run `pulumi up` again/s,
  );
  expect(it.world.host("node1")).toEqual(before);
});

test("a run that was not told where they are says so", async () => {
  const it = fakeReplica();
  const inputs = it.placed("node1", withFiles());
  const other = fakeReplica(it.world);
  expect(await messageOf(other.handler.create(inputs))).toContain("this run was not told where");
});

test("a move takes them along and leaves none", async () => {
  const it = fakeReplica();
  const { outs } = await create(it);
  await moveTo(it, "node2", outs);
  expect(digestsOn(it.world, "node1")).toEqual([]);
  expect(digestsOn(it.world, "node2")).toEqual(wanted());
});

test("a move that fails leaves none on its target", async () => {
  const it = fakeReplica();
  const { outs } = await create(it);
  it.world.failNext("node2", { call: "docker.create" });
  await expect(moveTo(it, "node2", outs)).rejects.toThrow("a fault was asked for");
  expect(digestsOn(it.world, "node1")).toEqual(wanted());
  expect(digestsOn(it.world, "node2")).toEqual([]);
});

test("a lost source is replaced with what this machine has", async () => {
  const it = fakeReplica();
  const { outs } = await create(it);
  it.world.setFaults("node1", { down: true });
  const inputs = it.placed("node2", { ...withFiles(), onSourceLost: "startEmpty" });
  await it.handler.update(REPLICA, outs, inputs);
  expect(digestsOn(it.world, "node2")).toEqual(wanted());
});

test("a host that maps users is refused in words", async () => {
  const it = fakeReplica();
  it.world.change(({ hosts }) => (hosts["node1"]!.docker = { usernsRemap: true }));
  await expect(create(it)).rejects.toThrow(/bringing the files.*maps users/s);
  expect(it.world.host("node1").files).toEqual({});
});

test("what is gone or altered on a host is found by a refresh, and put back", async () => {
  const it = fakeReplica();
  const { outs } = await create(it);
  it.world.change(({ hosts }) => {
    const { files } = hosts["node1"]!;
    for (const path of Object.keys(files)) if (/content$/.test(path)) files[path]!.content = "x";
  });
  const found = await it.handler.read(REPLICA, outs);
  expect(found!.inputs).toMatchObject({ containerName: "apples-redis-0 (its files)" });
  const next = await moveTo(it, "node1", found!.outs);
  expect(next.containerId).not.toBe(outs.containerId);
  const again = await it.handler.read(REPLICA, next);
  expect(again!.inputs).toMatchObject({ containerName: "apples-redis-0" });
});

/** Runs something again and again, killed before and after each call, and once more to its end. */
async function killedEverywhere(
  prepare: (it: It) => Promise<ReplicaState | undefined>,
  change: (it: It, state: ReplicaState | undefined) => Promise<ReplicaState>,
  ends: (world: FakeWorld, state: ReplicaState) => void | Promise<void>,
): Promise<void> {
  second = quick;
  writeFileSync(join(folder, "pw"), "not so secret");
  const run = async (killAt: number | undefined, when: "before" | "after") => {
    writeFileSync(conf(), "one");
    const world = FakeWorld.open()
      .addHosts(...HOSTS)
      .addImage(IMAGE, ...HOSTS);
    const state = await prepare(fakeReplica(world));
    let calls = 0;
    const dead = () => {
      throw new Error("killed");
    };
    world.around = {
      before: () => {
        if (killAt !== undefined && (calls > killAt || (calls === killAt && when === "before"))) {
          dead();
        }
      },
      after: () => {
        calls += 1;
        if (killAt !== undefined && calls > killAt && when === "after") dead();
      },
    };
    const locks = () => new FakeLocks();
    const killed = fakeReplica(world, (tools) => ({ ...tools, locks: locks() }));
    const first = change(killed, state);
    if (killAt === undefined) {
      await first;
      return calls;
    }
    await first.catch(() => undefined);
    world.around = {};
    const again = fakeReplica(world, (tools) => ({ ...tools, locks: locks() }));
    const outs = await change(again, state);
    await ends(world, outs);
    await again.handler.delete(REPLICA, outs);
    for (const host of HOSTS) expect([host, world.host(host).files]).toEqual([host, {}]);
    return calls;
  };
  const calls = await run(undefined, "before");
  expect(calls).toBeGreaterThan(10);
  for (const when of ["before", "after"] as const)
    for (let at = 0; at < calls; at++) await run(at, when);
}

const only = (host: string) => (world: FakeWorld) => {
  for (const each of HOSTS)
    expect([each, digestsOn(world, each)]).toEqual([each, each === host ? wanted() : []]);
  const containers = HOSTS.flatMap((each) => world.host(each).containers);
  expect(containers.map(({ status }) => status)).toEqual(["running"]);
};

test("a creation that is killed at any call is finished by the next", async () => {
  await killedEverywhere(
    () => Promise.resolve(undefined),
    async (it) => (await create(it)).outs,
    only("node1"),
  );
}, 120_000);

test("a change that is killed at any call is finished by the next", async () => {
  await killedEverywhere(
    async (it) => (await create(it)).outs,
    (it, state) => {
      writeFileSync(conf(), "two");
      return moveTo(it, "node1", state!);
    },
    only("node1"),
  );
}, 120_000);

test("a move that is killed at any call is finished by the next", async () => {
  await killedEverywhere(
    async (it) => (await create(it)).outs,
    (it, state) => moveTo(it, "node2", state!),
    only("node2"),
  );
}, 120_000);

describe("a folder of data", () => {
  const filled = (world: FakeWorld, host: string) =>
    world.host(host).volumes.map(({ files }) => Object.keys(files));
  const seeded = (): Partial<ReplicaInputs> => ({ folders: { data: folder } });

  test("fills its volume when that is made, and never again", async () => {
    const it = fakeReplica();
    const { outs } = await it.handler.create(it.placed("node1", seeded()));
    expect(filled(it.world, "node1")).toEqual([["filled"]]);
    it.world.change(({ hosts }) => (hosts["node1"]!.volumes[0]!.files = {}));
    const changed = it.placed("node1", { ...seeded(), environment: { OTHER: "1" } });
    await it.handler.update(REPLICA, outs, changed);
    expect(filled(it.world, "node1")).toEqual([[]]);
  });

  test("moves with its replica, and does not fill the copy", async () => {
    const it = fakeReplica();
    const { outs } = await it.handler.create(it.placed("node1", seeded()));
    it.write("node1", "mark");
    await it.handler.update(REPLICA, outs, it.placed("node2", seeded()));
    expect(filled(it.world, "node2")).toEqual([["filled", "mark"]]);
  });

  test("that is empty or not there is an empty volume", async () => {
    const it = fakeReplica();
    const none = { folders: { data: join(folder, "none") } };
    await it.handler.create(it.placed("node1", none));
    expect(filled(it.world, "node1")).toEqual([[]]);
  });

  test("that comes later does not take the place of what a container has", async () => {
    const it = fakeReplica();
    const late = { folders: { data: join(folder, "late") } };
    const { outs } = await it.handler.create(it.placed("node1", late));
    mkdirSync(join(folder, "late"));
    writeFileSync(join(folder, "late", "one"), "1");
    const changed = it.placed("node1", { ...late, environment: { OTHER: "1" } });
    await it.handler.update(REPLICA, outs, changed);
    expect(filled(it.world, "node1")).toEqual([[]]);
  });

  test.each([
    { type: "none", o: "bind", device: "/srv/seed" },
    { type: "nfs", o: "addr=192.0.2.9,rw", device: ":/export" },
  ])("does not fill what Docker hides by mounting %j over it", (driverOptions) => {
    const { data } = program("node1").volumes as Record<string, ReplicaVolume>;
    const volumes = { data: { ...data!, driverOptions } };
    const { problems } = fakeReplica().handler.check(
      {},
      { ...program("node1", { ...seeded(), volumes }) },
    );
    expect(problems).toMatchObject([
      { property: "folders", reason: expect.stringMatching(/'data' is to be filled/) as string },
    ]);
  });

  test("does not fill a volume that was there before", async () => {
    const it = fakeReplica();
    const { outs } = await it.handler.create(it.placed("node1"));
    const changed = it.placed("node1", { ...seeded(), environment: { OTHER: "1" } });
    await it.handler.update(REPLICA, outs, changed);
    expect(filled(it.world, "node1")).toEqual([[]]);
  });

  test("is filled by the next run when a run was killed at any call", async () => {
    await killedEverywhere(
      () => Promise.resolve(undefined),
      async (it) => (await it.handler.create(it.placed("node1", seeded()))).outs,
      (world) => {
        expect(filled(world, "node1")).toEqual([["filled"]]);
      },
    );
  }, 120_000);
});

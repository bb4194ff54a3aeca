import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "fs";
import { tmpdir } from "os";
import { join } from "path";
import { buildsOf } from "../../provider/adapters/fakes/fake-builds";
import { builtName, type Build, type BuildRecipe } from "../../provider/core/build/build";
import type { ReplicaInputs } from "../../provider/core/replica/model";
import { readBuild } from "../../provider/local/build-context";
import { fakeReplica, HOSTS, IMAGE, messageOf, REPLICA } from "./replica-fixture";

const folder = mkdtempSync(join(tmpdir(), "ferry-build-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(() => put("FROM redis:7\n"));

const put = (dockerfile: string) => writeFileSync(join(folder, "Dockerfile"), dockerfile);

/** What a program says of a replica whose image is built from the folder as it is now. */
function built(build: Partial<Build> = {}, image = "", spec = {}) {
  const whole: Build = { context: ".", ...build };
  const { hash } = readBuild(folder, whole);
  const name = builtName({ image, deployment: "apples", service: "redis", hash });
  const recipe: BuildRecipe = {
    image: name,
    hash,
    folder,
    build: whole,
    hidesArgs: false,
    program: "shop/prod",
  };
  const change: Partial<ReplicaInputs> = {
    spec: { image: name, ...spec },
    build: JSON.stringify(recipe),
  };
  return { change, name, hash };
}

function fixture() {
  const it = fakeReplica();
  const builds = () =>
    HOSTS.flatMap((host) => buildsOf(it.world.host(host)).map((b) => `${host} ${b}`));
  const has = (name: string) => HOSTS.filter((host) => name in it.world.host(host).images);
  return { ...it, builds, has };
}

test("the first container is built on its host, and state has the hash alone", async () => {
  const { handler, placed, builds, has } = fixture();
  const { change, name } = built();
  const inputs = placed("node2", change);
  const { outs } = await handler.create(inputs);
  expect(builds()).toEqual([`node2 ${name}`]);
  expect(has(name)).toEqual(["node2"]);
  expect(outs.spec.image).toBe(name);
  expect(JSON.stringify([inputs, outs])).not.toContain(folder);
});

test("a move takes it along, and builds nothing", async () => {
  const { handler, placed, builds, has } = fixture();
  const { change, name } = built();
  const { outs } = await handler.create(placed("node1", change));
  const moved = await handler.update(REPLICA, outs, placed("node3", change));
  expect(moved.imageId).toBe(outs.imageId);
  expect(builds()).toHaveLength(1);
  expect(has(name)).toContain("node3");
});

test("another content is another image, and the one before goes", async () => {
  const { world, handler, placed, builds, has, running } = fixture();
  const before = built();
  const { outs } = await handler.create(placed("node1", before.change));
  put("FROM redis:7\nENV A=1\n");
  const after = built();
  expect(after.name).not.toBe(before.name);
  // The program of another run knows of the image before no more.
  const next = fakeReplica(world);
  const state = await next.handler.update(REPLICA, outs, next.placed("node1", after.change));
  expect(state.spec.image).toBe(after.name);
  expect(builds()).toEqual([`node1 ${before.name}`, `node1 ${after.name}`]);
  expect(has(before.name)).toEqual([]);
  expect(running()).toEqual(["node1"]);
  await fakeReplica(world).handler.delete(REPLICA, state);
  expect(has(after.name)).toEqual([]);
  expect(has(IMAGE)).toEqual([...HOSTS]);
});

test("who has the same build has it built once, by whatever name", async () => {
  const { sameRun, placed, builds, world } = fixture();
  const [one, other] = [built(), built({}, "shop/cache:2")];
  const second = { ...other.change, index: 1, volumes: {}, ip: "10.40.0.3" };
  await Promise.all([
    sameRun.create(placed("node1", one.change)),
    sameRun.create(placed("node2", { ...second, spec: { image: other.name } })),
  ]);
  expect(builds()).toHaveLength(1);
  expect(world.host("node2").images[other.name]?.id).toBe(world.host("node1").images[one.name]?.id);
});

test("two builds at once with one further folder do not take it from each other", async () => {
  const { sameRun, placed, world } = fixture();
  mkdirSync(join(folder, "shared"), { recursive: true });
  const of = (index: number) => {
    const build = { additionalContexts: { shared: "shared" }, args: { N: `${index}` } };
    return placed("node1", { ...built(build).change, index, volumes: {}, ip: `10.40.0.${index}` });
  };
  const several = [2, 3, 4, 5].map((index) => sameRun.create(of(index)));
  const said = await Promise.all(several.map(messageOf));
  expect(new Set(said)).toEqual(new Set(["nothing was thrown"]));
  const names = Object.keys(world.host("node1").images);
  expect(names.filter((name) => name.includes("context"))).toEqual([]);
});

test("a build that fails says why, and what runs goes on", async () => {
  const { world, handler, placed, has } = fixture();
  const before = built();
  const { outs } = await handler.create(placed("node1", before.change));
  const container = world.host("node1").containers[0];
  put("FROM redis:7\nRUN false\n");
  const after = built();
  const said = await messageOf(handler.update(REPLICA, outs, placed("node1", after.change)));
  expect(said).toMatch(
    /building image 'apples-redis:\w+' failed on host 'node1'.*step 'RUN false'/s,
  );
  expect(world.host("node1").containers).toEqual([container]);
  expect(has(after.name)).toEqual([]);
});

test("what was changed since the preview is not built", async () => {
  const { handler, placed, builds } = fixture();
  const { change } = built();
  const inputs = placed("node1", change);
  put("FROM redis:7\nENV B=2\n");
  expect(await messageOf(handler.create(inputs))).toMatch(/was changed while this run went on/);
  expect(builds()).toEqual([]);
});

test("without a host that has it, it is built again", async () => {
  const { world, handler, placed, builds } = fixture();
  const { change } = built();
  const { outs } = await handler.create(placed("node1", { ...change, volumes: {} }));
  world.change(({ hosts }) => (hosts["node1"]!.faults.down = true));
  const again = fakeReplica(world);
  const lost = { ...change, volumes: {}, onSourceLost: "startEmpty" as const };
  const state = await again.handler.update(REPLICA, outs, again.placed("node2", lost));
  expect(state.host).toBe("node2");
  expect(builds().map((line) => line.split(" ")[0])).toEqual(["node1", "node2"]);
});

describe("layers that a host has", () => {
  const image = (mark: string, layers: readonly string[]) => ({
    ...{ id: `sha256:${mark.repeat(64)}`, sizeBytes: 1000, architecture: "amd64" },
    content: { layers, config: {} },
  });
  const moving = async (store: "docker" | "containerd") => {
    const it = fixture();
    it.world.change(({ hosts }) => {
      for (const host of Object.values(hosts)) host.images = {};
      hosts["node1"]!.images[IMAGE] = image("a", ["a", "b", "c"]);
      hosts["node2"]!.images["other:1"] = image("b", ["a", "b", "x"]);
      hosts["node2"]!.docker = { imageStore: store };
    });
    return { ...it, state: (await it.handler.create(it.placed("node1"))).outs };
  };

  it("are left out of what is sent", async () => {
    const { handler, placed, state, reported } = await moving("docker");
    const moved = await handler.update(REPLICA, state, placed("node2"));
    expect(moved.imageId).toBe(state.imageId);
    expect(reported.join()).toMatch(/sending .*, without 2 of its 3 layers, which are there/);
  });

  it("are sent where it does not take them as its own after all", async () => {
    const { world, handler, placed, state, reported } = await moving("docker");
    world.change(({ hosts }) => {
      const failure = { call: "docker.loadImage", when: "before", reason: "no such file" } as const;
      hosts["node2"]!.failures.push(failure);
    });
    await handler.update(REPLICA, state, placed("node2"));
    expect(reported.join()).toMatch(/sending all layers of redis:7 to node2/);
  });

  it("are sent where the store does not tell in which form it has them", async () => {
    const { handler, placed, state, reported } = await moving("containerd");
    await handler.update(REPLICA, state, placed("node2"));
    expect(reported.join()).toMatch(/sending/);
    expect(reported.join()).not.toMatch(/without/);
  });
});

describe("where a build or its host fails", () => {
  const two = (it: ReturnType<typeof fixture>) => {
    const { change, name } = built();
    const free = { ...change, volumes: {} };
    return {
      name,
      first: it.placed("node1", free),
      second: it.placed("node2", { ...free, index: 1, ip: "10.40.0.3" }),
    };
  };
  const failing = (it: ReturnType<typeof fixture>, kind: "trouble" | "silent") =>
    it.world.change(({ hosts }) => {
      hosts["node1"]!.failures.push(
        { call: "docker.build", when: "before", reason: "no luck", kind },
        // What cannot be taken away is no news.
        { call: "docker.removeImage", when: "before", reason: "no luck", kind },
      );
    });

  it("who waits has the failure, who asks later has it tried again", async () => {
    const it = fixture();
    failing(it, "trouble");
    const { first, second, name } = two(it);
    const said = await Promise.all(
      [first, second].map((each) => messageOf(it.sameRun.create(each))),
    );
    expect(said.filter((each) => /no luck/.test(each))).toHaveLength(2);
    expect(it.builds()).toEqual([]);
    await it.sameRun.create(first);
    expect(it.builds()).toEqual([`node1 ${name}`]);
  });

  it("who waits for a host that is lost builds on its own", async () => {
    const it = fixture();
    failing(it, "silent");
    const { first, second, name } = two(it);
    const said = await Promise.all(
      [first, second].map((each) => messageOf(it.sameRun.create(each))),
    );
    expect(said).toEqual([expect.stringMatching(/no luck/), "nothing was thrown"]);
    expect(it.builds()).toEqual([`node2 ${name}`]);
  });

  it("who comes when the image is gone builds it again", async () => {
    const it = fixture();
    const { first, second, name } = two(it);
    await it.sameRun.create(first);
    it.world.change(({ hosts }) => void Reflect.deleteProperty(hosts["node1"]!.images, name));
    await it.sameRun.create(second);
    expect(it.builds()).toEqual([`node1 ${name}`, `node2 ${name}`]);
  });

  it("a host that is lost as it sends the image is no loss", async () => {
    const it = fixture();
    const { first, second, name } = two(it);
    await it.sameRun.create(first);
    it.world.change(({ hosts }) => {
      const failure = { call: "docker.saveImage", when: "before", reason: "away" } as const;
      hosts["node1"]!.failures.push({ ...failure, kind: "silent" });
      it.world.around.before = (call, host) => {
        if (call === "docker.saveImage" && host === "node1")
          it.world.change((state) => (state.hosts["node1"]!.faults.down = true));
      };
    });
    await it.sameRun.create(second);
    expect(it.builds()).toEqual([`node1 ${name}`, `node2 ${name}`]);
    expect(it.warned.join()).toMatch(/looked for elsewhere, or built again/);
  });

  it("what a killed run has left of a further folder goes with the next build", async () => {
    const it = fixture();
    mkdirSync(join(folder, "shared"), { recursive: true });
    const contexts = { additionalContexts: { shared: "shared" } };
    const label = (program: string) => ({ Labels: { "pulumi-ferry.build-context": program } });
    const left = { id: "sha256:1", sizeBytes: 1, architecture: "amd64" };
    it.world.change(({ hosts }) => {
      const content = { layers: [] };
      const { images } = hosts["node1"]!;
      images["ferry-build-context:a"] = {
        ...left,
        content: { ...content, config: label("shop/prod") },
      };
      images["ferry-build-context:b"] = {
        ...left,
        content: { ...content, config: label("other/prod") },
      };
    });
    await it.handler.create(it.placed("node1", built(contexts).change));
    const names = Object.keys(it.world.host("node1").images);
    expect(names.filter((name) => name.startsWith("ferry-build"))).toEqual([
      "ferry-build-context:b",
    ]);
  });
});

test("another service's image is brought to where it is built on, and goes with it", async () => {
  const it = fixture();
  mkdirSync(join(folder, "base"), { recursive: true });
  writeFileSync(join(folder, "base/Dockerfile"), "FROM redis:7\n");
  const recipe = (build: Build, service: string, bases: readonly string[]): BuildRecipe => {
    const { hash } = readBuild(folder, build);
    const image = builtName({ image: "", deployment: "apples", service, hash });
    return { image, hash, folder, build, hidesArgs: false, bases };
  };
  const base = recipe({ context: "base" }, "base", []);
  const additionalContexts = { below: `docker-image://${base.image}` };
  put("FROM below\n");
  const upper = recipe({ context: ".", additionalContexts }, "redis", [JSON.stringify(base)]);
  const change = { spec: { image: upper.image }, volumes: {}, build: JSON.stringify(upper) };
  const { outs } = await it.handler.create(it.placed("node2", change));
  expect(it.builds()).toEqual([`node2 ${base.image}`, `node2 ${upper.image}`]);
  await fakeReplica(it.world).handler.delete(REPLICA, outs);
  expect([base.image, upper.image].flatMap(it.has)).toEqual([]);
});

test("a host of another kind than `platforms` has refuses it", async () => {
  const { handler, placed } = fixture();
  const { change } = built({ platforms: ["linux/arm64"] });
  expect(await messageOf(handler.create(placed("node1", change)))).toMatch(
    /the host is amd64, and `build.platforms` has linux\/arm64 alone/,
  );
});

describe("when an image is pulled", () => {
  const id = (mark: string) => `sha256:${mark.repeat(64)}`;
  const image = { id: id("b"), sizeBytes: 1, architecture: "amd64" };
  const withRegistry = (namedAt = "2026-01-01T00:00:00Z") => {
    const it = fixture();
    it.world.change(({ hosts, registry }) => {
      registry[IMAGE] = image;
      hosts["node1"]!.images[IMAGE] = { ...image, id: id("a"), namedAt };
    });
    return it;
  };
  it.each([
    [undefined, id("a")],
    ["never", id("a")],
    ["always", id("b")],
    [86_400, id("b")],
    [7 * 86_400, id("a")],
  ] as const)("%s", async (pull, expected) => {
    const { handler, placed } = withRegistry();
    const change = pull === undefined ? {} : { pull };
    const { outs } = await handler.create(placed("node1", change));
    expect(outs.imageId).toBe(expected);
  });

  it("never takes one from another host, and none from a registry", async () => {
    const { world, handler, placed } = withRegistry();
    world.change(({ hosts }) => HOSTS.forEach((host) => (hosts[host]!.images = {})));
    expect(await messageOf(handler.create(placed("node1", { pull: "never" })))).toMatch(
      /is on none of the hosts that answer, and is not to be pulled on host 'node1' \(`pull_policy: never`\)/,
    );
  });

  it("leaves a container alone that runs already", async () => {
    const { world, handler, placed } = withRegistry();
    const { outs } = await handler.create(placed("node1"));
    const before = world.host("node1").containers[0]?.id;
    const state = await handler.update(REPLICA, outs, placed("node1", { pull: "always" }));
    expect(state.imageId).toBe(id("a"));
    expect(world.host("node1").containers[0]?.id).toBe(before);
  });
});

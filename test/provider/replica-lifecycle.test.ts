import { FakeWorld } from "../../provider/adapters/fakes/fake-world";
import type { ContainerSpec } from "../../provider/core/container-spec";
import { adopting, put } from "./adoption-fixture";
import { fakeReplica, HOSTS, IMAGE, messageOf, program, REPLICA } from "./replica-fixture";

/** What is run in a container after its start and before its stop. */

const SECRET = "correct horse";
const HOOKS: Partial<ContainerSpec> = {
  postStart: [
    { argv: ["begin"], user: "root", environment: { TOKEN: SECRET } },
    { argv: ["more"] },
  ],
  preStop: [{ argv: ["end"], workingDir: "/srv", privileged: true }],
};

function hooked() {
  const world = FakeWorld.open()
    .addHosts(...HOSTS)
    .addImage(IMAGE, ...HOSTS);
  const ran: string[] = [];
  const fails = new Set<string>();
  for (const name of ["begin", "more", "end"]) {
    world.commands.set(name, ({ host, container, as }) => {
      ran.push(`${name} on ${host.name} in ${container!.name}, ${container!.status}`);
      const said = `${name} cannot do it as ${as?.user ?? "itself"} in ${as?.workingDir ?? "/"}`;
      return fails.has(name) ? { exitCode: 4, stderr: `${said}\n` } : {};
    });
  }
  const it = fakeReplica(world);
  const given = (spec: Partial<ContainerSpec> = HOOKS) => ({
    spec: { ...program("node1").spec, ...spec },
  });
  const names = () => world.host("node1").containers.map(({ name, status }) => `${name} ${status}`);
  return { ...it, ran, fails, given, names };
}

const IN = "on node1 in apples-redis-0, running";

test("both run in turn, after each start and before each stop, a change's and the last one", async () => {
  const it = hooked();
  const { outs } = await it.handler.create(it.placed("node1", it.given()));
  expect(it.ran.splice(0)).toEqual([`begin ${IN}`, `more ${IN}`]);
  const changed = it.placed("node1", { ...it.given(), environment: { A: "1" } });
  const state = await it.handler.update(REPLICA, outs, changed);
  expect(it.ran.splice(0)).toEqual([`end ${IN}`, `begin ${IN}`, `more ${IN}`]);
  await it.handler.delete(REPLICA, state);
  expect(it.ran).toEqual([`end ${IN}`]);
});

test("a first start that fails so leaves nothing, and the message has no secret and no command", async () => {
  const it = hooked();
  it.fails.add("begin");
  const said = await messageOf(it.handler.create(it.placed("node1", it.given())));
  expect(said).toMatch(
    /its post_start command failed on host 'node1' with exit code 4: begin cannot do it as root in \//,
  );
  expect(said).not.toContain(SECRET);
  expect(it.names()).toEqual([]);
});

test("a changed one that fails is put back, and the old one gets what it was started with", async () => {
  const it = hooked();
  const { outs } = await it.handler.create(it.placed("node1", it.given({})));
  it.fails.add("more");
  const said = await messageOf(it.handler.update(REPLICA, outs, it.placed("node1", it.given())));
  expect(said).toMatch(/more cannot do it.*The container that was there before is back\.$/);
  expect(it.names()).toEqual(["apples-redis-0 running"]);
  expect(it.ran).toEqual([`end ${IN}`, `begin ${IN}`, `more ${IN}`]);
});

test("a stop that is refused by the container leaves it as it is", async () => {
  const it = hooked();
  const { outs } = await it.handler.create(it.placed("node1", it.given()));
  const before = it.world.host("node1").containers;
  it.fails.add("end");
  const changed = it.placed("node1", { ...it.given(), environment: { A: "1" } });
  expect(await messageOf(it.handler.update(REPLICA, outs, changed))).toMatch(
    /its pre_stop command failed on host 'node1' with exit code 4: end cannot do it as itself in \/srv.*is back\.$/,
  );
  expect(it.world.host("node1").containers).toMatchObject(
    before.map(({ id, name }) => ({ id, name, status: "running" })),
  );
  expect(await messageOf(it.handler.delete(REPLICA, outs))).toContain(
    "its pre_stop command failed",
  );
  expect(it.names()).toEqual(["apples-redis-0 running"]);
});

test("another pre_stop is no other container, another post_start is", async () => {
  const it = hooked();
  const { outs } = await it.handler.create(it.placed("node1", it.given()));
  const [{ id } = { id: "" }] = it.world.host("node1").containers;
  const other = it.given({ ...HOOKS, preStop: [{ argv: ["more"] }] });
  const state = await it.handler.update(REPLICA, outs, it.placed("node1", other));
  expect(it.world.host("node1").containers).toMatchObject([{ id }]);
  const another = it.given({ ...HOOKS, postStart: [{ argv: ["more"] }] });
  await it.handler.update(REPLICA, state, it.placed("node1", another));
  expect(it.world.host("node1").containers[0]!.id).not.toBe(id);
});

describe("a move", () => {
  const THERE = "on node2 in apples-redis-0, running";

  test("runs the one before it stops the source, and the other on the target", async () => {
    const it = hooked();
    const { outs } = await it.handler.create(it.placed("node1", it.given()));
    it.ran.length = 0;
    await it.handler.update(REPLICA, outs, it.placed("node2", it.given()));
    expect(it.ran).toEqual([`end ${IN}`, `begin ${THERE}`, `more ${THERE}`]);
    expect(it.running()).toEqual(["node2"]);
  });

  test("is taken back where the source refuses", async () => {
    const it = hooked();
    const { outs } = await it.handler.create(it.placed("node1", it.given()));
    it.fails.add("end");
    const said = await messageOf(it.handler.update(REPLICA, outs, it.placed("node2", it.given())));
    expect(said).toContain("its pre_stop command failed on host 'node1'");
    expect(it.running()).toEqual(["node1"]);
  });

  /** A program that ends at once on the target, so that the hosts themselves take the move back. */
  async function takenBackByHosts(fails?: string) {
    const it = hooked();
    const given = it.given({ ...HOOKS, command: ["serve"] });
    const { outs } = await it.handler.create(it.placed("node1", given));
    it.ran.length = 0;
    if (fails !== undefined) it.fails.add(fails);
    it.world.commands.set("serve", () => {
      it.world.commands.delete("serve");
      return { exitCode: 1 };
    });
    const said = await messageOf(it.handler.update(REPLICA, outs, it.placed("node2", given)));
    expect(said).toContain("It runs on host 'node1', with all its data");
    expect(it.running()).toEqual(["node1"]);
    return it;
  }

  test("that is taken back runs the other on the source, which was started again", async () => {
    const { ran, warned } = await takenBackByHosts();
    expect([ran, warned]).toEqual([[`end ${IN}`, `begin ${IN}`, `more ${IN}`], []]);
  });

  test("is taken back also where that one fails, which is a warning", async () => {
    const { warned } = await takenBackByHosts("begin");
    expect(warned.join()).toMatch(/runs on host 'node1', but its post_start command failed/);
  });

  test("that is taken back before the stop runs it not: nothing was started", async () => {
    const it = hooked();
    const { outs } = await it.handler.create(it.placed("node1", it.given()));
    it.ran.length = 0;
    it.world.failNext("node1", { call: "cutover.journal fence", kind: "trouble", reason: "busy" });
    const said = await messageOf(it.handler.update(REPLICA, outs, it.placed("node2", it.given())));
    expect(said).toContain("It runs on host 'node1', with all its data");
    expect(it.ran).toEqual([`end ${IN}`]);
  });

  test("has come to its end where the target's fails, which the `up` says", async () => {
    const it = hooked();
    const { outs } = await it.handler.create(it.placed("node1", it.given()));
    it.fails.add("begin");
    const failure = await it.handler
      .update(REPLICA, outs, it.placed("node2", it.given()))
      .catch((error: unknown) => error);
    expect((failure as Error).message).toMatch(
      /moved to host 'node2' with all its data and runs there, but its post_start command failed/,
    );
    expect(failure).toMatchObject({ outs: { host: "node2" } });
    expect(it.running()).toEqual(["node2"]);
  });
});

test("what is adopted gets the one that comes after a start", async () => {
  const it = hooked();
  put(it.world, "node1");
  const { spec } = adopting();
  await it.handler.create(it.placed("node1", adopting({ spec: { ...spec!, ...HOOKS } })));
  expect(it.ran).toEqual([`begin ${IN}`, `more ${IN}`]);
});

test("a rename that fails leaves a change as if it had not begun", async () => {
  const it = hooked();
  const { outs } = await it.handler.create(it.placed("node1", it.given({})));
  it.world.failNext("node1", { call: "docker.rename", kind: "trouble", reason: "busy" });
  const changed = it.placed("node1", { ...it.given({}), environment: { A: "1" } });
  expect(await messageOf(it.handler.update(REPLICA, outs, changed))).toMatch(
    /The container that was there before is back\.$/,
  );
  expect(it.names()).toEqual(["apples-redis-0 running"]);
});

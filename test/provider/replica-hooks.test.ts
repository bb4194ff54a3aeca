import { FakeWorld } from "../../provider/adapters/fakes/fake-world";
import { PartialStateError } from "../../provider/handlers/handler";
import { fakeReplica, HOSTS, IMAGE, program, REPLICA } from "./replica-fixture";

const HOOKS = { quiesce: ["flush", "--now"], resume: ["wake"] };

/** A replica on node1 whose hooks write down where they ran, and what else was so then. */
async function hooked(fails: { quiesce?: boolean; resume?: boolean } = {}) {
  const world = FakeWorld.open()
    .addHosts(...HOSTS)
    .addImage(IMAGE, ...HOSTS);
  const ran: string[] = [];
  world.commands.set("flush", ({ host, container, argv }) => {
    const { status, restart } = container!;
    ran.push(`${argv.join(" ")} on ${host.name}, ${status}, restart ${restart.name}`);
    return fails.quiesce === true ? { exitCode: 3, stderr: "one\ndisk is read-only\n" } : {};
  });
  world.commands.set("wake", ({ host, container }) => {
    ran.push(`wake on ${host.name}, ${container!.status}`);
    return fails.resume === true ? { exitCode: 1 } : {};
  });
  const it = fakeReplica(world);
  const { outs } = await it.handler.create(it.placed("node1", HOOKS));
  it.write("node1", "mark");
  return { ...it, state: outs, ran };
}

const messageOf = (attempt: Promise<unknown>) =>
  attempt.then(
    () => "nothing was thrown",
    (error: unknown) => (error as Error).message,
  );

describe("the hooks of a move", () => {
  test("run in the source before it is fenced, and in the target once it runs", async () => {
    const { handler, placed, state, ran, running, reported } = await hooked();
    await handler.update(REPLICA, state, placed("node2", HOOKS));
    expect(ran).toEqual([
      "flush --now on node1, running, restart always",
      "wake on node2, running",
    ]);
    expect(running()).toEqual(["node2"]);
    expect(reported).toContainEqual(
      expect.stringMatching(/^apples\/redis: quiesce ran on node1 in/),
    );
  });

  test("come late among the steps, each of which is told as it begins", async () => {
    const { handler, placed, state, reported } = await hooked();
    await handler.update(REPLICA, state, placed("node2", HOOKS));
    const steps = reported.filter((line) =>
      /preparing|while it runs|ready for|quiesce ran/.test(line),
    );
    expect(steps.map((line) => line.replace(/ in .*/, ""))).toEqual([
      "apples/redis: preparing host node2",
      "apples/redis: copying while it runs",
      "apples/redis: making ready for the cutover",
      "apples/redis: quiesce ran on node1",
    ]);
  });

  test("are not run without a move", async () => {
    const { handler, placed, state, ran } = await hooked();
    const spec = { ...state.spec, command: ["redis-server", "--save", ""] };
    await handler.update(REPLICA, state, placed("node1", { ...HOOKS, spec }));
    expect(ran).toEqual([]);
  });

  test("take the move back when quiesce fails, and let the source resume", async () => {
    const { handler, placed, state, ran, running, files } = await hooked({ quiesce: true });
    const attempt = handler.update(REPLICA, state, placed("node2", HOOKS));
    expect(await messageOf(attempt)).toMatch(
      /its quiesce command failed on host 'node1' with exit code 3: disk is read-only\. It runs on host 'node1', with all its data/,
    );
    await expect(attempt).rejects.toBeInstanceOf(PartialStateError);
    expect(ran.map((each) => each.split(",")[0])).toEqual([
      "flush --now on node1",
      "wake on node1",
    ]);
    expect(running()).toEqual(["node1"]);
    expect(files("node2")).toBeUndefined();
  });

  test("let the source resume when the target does not start", async () => {
    const { world, handler, placed, state, ran, running } = await hooked();
    world.failNext("node2", { call: "cutover.open barrier" });
    await expect(handler.update(REPLICA, state, placed("node2", HOOKS))).rejects.toThrow("moving");
    expect(ran.map((each) => each.split(",")[0])).toEqual([
      "flush --now on node1",
      "wake on node1",
    ]);
    expect(running()).toEqual(["node1"]);
  });

  test("are a warning when resume fails: clients are served", async () => {
    const { handler, placed, state, running, warned } = await hooked({ resume: true });
    const outs = await handler.update(REPLICA, state, placed("node2", HOOKS));
    expect(outs.host).toBe("node2");
    expect(running()).toEqual(["node2"]);
    expect(warned).toEqual([
      "apples/redis runs on host 'node2', but its resume command failed on host 'node2' with exit code 1.",
    ]);
  });

  test("never show their command, which may hold a secret, when they cannot be run", async () => {
    const it = await hooked();
    it.world.failNext("node1", { call: "docker.exec", reason: "flush --password hunter2" });
    const attempt = it.handler.update(REPLICA, it.state, it.placed("node2", HOOKS));
    const message = await messageOf(attempt);
    expect(message).toMatch(
      /its quiesce command did not end on host 'node1' within 30 s, or could/,
    );
    expect(message).not.toContain("hunter2");
  });
});

describe("an estimate", () => {
  const preview = async (it: Awaited<ReturnType<typeof hooked>>, host: string, estimate = true) => {
    const news = { ...program(host), ...(estimate ? { estimate } : {}) };
    const { inputs, problems } = it.handler.check(it.state, news);
    expect(problems).toEqual([]);
    expect(inputs).not.toHaveProperty("estimate");
    await it.handler.foretell!(it.state, inputs, news);
  };

  test("is told of a move, and only where it is asked for", async () => {
    const it = await hooked();
    it.world.commands.set("sh", () => ({ stdout: "10000\n" }));
    await preview(it, "node2");
    expect(it.reported.at(-1)).toBe(
      "  estimate: 4 B in 1 volume; copied while it runs, in about 1.0 s at 10 Gbit/s",
    );
    const before = it.reported.length;
    await preview(it, "node1");
    await preview(it, "node2", false);
    // The second one is a move, which is told in words all the same.
    expect(it.reported.slice(before)).toEqual([expect.stringContaining("moves node1 -> node2")]);
  });

  test("that cannot be made is a warning, and changes nothing", async () => {
    const it = await hooked();
    it.world.setFaults("node2", { down: true });
    await preview(it, "node2");
    expect(it.warned).toEqual([
      expect.stringMatching(/^apples\/redis: its move could not be estimated: .*'node2'.*answer/),
    ]);
  });
});

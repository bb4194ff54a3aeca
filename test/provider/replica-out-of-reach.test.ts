import { fakeReplica, REPLICA } from "./replica-fixture";
import { watched } from "./replica-watch";

/**
 * A run is killed in the cutover, which goes on by itself; the target cannot be reached by the run
 * after it.
 */
async function cutoverOutOfReach(step: string) {
  const before = fakeReplica();
  const { outs } = await before.handler.create(before.placed("node1"));
  let dead = false;
  const die = () => {
    if (dead) throw new Error("killed");
  };
  const killed = watched(before.world, die, (call) => {
    if (call === step) dead = true;
    die();
  });
  await killed.handler.update(REPLICA, outs, killed.placed("node2")).catch(() => undefined);
  before.world.around = {};
  before.world.setFaults("node2", { down: true });
  return { world: before.world, outs };
}

test("a cutover that goes on out of reach is ended before its source serves again", async () => {
  const { world, outs } = await cutoverOutOfReach("cutover.stop");
  const done: string[] = [];
  let goesOn = true;
  const run = fakeReplica(world, (tools) => ({
    ...tools,
    movers: {
      ...tools.movers,
      clear: (host) => {
        done.push(`clear on ${host.name}`);
        return Promise.resolve();
      },
      endCutover: (source) => {
        done.push(`end from ${source.name}`);
        const said = goesOn ? "ended" : "none";
        goesOn = false;
        return Promise.resolve(said);
      },
    },
  }));
  world.around = {
    before: (call, host) => {
      if (call === "docker.start") done.push(`start on ${host}`);
    },
  };
  const changed = { ...run.placed("node1"), healthTimeoutSeconds: 7 };
  await run.handler.update(REPLICA, outs, changed).catch(() => undefined);
  // What clearing takes away is what the cutover is found by.
  expect(done.slice(0, 3)).toEqual(["end from node1", "end from node1", "clear on node1"]);
  expect(done).toContain("start on node1");
  expect(run.reported.join("\n")).toMatch(
    /ended a cutover that went on between node1 and node2, which does not answer/,
  );
});

test("no cutover is ended while its target answers", async () => {
  const { world, outs } = await cutoverOutOfReach("cutover.stop");
  world.setFaults("node2", { down: false });
  const asked: string[] = [];
  const run = fakeReplica(world, (tools) => ({
    ...tools,
    movers: {
      ...tools.movers,
      endCutover: (source) => {
        asked.push(source.name);
        return Promise.resolve("none" as const);
      },
    },
  }));
  await run.handler.update(REPLICA, outs, run.placed("node2"));
  expect(asked).toEqual([]);
});

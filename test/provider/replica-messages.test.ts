import type { FakeContainer } from "../../provider/adapters/fakes/fake-state";
import type { FakeWorld } from "../../provider/adapters/fakes/fake-world";
import { FerryError } from "../../provider/core/errors";
import type { ReplicaState } from "../../provider/core/replica/model";
import { PartialStateError } from "../../provider/handlers/handler";
import { fakeReplica, journal, messageOf, onNode1, REPLICA } from "./replica-fixture";

describe("one message says what it was left in", () => {
  test("a target that is lost: it serves where it was", async () => {
    const { world, handler, state, placed, running } = await onNode1();
    let copied = 0;
    world.around = {
      after: (call) => {
        if (call === "mover.round" && ++copied === 2)
          world.change(({ hosts }) => void (hosts["node2"]!.faults.down = true));
      },
    };
    const attempt = handler.update(REPLICA, state, placed("node2"));
    expect(await messageOf(attempt)).toMatch(
      /^moving apples\/redis from host 'node1' to host 'node2' failed: .*It runs on host 'node1', with all its data\. Host 'node2' does not answer/,
    );
    await expect(attempt).rejects.toBeInstanceOf(PartialStateError);
    expect(running()).toEqual(["node1"]);
  });

  test("a source that is lost before it let go: nothing is decided over its head", async () => {
    const { world, handler, state, placed, running } = await onNode1();
    world.around = {
      after: (call) => {
        if (call === "cutover.stop") {
          world.change(({ hosts }) => void (hosts["node1"]!.faults.down = true));
        }
      },
    };
    const message = await messageOf(handler.update(REPLICA, state, placed("node2")));
    expect(message).toMatch(
      /It could not be taken back yet: host 'node1', where it was last, does not answer \(it was being moved from there to host 'node2'\)\./,
    );
    expect(running()).toEqual([]);
    world.around = {};
    world.setFaults("node1", { down: false });
    await handler.update(REPLICA, state, placed("node2"));
    expect(running()).toEqual(["node2"]);
  });

  test("a target whose daemon ends right after the commit: it is started again", async () => {
    const { world, handler, state, placed, running } = await onNode1();
    world.around = {
      after: (call) => {
        if (call !== "cutover.open inbound") return;
        world.change(({ hosts }) => void (hosts["node2"]!.containers[0]!.status = "exited"));
      },
    };
    await handler.update(REPLICA, state, placed("node2"));
    expect(running()).toEqual(["node2"]);
    expect(world.host("node2").containers[0]?.restart).toEqual({ name: "always" });
  });

  test("a source whose container was removed meanwhile: it runs nowhere, and what makes it again", async () => {
    const { world, handler, state, placed, running } = await onNode1();
    world.around = {
      after: (call) => {
        if (call !== "mover.round") return;
        world.around = {};
        world.change(({ hosts }) => void (hosts["node1"]!.containers = []));
        throw new FerryError("the link broke");
      },
    };
    const message = await messageOf(handler.update(REPLICA, state, placed("node2")));
    expect(message).toMatch(
      /failed: the link broke\. Its container is gone from host 'node1'; this move did not remove it, and has not touched its data\. Put its host back to 'node1' and run `pulumi up`, which makes it there\.$/,
    );
    const outs = await handler.update(REPLICA, state, placed("node1"));
    expect(running()).toEqual(["node1"]);
    await handler.update(REPLICA, outs, placed("node2"));
    expect(running()).toEqual(["node2"]);
  });

  test("a source without data whose container was removed meanwhile: the next run makes it", async () => {
    const bare = { spec: { image: "redis:7" }, volumes: {} };
    const { world, handler, placed, running } = fakeReplica();
    const { outs } = await handler.create(placed("node1", bare));
    world.around = {
      before: (call) => {
        if (call !== "cutover.journal fence") return;
        world.around = {};
        world.change(({ hosts }) => void (hosts["node1"]!.containers = []));
        throw new FerryError("the link broke");
      },
    };
    const next = placed("node2", bare);
    const message = await messageOf(handler.update(REPLICA, outs, next));
    expect(message).toMatch(
      /Its container is gone from host 'node1'; this move did not remove it\. The next `pulumi up` makes it\.$/,
    );
    await handler.update(REPLICA, outs, next);
    expect(running()).toEqual(["node2"]);
  });

  test("a copy of somebody's own on a third host: where it is now", async () => {
    const { world, handler, state, placed } = await onNode1();
    world.around = {
      after: (call) => {
        if (call !== "mover.round") return;
        world.around = {};
        world.change(({ hosts }) => {
          const [container] = hosts["node1"]!.containers.splice(0);
          hosts["node3"]!.containers.push(container!);
        });
        throw new FerryError("the link broke");
      },
    };
    expect(await messageOf(handler.update(REPLICA, state, placed("node2")))).toMatch(
      /failed: the link broke\. It is on host 'node3' now, where this move has not put it; the next `pulumi up` goes on from there\.$/,
    );
  });

  /**
   * The cutover's script notes that the target is home, and is killed together with the target's
   * container.
   */
  const diesAtHome = (
    world: FakeWorld,
    how = (containers: FakeContainer[]) => void (containers[0]!.status = "exited"),
  ) => {
    world.around = {
      after: (call) => {
        if (call !== "cutover.journal") return;
        if ((journal(world, "node2") as { role?: string } | undefined)?.role !== "home") return;
        world.around = {};
        world.change(({ hosts }) => how(hosts["node2"]!.containers));
        throw new FerryError("the link broke");
      },
    };
  };

  test("a target that ends with its cutover, after the commit: it is started again", async () => {
    const { world, handler, state, placed, running } = await onNode1();
    diesAtHome(world);
    const attempt = handler.update(REPLICA, state, placed("node2"));
    expect(await messageOf(attempt)).toMatch(
      /failed: the link broke\. It had been committed before that: it runs on host 'node2', with all its data\.$/,
    );
    await expect(attempt).rejects.toBeInstanceOf(PartialStateError);
    expect(running()).toEqual(["node2"]);
    expect(world.host("node2").containers[0]?.restart).toEqual({ name: "always" });
  });

  test("a target that ends with its cutover and does not start: where its data is, and why it does not run", async () => {
    const { world, handler, state, placed, running } = await onNode1();
    diesAtHome(world);
    world.failNext("node2", { call: "docker.start" });
    const attempt = handler.update(REPLICA, state, placed("node2"));
    expect(await messageOf(attempt)).toMatch(
      /It had been committed before that, so its data is on host 'node2', but it does not run there: .*Correct the program/,
    );
    await expect(attempt).rejects.toBeInstanceOf(PartialStateError);
    expect(running()).toEqual([]);
  });

  test("a target whose container is gone after the commit: the next run makes it", async () => {
    const { world, handler, state, placed, running } = await onNode1();
    diesAtHome(world, (containers) => void containers.splice(0));
    const attempt = handler.update(REPLICA, state, placed("node2"));
    expect(await messageOf(attempt)).toMatch(
      /It had been committed before that: its data is on host 'node2', but its container is gone from there\. The next `pulumi up` makes it\.$/,
    );
    const partial = await attempt.catch((error: unknown) => (error as PartialStateError).outs);
    await handler.update(REPLICA, partial as ReplicaState, placed("node2"));
    expect(running()).toEqual(["node2"]);
  });

  test("a source that cannot be cleared up: it moved, and the next run finishes", async () => {
    const { world, handler, state, placed, running } = await onNode1();
    world.around = {
      after: (call) => {
        if (call !== "cutover.open inbound") return;
        world.change(({ hosts }) => void (hosts["node1"]!.faults.down = true));
      },
    };
    const attempt = handler.update(REPLICA, state, placed("node2"));
    await expect(attempt).rejects.toBeInstanceOf(PartialStateError);
    expect(await messageOf(attempt)).toMatch(
      /^apples\/redis moved to host 'node2' with all its data, but/,
    );
    world.around = {};
    world.setFaults("node1", { down: false });
    const partial = await attempt.catch((error: unknown) => (error as PartialStateError).outs);
    await handler.update(REPLICA, partial as ReplicaState, placed("node2"));
    expect(running()).toEqual(["node2"]);
    expect(world.host("node1").containers).toEqual([]);
  });
});

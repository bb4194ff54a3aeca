import { FakeLocks } from "../../provider/adapters/fakes/fake-lock";
import type { FakeWorld } from "../../provider/adapters/fakes/fake-world";
import { FerryError, OUTCOME_UNKNOWN } from "../../provider/core/errors";
import { journalPath } from "../../provider/core/move/journal";
import type { ReplicaState } from "../../provider/core/replica/model";
import { PartialStateError } from "../../provider/handlers/handler";
import { HOSTS, onNode1, REPLICA } from "./replica-fixture";
import { client, runKilledAt, watched } from "./replica-watch";

async function callsOfAMove(): Promise<string[]> {
  const { world, state } = await onNode1();
  const calls: string[] = [];
  const it = watched(
    world,
    (call, host) => void calls.push(`${call} on ${host}`),
    () => undefined,
  );
  await it.handler.update(REPLICA, state, it.placed("node2"));
  return calls;
}

describe("a move that is interrupted at any call", () => {
  test.each([
    ["and the program still says so", "node2"],
    ["and the program was put back", "node1"],
    ["and the program names a third host", "node3"],
  ])(
    "ends with one copy and all acknowledged writes, %s",
    async (_name, next) => {
      const calls = await callsOfAMove();
      expect(calls.length).toBeGreaterThan(40);
      for (const when of ["before", "after"] as const) {
        for (let at = 0; at < calls.length; at++) {
          const { world, state } = await onNode1();
          const { acknowledged, look } = client(world);
          const killed = runKilledAt(world, look, { at, when });
          await killed.handler
            .update(REPLICA, state, killed.placed("node2"))
            .catch(() => undefined);

          const again = watched(world, look, look);
          const outs = await again.handler.update(REPLICA, state, again.placed(next));
          look();
          expect(outs.host).toBe(next);
          expect(again.running()).toEqual([next]);
          const kept = Object.keys(again.files(next)!);
          const lost = acknowledged.filter(({ name }) => !kept.includes(name));
          expect({ call: calls[at], when, lost }).toEqual({ call: calls[at], when, lost: [] });
          const containers = HOSTS.flatMap((host) => world.host(host).containers);
          expect(containers).toHaveLength(1);
          expect(containers[0]?.restart).toEqual({ name: "always" });
          await again.handler.delete(REPLICA, outs);
          for (const host of HOSTS)
            expect(world.host(host)).toMatchObject({ containers: [], files: {} });
        }
      }
    },
    60_000,
  );
});

describe("a move that is taken back while the source's daemon ends", () => {
  test("says that it runs there only when it does, whenever the container was taken down", async () => {
    let taken = 0;
    for (let later = 0; ; later++) {
      const { world, state } = await onNode1();
      let failed = false;
      let calls = 0;
      let down: number | undefined;
      const { handler, placed, running } = watched(
        world,
        () => {
          if (failed) calls += 1;
          if (failed && down === undefined && calls > later) {
            down = calls;
            world.change(({ hosts }) => {
              for (const copy of hosts.node1!.containers) copy.status = "exited";
            });
          }
        },
        (call) => {
          if (failed || call !== "cutover.open barrier") return;
          failed = true;
          throw new FerryError({ kind: "trouble", reason: "the link is not there" });
        },
      );
      const error: unknown = await handler
        .update(REPLICA, state, placed("node2"))
        .catch((thrown: unknown) => thrown);
      if (down === undefined) break;
      const said = /It runs on host '(\w+)'/.exec((error as Error).message)?.[1];
      // Nobody knows what happens after the last look; but its two requests are the last ones.
      if (said !== undefined && down < calls - 1)
        expect({ later, running: running() }).toEqual({ later, running: [said] });
      taken += 1;
    }
    expect(taken).toBeGreaterThan(5);
  });
});

describe("a move that is taken back to a container which its daemon has started by itself", () => {
  const takenBack = async (looks: number) => {
    const { world, state } = await onNode1();
    world.change(({ hosts }) => {
      hosts.node1!.extra["looksWithoutNetwork"] = looks;
    });
    const { handler, placed } = watched(
      world,
      () => undefined,
      (call) => {
        if (call === "cutover.journal fence")
          throw new Error("its link to the network is not there");
      },
    );
    const error: unknown = await handler
      .update(REPLICA, state, placed("node2"))
      .catch((thrown: unknown) => thrown);
    return { said: (error as Error).message, left: world.host("node1").extra };
  };

  test("says that it runs only when its program has its address", async () => {
    const { said, left } = await takenBack(3);
    expect(said).toContain("It runs on host 'node1'");
    expect(left["looksWithoutNetwork"]).toBeLessThan(0);
  });

  test("says what it waits for when no address comes", async () => {
    const { said } = await takenBack(1e6);
    expect(said).toMatch(/does not run there: .*no address from Weave for \d+ s/);
  });
});

describe("a move of which any one call fails", () => {
  test("is finished or taken back, and the next one succeeds", async () => {
    const calls = await callsOfAMove();
    let takenBack = 0;
    for (const when of ["before", "after"] as const) {
      for (let at = 0; at < calls.length; at++) {
        const { world, state } = await onNode1();
        const { acknowledged, look } = client(world);
        let made = 0;
        let broken = false;
        const fail = () => {
          broken = true;
          throw new FerryError({
            ...{ kind: "trouble", touched: "unknown" },
            reason: `the link broke ${when} call ${at}, ${calls[at] ?? ""}`,
          });
        };
        const failing = watched(
          world,
          () => {
            look();
            if (!broken && made === at && when === "before") fail();
          },
          () => {
            look();
            made += 1;
            if (!broken && made > at && when === "after") fail();
          },
        );
        let now: ReplicaState = state;
        try {
          now = await failing.handler.update(REPLICA, state, failing.placed("node2"));
        } catch (error) {
          if (error instanceof PartialStateError) now = error.outs as ReplicaState;
          // Whoever writes the message has looked at the hosts since, or has changed nothing.
          expect((error as Error).message).not.toContain(OUTCOME_UNKNOWN);
          takenBack += 1;
        }
        look();
        const where = { call: calls[at], when };
        expect({ ...where, running: failing.running() }).toEqual({ ...where, running: [now.host] });
        const again = watched(world, look, look);
        await again.handler.update(REPLICA, now, again.placed("node2"));
        look();
        expect(again.running()).toEqual(["node2"]);
        const kept = Object.keys(again.files("node2")!);
        const lost = acknowledged.filter(({ name }) => !kept.includes(name));
        expect({ ...where, lost }).toEqual({ ...where, lost: [] });
      }
    }
    expect(takenBack).toBeGreaterThan(20);
  }, 60_000);
});

describe("a host that loses its power at any call of a move", () => {
  const powerLoss = (world: FakeWorld, name: string) =>
    world.change(({ hosts }) => {
      hosts[name]!.faults.down = true;
      for (const container of hosts[name]!.containers) {
        if (container.status === "running") container.status = "exited";
        delete container.inboundBlocked;
      }
    });
  const powerBack = (world: FakeWorld, name: string) =>
    world.change(({ hosts }) => {
      hosts[name]!.faults.down = false;
      for (const container of hosts[name]!.containers) {
        if (container.restart.name === "always") container.status = "running";
      }
    });

  test.each(["node1", "node2"])(
    "%s: one message says what it left, and with its return all goes on",
    async (lost) => {
      const calls = await callsOfAMove();
      let servedAtOnce = 0;
      for (let at = 0; at < calls.length; at++) {
        const { world, state } = await onNode1();
        const untouched = asLeft(world);
        const { acknowledged, look } = client(world);
        let made = 0;
        const locks = new FakeLocks();
        const watching = watched(
          world,
          () => {
            if (made === at) {
              powerLoss(world, lost);
              // Nobody there can say any more who holds it.
              locks.disconnect(lost);
            }
            made += 1;
            look();
          },
          look,
          locks,
        );
        const reported: string[] = [];
        let now: ReplicaState = state;
        try {
          now = await watching.handler.update(REPLICA, state, watching.placed("node2"));
        } catch (error) {
          if (error instanceof PartialStateError) now = error.outs as ReplicaState;
          reported.push((error as Error).message);
        }
        look();
        const where = { call: calls[at], reported };
        // Whoever is left serves, but for a target whose source died before it let go.
        const running = watching.running();
        if (lost === "node2") {
          const committed = JSON.stringify(journalOf(world, "node1")).includes("committed");
          const home = now.host === "node2" || committed;
          expect({ ...where, running }).toEqual({ ...where, running: home ? [] : ["node1"] });
          if (!home) servedAtOnce += 1;
        }
        for (const message of reported) {
          expect(message).toMatch(/apples\/redis/);
          expect(message).toMatch(/[.!]$/);
          expect({ ...where, odd: /[.!?] [a-z].*/.exec(message)?.[0] }).toEqual({
            ...where,
            odd: undefined,
          });
          if (/nothing was (changed|sent)/i.test(message)) {
            expect({ ...where, left: asLeft(world) }).toEqual({ ...where, left: untouched });
          }
        }
        powerBack(world, lost);
        look();
        const again = watched(world, look, look);
        const outs = await again.handler.update(REPLICA, now, again.placed("node2"));
        look();
        expect({ ...where, running: again.running() }).toEqual({ ...where, running: ["node2"] });
        const kept = Object.keys(again.files("node2")!);
        const gone = acknowledged.filter(({ name }) => !kept.includes(name));
        expect({ ...where, gone }).toEqual({ ...where, gone: [] });
        await again.handler.delete(REPLICA, outs);
        for (const host of HOSTS)
          expect(world.host(host)).toMatchObject({ containers: [], files: {} });
      }
      if (lost === "node2") expect(servedAtOnce).toBeGreaterThan(30);
    },
    60_000,
  );
});

/**
 * What a run changes on hosts: containers, volumes and journals. A host that lost its power still
 * has them on disk.
 */
function asLeft(world: FakeWorld): unknown {
  return HOSTS.map((name) => {
    const { containers, volumes, files } = world.host(name);
    return {
      containers: containers.map(({ id, restart }) => ({ id, restart })),
      volumes: volumes.map((volume) => volume.name),
      files,
    };
  });
}

function journalOf(world: FakeWorld, host: string): unknown {
  const file = world.host(host).files[journalPath(REPLICA)];
  return file === undefined ? {} : JSON.parse(Buffer.from(file.content, "base64").toString());
}

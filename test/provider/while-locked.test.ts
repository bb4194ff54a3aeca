import { FakeLockTable } from "../../provider/adapters/fakes/fake-lock";
import { FakeWorld } from "../../provider/adapters/fakes/fake-world";
import type { PlacedReplica } from "../../provider/core/replica/model";
import { whileLocked } from "../../provider/handlers/replica/while-locked";
import type { ReplicaTools } from "../../provider/handlers/replica/replica-tools";
import { fakeHostDirectory } from "../../provider/adapters/fakes/fake-host-directory";
import { program } from "./replica-fixture";

const world = FakeWorld.open().addHosts("node1", "node2").addName("alpha", "node1");
const table = new FakeLockTable(world);
const tools = (locks = table.run(2)) =>
  ({ hosts: fakeHostDirectory(world), locks, owner: "root@test" }) as unknown as ReplicaTools;
const connections = Object.fromEntries(
  ["alpha", "node1", "node2"].map((host) => [host, { host, hostKey: "ssh-ed25519 AAAA" }]),
);
const PLACED = program("node1") as unknown as PlacedReplica;
const claim = (hosts: readonly string[], replica = PLACED) => ({
  replica,
  connections,
  hosts,
  reason: "moving it",
});

test("an operation that has two names for one machine holds it once, and does not wait for itself", async () => {
  const locked = await whileLocked(tools(), claim(["alpha", "node1", "node2"]), ({ check }) => {
    check(new Set(["node1", "node2"]));
    return Promise.resolve([table.locksOn("node1"), table.locksOn("node2")]);
  });
  expect(locked.map((names) => names.length)).toEqual([1, 1]);
  expect([...table.taken]).toEqual([]);
});

test("a lock that is lost counts for its machine alone", async () => {
  const locks = table.run(2);
  const outcome = whileLocked(tools(locks), claim(["alpha", "node1", "node2"]), ({ check }) => {
    locks.disconnect("node1");
    check(new Set(["node2"]));
    expect(() => check(new Set(["node1"]))).toThrow("was stopped");
    return Promise.resolve("done");
  });
  expect(await outcome).toBe("done");
});

test("two runs that name the machines in opposite order do not wait crosswise", async () => {
  // to one of them node1 is "zeta"
  const other = FakeWorld.open().addHosts("node1", "node2").addName("zeta", "node1");
  const shared = new FakeLockTable(other);
  const names = { zeta: { host: "zeta" }, node1: { host: "node1" }, node2: { host: "node2" } };
  const run = (hosts: readonly string[]) =>
    whileLocked(
      { ...tools(shared.run(2)), hosts: fakeHostDirectory(other) },
      { ...claim(hosts), connections: names },
      async () => {
        await new Promise((resolve) => setTimeout(resolve, 5));
        return "done";
      },
    );
  const runs = Array.from({ length: 6 }, (_, i) =>
    run(i % 2 ? ["node2", "zeta"] : ["node1", "node2"]),
  );
  expect(await Promise.all(runs)).toEqual(Array.from({ length: 6 }, () => "done"));
});

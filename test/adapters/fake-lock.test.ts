import { fakeHostDirectory } from "../../provider/adapters/fakes/fake-host-directory";
import { FakeLockTable } from "../../provider/adapters/fakes/fake-lock";
import { FakeWorld } from "../../provider/adapters/fakes/fake-world";
import type { Host } from "../../provider/core/adapter-ports";
import { lockContract } from "../contracts/lock-contract";

describe("the fake locks", () => {
  const world = FakeWorld.open().addHosts("node1").addName("alpha", "node1");
  const table = new FakeLockTable(world);
  const runs = [table.run(2), table.run(2)] as const;
  const open = (name: string) => fakeHostDirectory(world).open(name, { host: name });
  let host: Host;
  let otherName: Host;
  beforeAll(async () => {
    host = await open("node1");
    otherName = await open("alpha");
  });
  lockContract(() => ({
    hosts: [host, host],
    otherName,
    runs,
    disconnectFirst: () => runs[0].disconnect(),
    left: () => Promise.resolve(table.locksOn("node1")),
  }));
});

import { FakeLockTable } from "../../provider/adapters/fakes/fake-lock";
import type { Host } from "../../provider/core/ports";
import { lockContract } from "../contracts/lock-contract";

describe("the fake locks", () => {
  const table = new FakeLockTable();
  const host = { name: "node1" } as Host;
  const runs = [table.run(2), table.run(2)] as const;
  lockContract(() => ({
    hosts: [host, host],
    runs,
    cutFirst: () => runs[0].cut(),
    left: () => Promise.resolve(table.heldOn("node1")),
  }));
});

import { fakeHostDirectory } from "../../provider/adapters/fakes/fake-host-directory";
import { fakeLeases } from "../../provider/adapters/fakes/fake-leases";
import { FakeWorld } from "../../provider/adapters/fakes/fake-world";
import type { Host } from "../../provider/core/adapter-ports";
import { leaseContract } from "../contracts/lease-contract";

const world = FakeWorld.open().addHosts("node1");
let host: Host;

beforeAll(async () => {
  host = await fakeHostDirectory(world).open("node1", { host: "node1", hostKey: "k" });
});

leaseContract("on fake hosts", {
  host: () => host,
  leases: () => fakeLeases(world),
  volume: "contract_it's",
});

import { fakeHostDirectory } from "../../provider/adapters/fakes/fake-host-directory";
import { fakeQuarantine, fakeJournals } from "../../provider/adapters/fakes/fake-journals";
import { FakeWorld } from "../../provider/adapters/fakes/fake-world";
import type { Host } from "../../provider/core/adapter-ports";
import { journalContract } from "../contracts/journal-contract";

const world = FakeWorld.open().addHosts("node1");
let host: Host;

beforeAll(async () => {
  host = await fakeHostDirectory(world).open("node1", { host: "node1", hostKey: "k" });
});

journalContract("on fake hosts", {
  host: () => host,
  journals: () => fakeJournals(world),
  quarantined: () => fakeQuarantine(world),
  replica: "contract/test/journal/it/0",
  put: (volume, file) => {
    world.change(({ hosts }) => {
      const found = hosts["node1"]!.volumes.find(({ name }) => name === volume)!;
      found.files[file] = { content: "", mode: 0o644 };
    });
    return Promise.resolve();
  },
  list: (volume) => {
    const found = world.host("node1").volumes.find(({ name }) => name === volume);
    return Promise.resolve(Object.keys(found?.files ?? {}));
  },
});

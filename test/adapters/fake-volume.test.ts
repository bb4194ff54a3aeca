import { fakeHostDirectory } from "../../provider/adapters/fakes/fake-host-directory";
import { fakeMoveParts } from "../../provider/adapters/fakes/fake-volume";
import { FakeWorld } from "../../provider/adapters/fakes/fake-world";
import type { Host } from "../../provider/core/adapter-ports";
import { dataMoverContract, type MoverPair } from "../contracts/data-mover-contract";

describe("the fake DataMovers", () => {
  const world = FakeWorld.open().addHosts("node1", "node2");
  const hosts = fakeHostDirectory(world);
  let pair: MoverPair;

  const volumeOf = (host: Host) => (all: Parameters<Parameters<FakeWorld["change"]>[0]>[0]) =>
    all.hosts[host.name]!.volumes[0]!;

  beforeAll(async () => {
    const open = (name: string) => hosts.open(name, { host: name, hostKey: "k" });
    pair = {
      movers: fakeMoveParts(world).movers,
      source: await open("node1"),
      target: await open("node2"),
      write: (host, file, content) => {
        world.change((state) => {
          const encoded = Buffer.from(content).toString("base64");
          volumeOf(host)(state).files[file] = { content: encoded, mode: 0o644 };
        });
        return Promise.resolve();
      },
      remove: (host, file) => {
        world.change((state) => Reflect.deleteProperty(volumeOf(host)(state).files, file));
        return Promise.resolve();
      },
      read: (host) => {
        const { files } = world.host(host.name).volumes[0]!;
        const read = Object.entries(files).map(([name, file]) => [
          name,
          Buffer.from(file.content, "base64").toString(),
        ]);
        return Promise.resolve(Object.fromEntries(read) as Record<string, string>);
      },
    };
  });

  dataMoverContract(() => pair);
});

import { mkdtempSync, rmSync } from "fs";
import { tmpdir } from "os";
import { join } from "path";
import type { Host } from "../../provider/core/adapter-ports";
import { fakeHostDirectory } from "../../provider/adapters/fakes/fake-host-directory";
import { FakeWorld } from "../../provider/adapters/fakes/fake-world";
import { dockerContract } from "../contracts/docker-contract";
import { shellContract } from "../contracts/shell-contract";
import { localSh } from "./local-sh";

const IMAGE = "ferry-demo/box:1";
const connection = { host: "192.0.2.1", user: "ferry" };

function newWorld(path?: string): FakeWorld {
  const world = FakeWorld.open(path).addHosts("node1", "node2").addImage(IMAGE, "node1");
  world.commands.set("sh", localSh);
  return world;
}

const contractWorld = newWorld();
let contractHost: Host | undefined;
const host = () => {
  if (!contractHost) throw new Error("not opened");
  return contractHost;
};
beforeAll(async () => {
  contractHost = await fakeHostDirectory(contractWorld).open("node1", connection);
});

shellContract("fake", { host, folder: "/tmp/fake" });
dockerContract("fake", { host, image: IMAGE, prefix: "contract", freePort: 8080 });

describe("faults of a fake host", () => {
  const open = (world: FakeWorld, name = "node1") =>
    fakeHostDirectory(world).open(name, connection);

  test("a script is a named stand-in where a test gives one", async () => {
    const world = newWorld();
    world.scripts.set("reboot now", ({ host: found, argv }) => {
      found.extra["rebooted"] = argv.slice(3);
      return { stdout: "soon" };
    });
    const { shell } = await open(world);
    expect((await shell.script("reboot now", ["quietly"])).stdout).toBe("soon");
    expect(world.host("node1").extra).toEqual({ rebooted: ["quietly"] });
  });

  test.each([
    [{ down: true }, "does not answer"],
    [{ otherHostKey: true }, "the host key is wrong"],
    [{ refusesKey: true }, "it refused the key of user 'ferry'"],
  ])("%j turns `open` away", async (faults, message) => {
    const world = newWorld();
    world.setFaults("node1", faults);
    await expect(open(world)).rejects.toThrow(message);
    await expect(open(world)).rejects.toThrow("host 'node1' (192.0.2.1:22)");
    await open(world, "node2");
  });

  test("a host that goes down later fails what comes then", async () => {
    const world = newWorld();
    const { shell, docker } = await open(world);
    world.setFaults("node1", { down: true });
    await expect(shell.run({ argv: ["true"] })).rejects.toThrow("does not answer");
    await expect(docker.info()).rejects.toThrow("does not answer");
    world.setFaults("node1", { down: false });
    await docker.info();
  });

  test("without Docker, without Weave's proxy, without sudo", async () => {
    const world = newWorld();
    const { shell, docker } = await open(world);
    world.setFaults("node1", { withoutDocker: true, refusesSudo: true });
    await expect(docker.info()).rejects.toThrow("Docker is not running on host 'node1'");
    const asRoot = shell.run({ argv: ["true"], root: true });
    await expect(asRoot).rejects.toThrow("may not run sudo without a password");
    world.setFaults("node1", { withoutDocker: false, withoutProxy: true });
    const request = {
      name: "a",
      spec: { image: IMAGE },
      environment: {},
      volumeNames: {},
      labels: {},
      hostname: "a",
      dnsSearch: [],
    };
    const onOverlay = docker.create({ ...request, overlayAddresses: ["10.40.0.2/24"] });
    await expect(onOverlay).rejects.toThrow("Weave's proxy does not answer on host 'node1'");
    await docker.create({ ...request, overlayAddresses: [] });
  });

  test("a call fails once, before or after it was done", async () => {
    const world = newWorld();
    const { docker } = await open(world);
    const volume = { name: "v", driver: "local", options: {}, labels: {} };
    world.failNext("node1", { call: "docker.createVolume", reason: "out of luck" });
    await expect(docker.createVolume(volume)).rejects.toThrow("out of luck");
    expect(await docker.volume("v")).toBeUndefined();
    world.failNext("node1", { call: "docker.createVolume", when: "after" });
    await expect(docker.createVolume(volume)).rejects.toThrow("Its outcome is unknown");
    expect(await docker.volume("v")).toBeDefined();
  });

  test("what a caller does to a copy of a host changes nothing", () => {
    const world = newWorld();
    world.host("node1").faults.down = true;
    expect(world.host("node1").faults).toEqual({});
  });

  test("a world in a file is one world for several processes", async () => {
    const folder = mkdtempSync(join(tmpdir(), "ferry-world-"));
    try {
      const path = join(folder, "world.json");
      const { docker, shell } = await open(newWorld(path));
      const there = await open(FakeWorld.open(path));
      await shell.writeFile("/etc/journal", "epoch 2");
      await docker.pull(IMAGE).catch(() => undefined);
      expect(await there.shell.readFile("/etc/journal")).toBe("epoch 2");
      await there.docker.createVolume({ name: "v", driver: "local", options: {}, labels: {} });
      expect((await docker.volume("v"))?.name).toBe("v");
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

import { createServer, type Server } from "http";
import { mkdtempSync, rmSync } from "fs";
import { tmpdir } from "os";
import { join } from "path";
import { fakeHostDirectory } from "../../provider/adapters/fakes/fake-host-directory";
import { FakeWorld } from "../../provider/adapters/fakes/fake-world";
import { sshHostDirectory } from "../../provider/adapters/host-directory";
import { isAnotherMachine, isSameMachine, isSameNow } from "../../provider/core/machine";
import { machineContract } from "../contracts/machine-contract";
import { TestServer } from "./ssh-server";

const world = FakeWorld.open().addHosts("one", "two").addName("other", "one");
const fakes = fakeHostDirectory(world);
const connection = { host: "192.0.2.1" };

machineContract("fake", (name) => fakes.open(name, connection));

const real = sshHostDirectory();
const server = new TestServer();
const folder = mkdtempSync(join(tmpdir(), "ferry-machine-"));
let asked = 0;
let docker: Server;
beforeAll(async () => {
  await server.listen();
  docker = createServer((request, response) => {
    if (request.url?.endsWith("/info") === true) asked += 1;
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ ID: "ABCD:EFGH", Version: "20.10", OperatingSystem: "x" }));
  });
  await new Promise<void>((resolve) => docker.listen(join(folder, "docker"), resolve));
  server.sockets.set("/var/run/docker.sock", join(folder, "docker"));
});
afterAll(async () => {
  await real.close();
  await server.close();
  await new Promise((resolve) => docker.close(resolve));
  rmSync(folder, { recursive: true });
});

machineContract("ssh", (name) => real.open(name, server.connection()));

test("a machine is asked once, and again when its connection was lost", async () => {
  const host = await real.open("one", server.connection());
  await host.machine();
  const before = asked;
  await Promise.all([host.machine(), host.machine()]);
  expect(asked).toBe(before);
  server.disconnect();
  await host.shell.run({ argv: ["true"] }).catch(() => undefined);
  await (await real.open("one", server.connection())).machine();
  expect(asked).toBe(before + 1);
});

describe("machines of a fake world", () => {
  const machineOf = async (name: string) => (await fakes.open(name, connection)).machine();

  test("two hosts are two machines", async () => {
    expect(isAnotherMachine(await machineOf("one"), await machineOf("two"))).toBe(true);
  });

  test("with an empty disk it is the same one, though not right now", async () => {
    const before = await machineOf("two");
    world.wipeDisk("two");
    const after = await machineOf("two");
    expect(isSameMachine(before, after)).toBe(true);
    expect(isSameNow(before, after)).toBe(false);
  });

  test("another one may stand under a name", async () => {
    const before = await machineOf("two");
    world.replaceMachine("two");
    expect(isAnotherMachine(before, await machineOf("two"))).toBe(true);
  });
});

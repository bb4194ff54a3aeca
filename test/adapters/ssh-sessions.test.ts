import type { Host } from "../../provider/core/adapter-ports";
import { sshHostDirectory } from "../../provider/adapters/host-directory";
import { TestServer } from "./ssh-server";

/** sshd's bounds: how many commands it lets one connection run at a time, down to one. */

describe.each([1, 2, 4])("MaxSessions %i", (most) => {
  let server: TestServer;
  let host: Host;
  const hosts = sshHostDirectory();

  beforeAll(async () => {
    server = await new TestServer(undefined, most).listen();
    host = await hosts.open("node1", server.connection({ user: "root" }));
  });
  afterAll(async () => {
    await hosts.close();
    await server.close();
  });

  test("many commands at once all run, once each", async () => {
    const all = await Promise.all(
      Array.from({ length: 40 }, (_, i) =>
        host.shell.check({ argv: ["sh", "-c", `sleep 0.02; echo ${i}`] }),
      ),
    );
    expect(all).toEqual(all.map((_, i) => `${i}\n`));
    expect(server.commands).toHaveLength(40);
    expect(server.mostSessions).toBeLessThanOrEqual(8);
  });

  test("commands go on while ten streams are held, as locks are", async () => {
    const sessions = await Promise.all(
      Array.from({ length: 10 }, () => host.shell.stream({ argv: ["cat"] })),
    );
    for (const { stdout } of sessions) stdout.resume();
    expect(await host.shell.check({ argv: ["echo", "on we go"] })).toBe("on we go\n");
    sessions[0]?.kill();
    for (const { stdin } of sessions.slice(1)) stdin.end();
    const ends = await Promise.all(sessions.map(({ done }) => done));
    expect(ends.map(({ exitCode }) => exitCode)).toEqual([143, ...Array<number>(9).fill(0)]);
  });
});

test("a host that allows none at all is told as such", async () => {
  const server = await new TestServer(undefined, 0).listen();
  const hosts = sshHostDirectory();
  const { shell } = await hosts.open("node1", server.connection({ user: "root" }));
  const all = Array.from({ length: 5 }, () => shell.run({ argv: ["true"] }));
  for (const each of await Promise.allSettled(all)) {
    const error = String(each.status === "rejected" && each.reason);
    expect(error).toContain("opening a session failed on host 'node1'");
    expect(error).toContain("MaxSessions");
  }
  await hosts.close();
  await server.close();
});

import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "fs";
import { tmpdir } from "os";
import { join } from "path";
import { sshHostDirectory } from "../../provider/adapters/host-directory";
import { hostLocks } from "../../provider/adapters/lock/host-locks";
import { lockFileName } from "../../provider/adapters/lock/lock-name";
import type { HostLocks } from "../../provider/core/lock";
import type { Host } from "../../provider/core/ports";
import { lockContract } from "../contracts/lock-contract";
import { TestServer } from "./ssh-server";

/** Over real SSH to servers in this process, each run by one of its own; the holder runs in this machine's `sh`. */
describe("locks over SSH", () => {
  const base = mkdtempSync(join(tmpdir(), "ferry-locks-"));
  const servers = [new TestServer(), new TestServer()] as const;
  const directories = [sshHostDirectory(), sshHostDirectory()] as const;
  const runs = [hostLocks({ base, waitSeconds: 2 }), hostLocks({ base, waitSeconds: 2 })] as const;
  let hosts: [Host, Host];
  const left = () =>
    existsSync(join(base, "ferry")) ? readdirSync(join(base, "ferry"), { recursive: true }) : [];

  beforeAll(async () => {
    for (const server of servers) await server.listen();
    hosts = [
      await directories[0].open("node1", servers[0].connection({ user: "root" })),
      await directories[1].open("node1", servers[1].connection({ user: "root" })),
    ];
  });

  afterAll(async () => {
    for (const directory of directories) await directory.close();
    for (const server of servers) await server.close();
    rmSync(base, { recursive: true });
  });

  lockContract(() => ({
    hosts,
    runs,
    cutFirst: () => servers[0].cut(),
    left: () => Promise.resolve(left().map(String)),
  }));

  test("a holder that was killed, or whose number another process has now, is taken over from", async () => {
    const lines = (pid: number, start: string) =>
      [pid, start, "2020-01-01T00:00:00Z", "a run of long ago", "nothing any more", ""].join("\n");
    for (const text of [lines(2 ** 22 + 1, "5"), lines(process.pid, "1"), "", "12\n"]) {
      mkdirSync(join(base, "ferry/locks"), { recursive: true });
      writeFileSync(join(base, "ferry/locks/weave"), text);
      const lock = await runs[0].acquire(hosts[0], "weave", { owner: "me", reason: "a test" });
      await lock.release();
      expect(left()).toEqual([]);
    }
  });

  test("any number of locks on a host take one session", async () => {
    const before = servers[0].commands.length;
    const locks = await Promise.all(
      Array.from({ length: 50 }, (_, i) =>
        runs[0].acquire(hosts[0], `replica.${i}`, { owner: "me", reason: "a test" }),
      ),
    );
    expect(servers[0].commands.length - before).toBe(1);
    expect(readdirSync(join(base, "ferry/locks"))).toHaveLength(50);
    await Promise.all(locks.map((lock) => lock.release()));
    expect(left()).toEqual([]);
  });

  test("many runs of one lock never overlap", async () => {
    let inside = 0;
    let most = 0;
    const use = async (locks: HostLocks, host: Host) => {
      const lock = await locks.acquire(host, "weave", { owner: "me", reason: "a test" });
      most = Math.max(most, ++inside);
      await new Promise((resolve) => setTimeout(resolve, 20));
      inside -= 1;
      await lock.release();
    };
    const patient = [hostLocks({ base }), hostLocks({ base })] as const;
    await Promise.all(
      Array.from({ length: 8 }, (_, i) => use(patient[i % 2 === 0 ? 0 : 1], hosts[i % 2]!)),
    );
    expect(most).toBe(1);
    expect(left()).toEqual([]);
  });

  test("a host without flock says so, and what is left of it is nothing", async () => {
    const bare = await sshHostDirectory().open(
      "node9",
      servers[0].connection({ user: "root", port: servers[0].port }),
    );
    servers[0].answer = (line) =>
      line.includes("ferry/locks")
        ? { code: 127, stderr: "flock is not installed there (it is part of util-linux)\n" }
        : undefined;
    await expect(
      hostLocks({ base }).acquire(bare, "weave", { owner: "me", reason: "a test" }),
    ).rejects.toThrow(
      "Locking 'weave' failed on host 'node9': flock is not installed there (it is part of util-linux). Nothing was changed.",
    );
    servers[0].answer = () => undefined;
  });
});

test.each([
  ["weave", "weave"],
  ["redis.0", "redis.0"],
])("lock %s has the file %s", (name, file) => {
  expect(lockFileName(name)).toBe(file);
});

test("other names have files of their own, in the same folder", () => {
  const names = ["a/b", "a-b", "../x", "..", ".", "", "a b", "ä", "x".repeat(300)];
  const files = names.map(lockFileName);
  expect(new Set(files).size).toBe(names.length);
  for (const file of files) expect(file).toMatch(/^[A-Za-z0-9_-][A-Za-z0-9._-]{0,120}$/);
});

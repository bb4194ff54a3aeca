import { spawn } from "child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "fs";
import { tmpdir } from "os";
import { join } from "path";
import { sshHostDirectory } from "../../provider/adapters/host-directory";
import { hostLocks } from "../../provider/adapters/lock/host-locks";
import { lockFileName } from "../../provider/adapters/lock/lock-name";
import type { HostLocks } from "../../provider/core/lock";
import type { Host } from "../../provider/core/adapter-ports";
import { lockContract } from "../contracts/lock-contract";
import { TestServer } from "./ssh-server";

/**
 * Over real SSH to servers in this process, each run by one of its own; the holder runs in this
 * machine's `sh`.
 */
describe("locks over SSH", () => {
  const base = mkdtempSync(join(tmpdir(), "ferry-locks-"));
  const servers = [new TestServer(), new TestServer()] as const;
  const directories = [sshHostDirectory(), sshHostDirectory()] as const;
  const runs = [hostLocks({ base, waitSeconds: 2 }), hostLocks({ base, waitSeconds: 2 })] as const;
  let hosts: [Host, Host];
  let otherName: Host;
  const left = () =>
    existsSync(join(base, "ferry")) ? readdirSync(join(base, "ferry"), { recursive: true }) : [];

  beforeAll(async () => {
    for (const server of servers) await server.listen();
    hosts = [
      await directories[0].open("node1", servers[0].connection({ user: "root" })),
      await directories[1].open("node1", servers[1].connection({ user: "root" })),
    ];
    // a session of its own, as to another address of the machine
    const elsewhere = { ...servers[0].connection({ user: "root" }), host: "localhost" };
    otherName = await directories[0].open("alpha", elsewhere);
  });

  afterAll(async () => {
    for (const directory of directories) await directory.close();
    for (const server of servers) await server.close();
    rmSync(base, { recursive: true });
  });

  lockContract(() => ({
    hosts,
    otherName,
    runs,
    disconnectFirst: () => servers[0].disconnect(),
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

  /** Holds what flock locks, as any user may who can open it; resolves when it is held. */
  const lockedByAUser = async (path: string) => {
    const child = spawn("flock", ["-s", path, "sh", "-c", "echo held; cat"]);
    await new Promise((resolve) => child.stdout.once("data", resolve));
    return child;
  };

  test("a user of the host who holds what he may open blocks nobody", async () => {
    chmodSync(base, 0o755);
    const user = await lockedByAUser(base);
    try {
      const claim = { owner: "me", reason: "a test" };
      const lock = await runs[0].acquire(hosts[0], "weave", claim);
      await expect(runs[1].acquire(hosts[1], "weave", claim)).rejects.toThrow("is being used for");
      await lock.release();
      await (await runs[1].acquire(hosts[1], "weave", claim)).release();
      // He has not let go meanwhile.
      expect(user.exitCode).toBeNull();
    } finally {
      user.stdin.end();
    }
  });

  test.each([0o755, 0o777])(
    "a folder of ours that others could open (%o) is closed",
    async (mode) => {
      mkdirSync(join(base, "ferry/locks"), { recursive: true });
      chmodSync(join(base, "ferry"), mode);
      const lock = await runs[0].acquire(hosts[0], "weave", { owner: "me", reason: "a test" });
      expect(statSync(join(base, "ferry")).mode & 0o777).toBe(0o700);
      await lock.release();
      expect(left()).toEqual([]);
    },
  );

  test("a version before, which locks the folder above, is waited for and kept out", async () => {
    const claim = { owner: "me", reason: "a test" };
    const stat = readFileSync(`/proc/${process.pid}/stat`, "utf8");
    const started = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
    const before = [process.pid, started, "2020-01-01T00:00:00Z", "an older run", "moving it", ""];
    mkdirSync(join(base, "ferry/locks"), { recursive: true });
    writeFileSync(join(base, "ferry/locks/weave"), before.join("\n"));
    const attempt = runs[0].acquire(hosts[0], "weave", claim);
    await expect(attempt).rejects.toThrow("is being used for moving it by an older run");
    rmSync(join(base, "ferry"), { recursive: true });
    // it looks, and then writes, under its own lock
    const old = spawn("flock", [
      base,
      "sh",
      "-c",
      `echo held; sleep 0.5; mkdir -p "$1/ferry/locks"; cat >"$1/ferry/locks/weave"`,
      "sh",
      base,
    ]);
    await new Promise((resolve) => old.stdout.once("data", resolve));
    old.stdin.end(before.join("\n"));
    await expect(runs[0].acquire(hosts[0], "weave", claim)).rejects.toThrow("by an older run");
    rmSync(join(base, "ferry"), { recursive: true });
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
      line.includes("flock")
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

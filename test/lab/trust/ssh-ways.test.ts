import { writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { labDir, mustRun } from "../../../lab";
import { sshHostDirectory } from "../../../provider/adapters/host-directory";
import { hostDataMovers } from "../../../provider/adapters/volume/data-movers";
import type { Connection } from "../../../provider/core/connection";
import type { CopyRoute } from "../../../provider/core/move/move-ports";
import type { Host } from "../../../provider/core/adapter-ports";
import { pause, weaveLab } from "../weave-lab";

/**
 * The ways to a host that its owner has narrowed: sshd's settings, a shell that prints, keys that
 * cannot be written.
 */

jest.setTimeout(120_000);

const lab = weaveLab("ssh-ways", 2);
const on = (host: string, command: string) => mustRun(host, command, lab.lab);
const opened: { close(): Promise<void> }[] = [];

/** A connection of its own, as sshd takes new settings for new ones only. */
async function fresh(name: string, more: Partial<Connection> = {}): Promise<Host> {
  const hosts = sshHostDirectory();
  opened.push(hosts);
  return hosts.open(name, { ...lab.connection(name), user: "ferry", ...more });
}

const NARROW = "/etc/ssh/sshd_config.d/a-narrow.conf";

async function sshd(...settings: string[]): Promise<void> {
  await on("node1", `printf '${settings.join("\\n")}\\n' >${NARROW}`);
  await reload();
}

/** It does not listen while it reads its settings anew. */
async function reload(): Promise<void> {
  await on("node1", "systemctl reload ssh");
  await pause(500);
}

afterEach(async () => {
  for (const each of opened.splice(0)) await each.close();
  await on("node1", `rm -f ${NARROW}`);
  await reload();
});

/** What a mover of this route says, and what it leaves behind. */
async function moving(): Promise<{ way: string; reported: string }> {
  const reported: string[] = [];
  const [source, target] = await Promise.all([fresh("node1"), fresh("node2")]);
  const route: CopyRoute = {
    replica: "a/b/c/d/0",
    source,
    target,
    paths: [{ name: "v", source: "/srv/from", target: "/srv/to" }],
    progress: { info: () => undefined, warn: (message) => void reported.push(message) },
    label: "mv/ways",
  };
  await on("node1", "mkdir -p /srv/from && echo data >/srv/from/file");
  await on("node2", "mkdir -p /srv/to");
  const mover = await hostDataMovers.open(route);
  await mover.round({ final: false });
  await mover.round({ final: true });
  await mover.cleanup();
  expect(await on("node2", "cat /srv/to/file")).toBe("data\n");
  return { way: mover.way, reported: reported.join("; ") };
}

test("one session at a time holds nothing up, streams beside commands least of all", async () => {
  await sshd("MaxSessions 1");
  const host = await fresh("node1");
  const sessions = await Promise.all(
    Array.from({ length: 3 }, () => host.shell.stream({ argv: ["cat"], root: true })),
  );
  for (const { stdout } of sessions) stdout.resume();
  const all = Array.from({ length: 10 }, (_, i) => host.shell.check({ argv: ["echo", `${i}`] }));
  expect(await Promise.all(all)).toEqual(all.map((_, i) => `${i}\n`));
  for (const { stdin } of sessions) stdin.end();
  for (const { done } of sessions) expect((await done).exitCode).toBe(0);
  expect((await moving()).way).toBe("direct");
});

test("sockets that are not forwarded are reached through Docker's own client", async () => {
  await sshd("AllowStreamLocalForwarding no", "MaxSessions 2");
  const { docker } = await fresh("node1");
  await docker.info();
  const made = await docker.createVolume({
    name: "ways",
    driver: "local",
    options: {},
    labels: {},
  });
  expect((await docker.volume("ways"))?.mountpoint).toBe(made.mountpoint);
  await docker.removeVolume("ways");
});

test("an sshd that turns log-ins away is waited for", async () => {
  await sshd("MaxStartups 1:100:1");
  const { host, port = 22 } = lab.connection("node1");
  const stranger = connect(port, host);
  await new Promise((resolve) => stranger.once("data", resolve));
  setTimeout(() => stranger.destroy(), 4_000);
  expect(await (await fresh("node1")).shell.check({ argv: ["echo", "in"] })).toBe("in\n");
});

describe("a user whose shell prints", () => {
  beforeAll(async () => {
    await on("node1", "cp /home/ferry/.bashrc /root/bashrc && chsh -s /bin/bash ferry");
    await on("node1", `sed -i '1i echo welcome; echo oh >&2' /home/ferry/.bashrc`);
  });
  afterAll(async () => {
    await on("node1", "cp /root/bashrc /home/ferry/.bashrc && rm /root/bashrc");
  });

  test("gives answers without what it prints, as itself and as root", async () => {
    const { shell } = await fresh("node1");
    for (const root of [false, true]) {
      const said = await shell.run({ argv: ["sh", "-c", "echo out; echo err >&2; exit 3"], root });
      expect(said).toEqual({ exitCode: 3, stdout: "out\n", stderr: "err\n" });
    }
    await shell.writeFile("/home/ferry/file", "content");
    expect(await shell.readFile("/home/ferry/file")).toBe("content");
  });

  test("has its data moved through this machine, with the reason", async () => {
    const { way, reported } = await moving();
    expect(way).toBe("relay");
    expect(reported).toContain("prints 'welcome' before it runs what it is told");
  });
});

test("authorized_keys that cannot be written: through this machine, with a warning; it is left alone", async () => {
  const file = "/home/ferry/.ssh/authorized_keys";
  const before = await on("node1", `sha256sum ${file}`);
  // What a mount holds in its place cannot be renamed over.
  await on("node1", `mount --bind ${file} ${file}`);
  const { way, reported } = await moving().finally(() => on("node1", `umount ${file}`));
  expect(way).toBe("relay");
  expect(reported).toContain("authorized_keys of user 'ferry' on host 'node1' cannot be written");
  expect(await on("node1", `sha256sum ${file}`)).toBe(before);
  expect((await on("node1", "ls -A /home/ferry/.ssh")).trim()).toBe("authorized_keys");
});

test("a user whose login shell runs nothing is told as such", async () => {
  await on("node1", "usermod -s /usr/sbin/nologin ferry");
  const { shell } = await fresh("node1");
  const running = shell.run({ argv: ["true"] });
  await expect(running)
    .rejects.toThrow(/^command `true` failed on host 'node1' .* login shell of user 'ferry'/)
    .finally(() => on("node1", "usermod -s /bin/bash ferry"));
  await expect(running).rejects.toThrow("currently not available");
});

test("OpenSSH's settings lead through a jump host, with its names, keys and known hosts", async () => {
  const { host } = lab.connection("node2");
  const config = join(labDir(lab.lab), "ways-config");
  writeFileSync(
    config,
    `Host way
  HostName ${lab.connection("node1").host}
  ProxyJump root@${host}
Host *
  User ferry
  IdentityAgent none
  IdentityFile "${join(labDir(lab.lab), "key")}"
  UserKnownHostsFile "${join(labDir(lab.lab), "known_hosts")}"
`,
  );
  const hosts = sshHostDirectory();
  opened.push(hosts);
  const { shell, docker } = await hosts.open("web", { host: "way", sshConfig: config });
  expect(await shell.check({ argv: ["sh", "-c", "hostname; id -un"] })).toBe("node1\nferry\n");
  expect(await shell.check({ argv: ["sh", "-c", 'echo "${SSH_CLIENT%% *}"'] })).toBe(`${host}\n`);
  await docker.info();
});

import { spawnSync } from "child_process";
import { once } from "events";
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "fs";
import { tmpdir } from "os";
import { join } from "path";
import { inspect } from "util";
import { Client } from "ssh2";
import type { Host, HostDirectory } from "../../provider/core/adapter-ports";
import { sshHostDirectory } from "../../provider/adapters/host-directory";
import { SESSION_LIMIT } from "../../provider/adapters/ssh/session-room";
import { answers } from "../../provider/adapters/ssh/liveness";
import { shellContract } from "../contracts/shell-contract";
import { TestServer, userKey } from "./ssh-server";

const folder = mkdtempSync(join(tmpdir(), "ferry-shell-"));
let server: TestServer;
let hosts: HostDirectory;
let host: Host;

beforeAll(async () => {
  server = await new TestServer().listen();
  hosts = sshHostDirectory();
  // This machine's sudo, if it has one, is none of a test's business.
  host = await hosts.open("node1", server.connection({ user: "root" }));
});
beforeEach(() => {
  server.commands.length = 0;
  server.answer = () => undefined;
  server.begins = () => true;
});
afterAll(async () => {
  await hosts.close();
  await server.close();
  rmSync(folder, { recursive: true });
});

const isRoot = process.getuid?.() === 0;
if (isRoot) shellContract("over SSH to this process", { host: () => host, folder });

describe("one connection", () => {
  test("serves all, with no more sessions at a time than sshd allows", async () => {
    const again = sshHostDirectory();
    const settings = server.connection({ user: "root" });
    const before = server.connections;
    const all = await Promise.all(
      Array.from({ length: 100 }, async (_, i) => {
        const { shell } = await again.open("node1", settings);
        return shell.check({ argv: ["sh", "-c", `sleep 0.01; echo ${i}`] });
      }),
    );
    expect(all).toEqual(all.map((_, i) => `${i}\n`));
    expect(server.connections - before).toBe(1);
    expect(server.mostSessions).toBeGreaterThan(1);
    expect(server.mostSessions).toBeLessThanOrEqual(SESSION_LIMIT);
    await again.close();
  });

  test("tells one end of what was killed, whichever signal the host reports", async () => {
    const hungUp = "echo ready; read word; exit 129";
    const running = await host.shell.stream({ argv: ["sh", "-c", hungUp] });
    await once(running.stdout, "data");
    running.stdout.resume();
    running.kill();
    running.stdin.write("on\n");
    expect((await running.done).exitCode).toBe(143);
  });

  test("is made again when it was lost while idle", async () => {
    await host.shell.check({ argv: ["true"] });
    const before = server.connections;
    server.disconnect();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await host.shell.check({ argv: ["echo", "back"] })).toBe("back\n");
    expect(server.connections).toBe(before + 1);
  });

  test("that goes while a command runs leaves its outcome unknown, and is not tried again", async () => {
    const running = host.shell.run({ argv: ["sleep", "0.5"] });
    const streaming = await host.shell.stream({ argv: ["cat"] });
    streaming.stdout.resume();
    await new Promise((resolve) => setTimeout(resolve, 200));
    server.disconnect();
    await expect(running).rejects.toThrow("the SSH connection was lost. Its outcome is unknown");
    await expect(running).rejects.toThrow("command `sleep 0.5` was cut off on host 'node1'");
    await expect(streaming.done).rejects.toThrow("Its outcome is unknown");
    expect(server.commands.filter((line) => line.includes("'sleep'"))).toHaveLength(1);
    expect(await host.shell.check({ argv: ["echo", "on we go"] })).toBe("on we go\n");
  });

  test("that goes before a command begins is told as lost; a command that is refused, as refused", async () => {
    await host.shell.check({ argv: ["true"] });
    server.begins = () => {
      server.disconnect();
      return false;
    };
    await expect(host.shell.run({ argv: ["true"] })).rejects.toThrow("the SSH connection was lost");
    server.begins = () => false;
    await expect(host.shell.run({ argv: ["true"] })).rejects.toThrow("its sshd refused it");
  });

  test("is made with the newest credentials, which disturb the one in use not at all", async () => {
    const settings = server.connection({ user: "root" });
    await hosts.open("node1", { ...settings, privateKey: "rotated away" });
    await host.shell.check({ argv: ["true"] });
    server.disconnect();
    await new Promise((resolve) => setTimeout(resolve, 50));
    await expect(host.shell.run({ argv: ["true"] })).rejects.toThrow("not a private key");
    await hosts.open("node1", settings);
    await host.shell.check({ argv: ["true"] });
  });

  test("lets an idle process end", () => {
    const program = `
      const { sshHostDirectory } = require("./provider/adapters/host-directory.ts");
      const settings = JSON.parse(process.env.SETTINGS);
      sshHostDirectory().open("node1", settings).then(async ({ shell }) => {
        process.stdout.write(await shell.check({ argv: ["echo", "done"] }));
      });`;
    // As a process of its own it needs a server that is not blocked by waiting for it.
    const script = `
      const { TestServer } = require("./test/adapters/ssh-server.ts");
      const { spawn } = require("child_process");
      new TestServer().listen().then((server) => {
        const env = { ...process.env, SETTINGS: JSON.stringify(server.connection()) };
        const args = ["-r", "ts-node/register/transpile-only", "-e", process.env.PROGRAM];
        const child = spawn(process.execPath, args, { env, stdio: "inherit" });
        child.on("exit", (code) => process.exit(code === 0 ? 0 : 1));
        setTimeout(() => { child.kill(); process.exit(2); }, 60_000);
      });`;
    const args = ["-r", "ts-node/register/transpile-only", "-e", script];
    const env = { ...process.env, PROGRAM: program };
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { env });
    expect({ status, stdout: stdout.toString(), stderr: stderr.toString() }).toEqual({
      status: 0,
      stdout: "done\n",
      stderr: "",
    });
  }, 90_000);
});

describe("root", () => {
  const asUser = () => hosts.open("node1", server.connection({ user: "ferry" }));

  test("is reached by sudo, unless the user is root", async () => {
    const { shell } = await asUser();
    server.answer = () => ({ code: 0, stderr: "" });
    await shell.run({ argv: ["whoami"], root: true });
    await shell.run({ argv: ["whoami"] });
    await host.shell.run({ argv: ["whoami"], root: true });
    // But for the mark, which is another one each time.
    const [sudo, plain, root] = server.commands.map((line) => line.replace(/[0-9a-f]{16}/g, ""));
    expect(sudo).toMatch(/^'sudo' '-n' '--' 'sh' '-c' .*'60' 'whoami'$/);
    expect(plain).toMatch(/^'sh' '-c' .*'whoami'$/);
    expect(root).toBe(plain);
  });

  test.each([
    ["sudo: a password is required\n", 1],
    ["sudo: a terminal is required to read the password\nsudo: a password is required\n", 1],
    ["ferry is not in the sudoers file.\n", 1],
    ["Sorry, user ferry is not allowed to execute '/bin/ls' as root on node1.\n", 1],
    ["sudo: Ein Passwort ist notwendig\n", 1],
  ])("refused by sudo (%j) is told as such", async (stderr, code) => {
    const { shell } = await asUser();
    server.answer = () => ({ code, stderr, notBegun: true });
    const refused = shell.run({ argv: ["ls"], root: true });
    await expect(refused).rejects.toThrow(
      "user 'ferry' may not run sudo without a password. Add \"ferry ALL=(ALL) NOPASSWD: ALL\"",
    );
  });

  test("without sudo is told as such; a missing command is not", async () => {
    const { shell } = await asUser();
    const stderr = "sh: 1: sudo: not found\n";
    server.answer = () => ({ code: 127, stderr, notBegun: true });
    await expect(shell.run({ argv: ["ls"], root: true })).rejects.toThrow("it is not installed");
    server.answer = () => ({ code: 1, stderr: "sudo: nope: command not found\n" });
    expect((await shell.run({ argv: ["nope"], root: true })).exitCode).toBe(1);
    server.answer = () => ({ code: 1, stderr: "ls: cannot open\n" });
    expect((await shell.run({ argv: ["ls"], root: true })).exitCode).toBe(1);
  });
});

describe("a deadline", () => {
  test("ends the command on the host, not only the waiting for it", async () => {
    const marker = `${folder}/still-running`;
    const argv = ["sh", "-c", `sleep 2; touch "$1"`, "sh", marker];
    await expect(host.shell.run({ argv, timeoutSeconds: 1 })).rejects.toThrow("It was ended there");
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(readdirSync(folder)).not.toContain("still-running");
  });

  test("is known by its time on the host, also where its beginning is heard of late", async () => {
    // Nothing else happens in this process meanwhile, as on a machine with much else to do.
    server.spawned = () => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_500);
    try {
      const late = host.shell.run({ argv: ["sleep", "20"], timeoutSeconds: 1 });
      await expect(late).rejects.toThrow("did not end within 1 s");
    } finally {
      server.spawned = () => undefined;
    }
  });

  test("is not mistaken for a command that ends with the same code", async () => {
    const result = await host.shell.run({ argv: ["sh", "-c", "exit 124"], timeoutSeconds: 5 });
    expect(result.exitCode).toBe(124);
  });

  test("may be left out of a stream, and set for one", async () => {
    const bounded = await host.shell.stream({ argv: ["sleep", "20"], timeoutSeconds: 1 });
    bounded.stdout.resume();
    await expect(bounded.done).rejects.toThrow("did not end within 1 s");
  });
});

describe("a sign of life", () => {
  test.each([
    ["is given by a server that answers", () => undefined, true],
    ["is not given by a host that hangs", (own: TestServer) => own.freeze(), false],
    ["is not given by a connection that is lost", (own: TestServer) => own.disconnect(), false],
  ])("%s", async (_what, happens, alive) => {
    const own = await new TestServer().listen();
    const client = new Client();
    await new Promise<void>((resolve) => {
      client.on("ready", resolve).on("error", () => undefined);
      const { privateKey = "", port = 0 } = own.connection();
      client.connect({ host: "127.0.0.1", port, username: "ferry", privateKey });
    });
    happens(own);
    expect(await answers(client, 300)).toBe(alive);
    client.destroy();
    await own.close();
  });
});

describe("secrets", () => {
  test("do not show when a host's shell or Docker is printed", () => {
    const printed = inspect(host.shell, { depth: null, showHidden: true });
    expect(printed).toContain("SshConnection to host 'node1'");
    expect(printed + inspect(host.docker, { depth: null })).not.toContain("PRIVATE KEY");
  });

  test("of the command and of the connection never show in an error", async () => {
    const settings = server.connection({ user: "root", password: "open sesame" });
    const { shell } = await hosts.open("node1", settings);
    const argv = ["sh", "-c", 'echo "$1" "$2" "$3" >&2; exit 1', "sh"];
    const secrets = ["hunter2", "open sesame", userKey.privateKey];
    const failure = shell.check({ argv: [...argv, ...secrets], redact: ["hunter2"] });
    const message = await failure.catch((error: unknown) => (error as Error).message);
    expect(message).toContain("*** *** ***");
    expect(message).not.toMatch(/hunter2|open sesame|PRIVATE KEY/);
  });

  test("go by standard input and are on no command line", async () => {
    await host.shell.check({ argv: ["cat"], stdin: "hunter2" });
    await host.shell.script("cat <<'E'\nhunter2\nE", []);
    await host.shell.writeFile(`${folder}/secret`, "hunter2");
    expect(server.commands).toHaveLength(3);
    expect(server.commands.join("\n")).not.toContain("hunter2");
  });
});

describe("a file", () => {
  test("has its mode, and nothing is left beside it", async () => {
    const into = `${folder}/files`;
    await host.shell.writeFile(`${into}/private`, "x");
    await host.shell.writeFile(`${into}/public`, "x", { mode: 0o644 });
    expect(statSync(`${into}/private`).mode & 0o777).toBe(0o600);
    expect(statSync(`${into}/public`).mode & 0o777).toBe(0o644);
    expect(readdirSync(into).sort()).toEqual(["private", "public"]);
  });

  test("whose content is interrupted stays as it was", async () => {
    const path = `${folder}/whole`;
    await host.shell.writeFile(path, "as it was");
    const line = server.commands.at(-1) ?? "";
    // The same command, told to expect 9 bytes, whose input ends before they are there.
    const { status, stderr } = spawnSync("sh", ["-c", line], { input: "cut" });
    expect(status).toBe(1);
    expect(stderr.toString()).toContain("the content was truncated");
    expect(await host.shell.readFile(path)).toBe("as it was");
    expect(readdirSync(folder).filter((name) => name.startsWith(".ferry"))).toEqual([]);
  });

  test("cannot take the place of a folder, nor be read as one", async () => {
    const path = `${folder}/a-folder/inside`;
    await host.shell.writeFile(path, "x");
    const onto = host.shell.writeFile(`${folder}/a-folder`, "x");
    await expect(onto).rejects.toThrow("it is a folder");
    await expect(onto).rejects.toThrow(`writing '${folder}/a-folder' failed on host 'node1'`);
    const reading = host.shell.readFile(`${folder}/a-folder`);
    await expect(reading).rejects.toThrow("Is a directory");
  });

  test("of any bytes arrives as it is", async () => {
    const bytes = Buffer.from(Array.from({ length: 4096 }, (_, i) => i % 256));
    await host.shell.writeFile(`${folder}/bytes`, bytes);
    writeFileSync(`${folder}/expected`, bytes);
    const same = await host.shell.run({ argv: ["cmp", `${folder}/bytes`, `${folder}/expected`] });
    expect(same.exitCode).toBe(0);
  });
});

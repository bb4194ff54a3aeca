import { spawn, spawnSync, type ChildProcess } from "child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "fs";
import { connect, createServer, type AddressInfo } from "net";
import { tmpdir } from "os";
import { join } from "path";
import type { Connection } from "../../provider/core/connection";
import { FerryError } from "../../provider/core/errors";
import { sshHostDirectory } from "../../provider/adapters/host-directory";
import { behindJump, dialFault } from "../../provider/adapters/ssh/failures";
import { hostKey, newKey, rsaHostKey, TestServer, userKey } from "./ssh-server";

let server: TestServer;
const hosts = sshHostDirectory();

beforeAll(async () => {
  server = await new TestServer([rsaHostKey, hostKey]).listen();
});
afterAll(async () => {
  await hosts.close();
  await server.close();
});

/** Opens with a directory of its own, so that nothing is shared. */
async function opening(connection: Connection): Promise<FerryError | undefined> {
  const own = sshHostDirectory();
  try {
    await own.open("node1", connection);
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(FerryError);
    return error as FerryError;
  } finally {
    await own.close();
  }
}

/**
 * One sentence about the failure, then what to do; nothing that a stack trace or a key would bring.
 */
function expectStory(error: Error | undefined, ...parts: string[]): void {
  const message = error?.message ?? "no error";
  for (const part of ["host 'node1'", ...parts]) expect(message).toContain(part);
  expect(message).toMatch(/^[^\n]*\.$/);
  expect(message).not.toMatch(/PRIVATE KEY|\n\s+at /);
}

describe("the host's key", () => {
  test.each([
    ["as a key", () => hostKey.publicKey],
    ["as a key with a comment", () => `${hostKey.publicKey} root@node1`],
    ["as a line of known_hosts", () => `node1,10.0.0.1 ${hostKey.publicKey}`],
    ["as a hashed line", () => `|1|c2FsdHNhbHQ=|aGFzaGhhc2g= ${hostKey.publicKey}`],
    [
      "as all that ssh-keyscan says",
      () => `# node1:22\nnode1 ${rsaHostKey.publicKey}\nnode1 ${hostKey.publicKey}\n`,
    ],
    ["beside a revoked one", () => `@revoked * ${newKey().publicKey}\nnode1 ${hostKey.publicKey}`],
    ["as it was shown before", () => `ssh-ed25519 ${hostKey.fingerprint}`],
    ["as a fingerprint", () => hostKey.fingerprint],
    ["of another kind, as a key", () => rsaHostKey.publicKey],
    ["of another kind, as a fingerprint", () => rsaHostKey.fingerprint],
  ])("pinned %s is accepted", async (_how, pinned) => {
    expect(await opening(server.connection({ hostKey: pinned() }))).toBeUndefined();
  });

  test.each([
    ["key", () => newKey().publicKey, () => hostKey.fingerprint],
    ["RSA key", () => newKey("rsa").publicKey, () => rsaHostKey.fingerprint],
  ])("another pinned %s is refused, with both fingerprints", async (_kind, other, shown) => {
    const before = server.connections;
    const error = await opening(server.connection({ hostKey: other(), dialErrorLimit: 3 }));
    expectStory(error, "the host key is wrong: expected", shown(), "nothing was sent");
    expect(server.connections).toBe(before);
  });

  test("another pinned fingerprint is refused", async () => {
    const other = newKey().fingerprint;
    const error = await opening(server.connection({ hostKey: other }));
    expectStory(error, `expected ${other}`, hostKey.fingerprint, "nothing was sent");
  });

  test("of a kind that the host has not is refused", async () => {
    const rsaOnly = await new TestServer([rsaHostKey]).listen();
    const error = await opening(rsaOnly.connection());
    expectStory(error, "it has no key of the kind ssh-ed25519");
    await rsaOnly.close();
  });

  test("not pinned is refused with the line to write, unless the user trusts", async () => {
    const { hostKey: _pinned, ...unpinned } = server.connection();
    const error = await opening(unpinned);
    expectStory(error, "no host key is pinned", `hostKey: "${hostKey.fingerprint}"`);
    expectStory(error, "trustOnFirstUse: true", "nothing was sent");
    expect(await opening({ ...unpinned, trustOnFirstUse: true })).toBeUndefined();
  });

  test("that cannot be read is refused before anything is dialled", async () => {
    const before = server.handshakes;
    const error = await opening(server.connection({ hostKey: "ssh-ed25519 garbage" }));
    expectStory(error, "neither a public key nor a fingerprint");
    expect(server.handshakes).toBe(before);
  });

  test("that is revoked is refused, and is no pin; nor is that of an authority", async () => {
    const revoked = `@revoked * ${hostKey.publicKey}`;
    const both = await opening(server.connection({ hostKey: `${revoked}\n${hostKey.publicKey}` }));
    expectStory(both, "which is revoked (@revoked)", hostKey.fingerprint);
    expectStory(
      await opening(server.connection({ hostKey: revoked })),
      "only keys that are revoked",
    );
    const authority = `@cert-authority *.example.org ${hostKey.publicKey}`;
    const error = await opening(server.connection({ hostKey: authority }));
    expectStory(error, "is the key of a certificate authority (@cert-authority)");
    expect(error).toMatchObject({ fault: { kind: "settings" } });
  });

  test("trusted once is told, and whoever keeps it holds the host to it later", async () => {
    const { hostKey: _pinned, ...unpinned } = server.connection({ trustOnFirstUse: true });
    const own = sshHostDirectory();
    const { hostKey: shown } = await own.open("node1", unpinned);
    expect(shown).toBe(`ssh-ed25519 ${hostKey.fingerprint}`);
    await own.close();
    expect(await opening({ ...unpinned, knownHostKey: shown })).toBeUndefined();
    const other = `ssh-ed25519 ${newKey().fingerprint}`;
    const error = await opening({ ...unpinned, knownHostKey: other });
    expectStory(error, "the host key is wrong", "it showed first (trustOnFirstUse)");
    // What the user writes counts for more.
    const settings = { ...unpinned, knownHostKey: other, hostKey: hostKey.publicKey };
    expect(await opening(settings)).toBeUndefined();
  });

  test("accepted on first use holds for the rest of the run", async () => {
    const first = await new TestServer([hostKey]).listen();
    const { port } = first;
    const { hostKey: _pinned, ...unpinned } = first.connection();
    const own = sshHostDirectory();
    await own.open("node1", { ...unpinned, trustOnFirstUse: true });
    await first.close();
    await new Promise((resolve) => setTimeout(resolve, 50));
    const impostor = await new TestServer([newKey()]).listen(port);
    const again = own.open("node1", { ...unpinned, trustOnFirstUse: true });
    await expect(again).rejects.toThrow("the host key is wrong");
    await own.close();
    await impostor.close();
  });

  test("pinned anew must fit the connection that is open", async () => {
    await hosts.open("node1", server.connection());
    const other = hosts.open("node1", server.connection({ hostKey: newKey().publicKey }));
    await expect(other).rejects.toThrow("the host key is wrong");
  });
});

describe("the address", () => {
  test("may hold the port and the user, and IPv6 its brackets", async () => {
    const { port = 0, host: _host, port: _port, user: _user, ...rest } = server.connection();
    for (const host of [`ferry@127.0.0.1:${port}`, `ferry@[::ffff:127.0.0.1]:${port}`]) {
      expect(await opening({ ...rest, host })).toBeUndefined();
    }
  });

  test("that is none is told before anything is dialled", async () => {
    const error = await opening(server.connection({ host: "https://node1" }));
    expectStory(error, "its `host` is neither a name nor an address", "nothing was sent");
    const proxy = server.connection({ host: "[node1]:22" });
    const own = sshHostDirectory();
    const behind = own.open("node1", server.connection({ proxy }));
    await expect(behind).rejects.toThrow("host 'jump host of node1'");
    await own.close();
  });
});

describe("an agent", () => {
  const folder = mkdtempSync(join(tmpdir(), "ferry-agent-"));
  const agentSocketPath = join(folder, "socket");
  let agent: ChildProcess;

  beforeAll(async () => {
    agent = spawn("ssh-agent", ["-D", "-a", agentSocketPath], { stdio: "ignore" });
    while (!existsSync(agentSocketPath)) await new Promise((resolve) => setTimeout(resolve, 20));
    // The right one is the last.
    for (const [n, key] of [newKey(), newKey(), newKey(), userKey].entries()) {
      const file = join(folder, `key-${n}`);
      writeFileSync(file, key.privateKey, { mode: 0o600 });
      const env = { ...process.env, SSH_AUTH_SOCK: agentSocketPath };
      expect(spawnSync("ssh-add", ["-q", file], { env }).status).toBe(0);
    }
  });
  afterAll(() => {
    agent.kill();
    rmSync(folder, { recursive: true });
  });

  const withAgent = (more: Partial<Connection> = {}) => {
    const { privateKey: _key, ...rest } = server.connection();
    return opening({ ...rest, agentSocketPath, ...more });
  };

  test("with many keys: a server that hangs up before the right one's turn is told as such", async () => {
    expect(await withAgent()).toBeUndefined();
    server.maxAuthTries = 3;
    const error = await withAgent();
    server.maxAuthTries = Infinity;
    expectStory(error, "after too many keys (MaxAuthTries)", userKey.fingerprint, "`agentKey`");
    expect(error).toMatchObject({ fault: { kind: "refused" } });
  });

  test("offers the one key that is named", async () => {
    server.maxAuthTries = 3;
    expect(await withAgent({ agentKey: userKey.publicKey })).toBeUndefined();
    expect(await withAgent({ agentKey: userKey.fingerprint })).toBeUndefined();
    server.maxAuthTries = Infinity;
    const error = await withAgent({ agentKey: newKey().fingerprint });
    expectStory(error, "refused the agent, which does not hold `agentKey`, of user 'ferry'");
  });
});

test("an sshd that is busy is asked for longer than one that is not there", async () => {
  const late = await new TestServer().listen();
  let turnedAway = 0;
  const listener = createServer((socket) => {
    if (turnedAway++ < 5) {
      socket.end("Exceeded MaxStartups\r\n");
      return;
    }
    const inner = connect(late.port, "127.0.0.1");
    socket.pipe(inner).pipe(socket);
    for (const each of [socket, inner]) each.on("error", () => undefined);
  });
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const { port } = listener.address() as AddressInfo;
  const { dialErrorLimit: _limit, ...patient } = late.connection({ port });
  expect(await opening(patient)).toBeUndefined();
  expect(turnedAway).toBe(6);
  turnedAway = 0;
  const error = await opening({ ...patient, dialErrorLimit: 1 });
  expectStory(error, 'its sshd turns us away ("Exceeded MaxStartups"), tried 2 times within');
  await late.close();
  listener.close();
}, 30_000);

describe("our credentials", () => {
  test("refused: the user and what the host accepts are told", async () => {
    const before = server.handshakes;
    const stranger = newKey().privateKey;
    const error = await opening(server.connection({ privateKey: stranger, dialErrorLimit: 3 }));
    expectStory(error, "refused the key of user 'ferry'", "it accepts: publickey, password");
    expect(server.handshakes).toBe(before + 1);
  });

  test("a password serves as well, after a key that is refused", async () => {
    const privateKey = newKey().privateKey;
    expect(
      await opening(server.connection({ privateKey, password: "open sesame" })),
    ).toBeUndefined();
    const error = await opening(server.connection({ privateKey, password: "hush hush" }));
    expectStory(error, "refused the key and the password of user 'ferry'");
    expect(error?.message).not.toContain("hush hush");
  });

  test("a key that is none, and a public one, are told apart without showing them", async () => {
    const none = await opening(server.connection({ privateKey: "no key at all" }));
    expectStory(none, "is not a private key in PEM or OpenSSH form");
    expect(none?.message).not.toContain("no key at all");
    const locked = await opening(server.connection({ privateKey: userKey.publicKey }));
    expectStory(locked, "is a public key");
  });

  test("an agent that is not there is one refused method", async () => {
    const { privateKey: _key, ...rest } = server.connection();
    const error = await opening({ ...rest, agentSocketPath: "/no/such/agent" });
    expectStory(error, "refused the agent, which showed no key, of user 'ferry'");
  });

  test("none at all is told before anything is dialled", async () => {
    const agent = process.env["SSH_AUTH_SOCK"];
    delete process.env["SSH_AUTH_SOCK"];
    const { privateKey: _key, ...rest } = server.connection();
    expectStory(await opening(rest), "holds no credentials");
    if (agent !== undefined) process.env["SSH_AUTH_SOCK"] = agent;
  });
});

describe("a host that does not answer", () => {
  const closedPort = async () => {
    const listener = createServer();
    await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
    const { port } = listener.address() as AddressInfo;
    await new Promise((resolve) => listener.close(resolve));
    return port;
  };

  test("a closed port: tried again, then told", async () => {
    const port = await closedPort();
    const error = await opening(server.connection({ port, dialErrorLimit: 2 }));
    expectStory(error, "connection refused", "tried 3 times", `127.0.0.1:${port}`);
    expect(error?.fault).toMatchObject({ kind: "refused", host: "node1", touched: "nothing" });
  });

  test("a host that comes up meanwhile is reached", async () => {
    const port = await closedPort();
    const late = new TestServer();
    setTimeout(() => void late.listen(port), 300);
    const error = await opening(server.connection({ port, dialErrorLimit: 5 }));
    expect(error).toBeUndefined();
    await late.close();
  });

  test("a port that accepts and says nothing", async () => {
    const silent = createServer();
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const { port } = silent.address() as AddressInfo;
    const error = await opening(server.connection({ port, perDialTimeout: 1 }));
    expectStory(error, "it does not answer (not a byte within 1 s)");
    expect(error?.fault.kind).toBe("silent");
    silent.close();
  });

  test("a port that greets as sshd does, and comes to nothing", async () => {
    const busy = createServer((socket) => socket.write("SSH-2.0-OpenSSH_9.0\r\n"));
    await new Promise<void>((resolve) => busy.listen(0, "127.0.0.1", resolve));
    const { port } = busy.address() as AddressInfo;
    const error = await opening(server.connection({ port, perDialTimeout: 1, dialErrorLimit: 0 }));
    expectStory(error, "it answers, but there was no SSH log-in within 1 s");
    expect(error?.fault.kind).toBe("trouble");
    busy.close();
  });

  test("a port that hangs up at once", async () => {
    const rude = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => rude.listen(0, "127.0.0.1", resolve));
    const { port } = rude.address() as AddressInfo;
    const error = await opening(server.connection({ port, dialErrorLimit: 1 }));
    expectStory(error, "ended the connection", "tried 2 times");
    expect(error?.fault.kind).toBe("trouble");
    rude.close();
  });

  test("a port that speaks something else", async () => {
    const web = createServer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n".repeat(50)));
    await new Promise<void>((resolve) => web.listen(0, "127.0.0.1", resolve));
    const { port } = web.address() as AddressInfo;
    const error = await opening(server.connection({ port }));
    expectStory(error, 'something else than SSH answers there ("HTTP/1.1 400 Bad Request")');
    web.close();
  });

  test("a name that is none", async () => {
    const error = await opening(server.connection({ host: "no-such-host.invalid" }));
    expectStory(error, "its name cannot be resolved");
    expect(error?.fault.kind).not.toBe("silent");
  });

  test("a host without a connection", async () => {
    const nothing = undefined as unknown as Connection;
    await expect(hosts.open("node9", nothing)).rejects.toThrow("no host of that name");
  });
});

describe("a host that was found silent in this run", () => {
  test("is told of at once, under each of its names, until it is asked anew", async () => {
    const { port } = await silentServer();
    const own = sshHostDirectory();
    const settings = server.connection({ port, perDialTimeout: 1, dialErrorLimit: 0 });
    const first = ["node1", "alias"].map((name) => own.open(name, settings));
    for (const each of first) await expect(each).rejects.toThrow("not a byte within 1 s");
    expect(attempts).toBe(1);
    await expect(own.open("alias", settings)).rejects.toMatchObject({
      fault: { kind: "silent", host: "alias" },
    });
    expect(attempts).toBe(1);
    await expect(own.open("node1", settings, "anew")).rejects.toThrow("host 'node1'");
    expect(attempts).toBe(2);
    await own.close();
  });

  let attempts = 0;
  const silentServer = async () => {
    const listener = createServer(() => {
      attempts += 1;
    });
    await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
    closing.push(() => listener.close());
    return listener.address() as AddressInfo;
  };
  const closing: (() => void)[] = [];
  afterAll(() => closing.forEach((close) => close()));
});

describe("a jump host", () => {
  test("leads to a host, and its own connection is shared", async () => {
    const jump = await new TestServer().listen();
    const proxy = jump.connection();
    const own = sshHostDirectory();
    const settings = server.connection({ proxy });
    const behind = await own.open("node1", settings);
    await own.open("node2", { ...settings, user: "root" });
    expect(await behind.shell.check({ argv: ["echo", "there"] })).toBe("there\n");
    expect(jump.connections).toBe(1);
    expect(jump.commands).toEqual([]);
    await own.close();
    await jump.close();
  });

  test("that does not reach the host, and one that is not reached itself", async () => {
    const jump = await new TestServer().listen();
    const proxy = jump.connection();
    const beyond = await opening(server.connection({ port: 1, proxy }));
    expectStory(beyond, `the jump host 127.0.0.1:${proxy.port ?? 0} cannot reach it`);
    expect(beyond?.fault.kind).not.toBe("silent");
    await jump.close();
    const own = sshHostDirectory();
    const unreached = own.open("node1", server.connection({ proxy }));
    await expect(unreached).rejects.toMatchObject({
      message: expect.stringContaining("host 'jump host of node1'") as string,
      fault: { kind: "trouble", host: "node1" },
    });
    await own.close();
  });

  test("that hears nothing of a host behind it says that this one is silent, and is well itself", async () => {
    const jump = await new TestServer().listen();
    jump.unroutable.add(9);
    const own = sshHostDirectory();
    const proxy = jump.connection();
    const settings = { perDialTimeout: 1, dialErrorLimit: 0, proxy };
    const other = await own.open("node2", server.connection(settings));
    await expect(
      own.open("node1", server.connection({ ...settings, port: 9 })),
    ).rejects.toMatchObject({
      fault: { kind: "silent", host: "node1" },
    });
    // What else goes over the jump host does not suffer for it.
    expect(await other.shell.check({ argv: ["echo", "well"] })).toBe("well\n");
    expect(jump.connections).toBe(1);
    await own.close();
    await jump.close();
  });
});

test.each([
  ["Connection timed out", "silent"],
  ["No route to host", "silent"],
  ["Network is unreachable", "trouble"],
  ["Connection refused", "refused"],
  ["open failed", "trouble"],
  ["administratively prohibited", "trouble"],
  ["Name or service not known", "trouble"],
])("what a jump host's sshd says of the host behind it: %s", (words, kind) => {
  const said = behindJump({ host: "192.0.2.1" }, `(SSH) Channel open failure: ${words}`);
  expect(said.fault).toMatchObject({ kind });
  expect(said.fault.reason).toBe(`the jump host 192.0.2.1:22 cannot reach it (${words})`);
});

test.each([
  ["ETIMEDOUT", "silent"],
  ["EHOSTUNREACH", "silent"],
  ["ENETUNREACH", "trouble"],
  ["EHOSTDOWN", "silent"],
  ["ECONNREFUSED", "refused"],
  ["ECONNRESET", "trouble"],
  ["EAI_AGAIN", "trouble"],
  ["ENOTFOUND", "settings"],
  ["EPERM", "trouble"],
])("what the operating system says of a connection: %s", (code, kind) => {
  expect(dialFault(Object.assign(new Error(code), { code })).kind).toBe(kind);
});

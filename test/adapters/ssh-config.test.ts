import { spawnSync } from "child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "fs";
import { homedir, tmpdir } from "os";
import { join } from "path";
import * as fc from "fast-check";
import { sshHostDirectory } from "../../provider/adapters/host-directory";
import { withSshConfig } from "../../provider/adapters/ssh/from-ssh-config";
import { linesAbout } from "../../provider/adapters/ssh/known-hosts";
import { settingsOf } from "../../provider/adapters/ssh/ssh-config";
import { hostKey, TestServer, userKey } from "./ssh-server";

const folder = mkdtempSync(join(tmpdir(), "ferry-config-"));
const path = join(folder, "config");
const file = (name: string, text: string) => {
  writeFileSync(join(folder, name), text, { mode: 0o600 });
  return join(folder, name);
};
afterAll(() => rmSync(folder, { recursive: true }));

const CONFIG = `
# comment
User = everybody   # not for node1, which says its own below
Host node1 node2.example.org
  HostName %h.internal
  Port 2222
  IdentityFile "${folder}/a key"
Host * !node2*
  IdentityFile ${folder}/other
  Port 22
Match host *.internal user everybody
  ProxyJump deploy@jump1:2200,jump2
Match exec "touch ${folder}/ran"
  Port 1
Host jump?
  HostName 192.0.2.9
  User jumper
`;

test("the first value counts, patterns choose, and what would be run is not", () => {
  const said = settingsOf([CONFIG], "node1", undefined);
  expect(Object.fromEntries(said)).toEqual({
    user: ["everybody"],
    hostname: ["%h.internal"],
    port: ["2222"],
    identityfile: [`${folder}/a key`, `${folder}/other`],
    proxyjump: ["deploy@jump1:2200,jump2"],
  });
  expect(settingsOf([CONFIG], "node1", "root").get("proxyjump")).toBeUndefined();
});

test("a connection takes what it does not say itself; jump hosts are found in the file as well", () => {
  writeFileSync(path, CONFIG);
  for (const name of ["a key", "other"]) file(name, userKey.privateKey);
  const given = { host: "node1", sshConfig: path, hostKey: hostKey.publicKey };
  const found = withSshConfig("node1", given);
  expect(found).toMatchObject({
    host: "node1.internal",
    port: 2222,
    user: "everybody",
    privateKey: userKey.privateKey,
    proxy: { host: "192.0.2.9", user: "everybody", proxy: { host: "192.0.2.9", port: 2200 } },
  });
  expect(found.proxy?.proxy).toMatchObject({ user: "deploy" });
  const own = withSshConfig("node1", { ...given, port: 22, user: "root", password: "x" });
  expect(own).toMatchObject({ port: 22, user: "root", password: "x" });
  expect(own).not.toHaveProperty("privateKey");
});

test("as OpenSSH itself reads it", () => {
  const here = spawnSync("ssh", ["-V"]).status === 0;
  const pattern = fc.constantFrom("a", "b", "a*", "?", "*", "!a", "!b", "c");
  const setting = fc.oneof(
    fc.constantFrom("HostName x", "HostName=y.%h", "Port 23", "Port = 24", 'User "u1"', "user u2"),
    fc.constantFrom(
      "IdentityFile ~/.ssh/k1",
      "IdentityFile /k2",
      "ProxyJump j1,j2",
      "ProxyJump none",
    ),
  );
  const head = fc.oneof(
    fc.array(pattern, { minLength: 1, maxLength: 3 }).map((all) => `Host ${all.join(" ")}`),
    fc.constantFrom(
      "Match all",
      "Match host x",
      "Match originalhost a,b",
      "Match user u1",
      "Match !host x",
    ),
  );
  const block = fc.tuple(head, fc.array(setting, { maxLength: 4 }));
  fc.assert(
    fc.property(
      fc.array(block, { maxLength: 5 }),
      fc.constantFrom("a", "b", "c"),
      (blocks, host) => {
        const text = blocks.flatMap(([first, rest]) => [first, ...rest]).join("\n");
        const said = settingsOf([text], host, undefined);
        if (!here) return;
        const asked = spawnSync("ssh", ["-G", "-F", file("generated", text), host], {
          encoding: "utf8",
        });
        expect(asked.status).toBe(0);
        const theirs = (word: string) =>
          asked.stdout
            .split("\n")
            .filter((line) => line.startsWith(`${word} `))
            .map((line) => line.slice(word.length + 1));
        const [hostname = host] = said.get("hostname") ?? [];
        expect([hostname.replaceAll("%h", host)]).toEqual(theirs("hostname"));
        expect(said.get("port") ?? ["22"]).toEqual(theirs("port"));
        if (said.has("user")) expect(said.get("user")).toEqual(theirs("user"));
        const jump = said.get("proxyjump");
        expect(jump?.[0] === "none" ? [] : (jump ?? [])).toEqual(
          theirs("proxyjump").filter((word) => word !== "none"),
        );
        const unhomed = (name: string) => name.replace(/^~(?=\/)/, homedir());
        if (said.has("identityfile")) {
          expect([...new Set(said.get("identityfile")?.map(unhomed))]).toEqual([
            ...new Set(theirs("identityfile").map(unhomed)),
          ]);
        }
      },
    ),
    { numRuns: 60 },
  );
});

test("known_hosts is read as ssh-keygen writes it, hashed as well", () => {
  const known = file(
    "known",
    `node1,192.0.2.1 ${hostKey.publicKey}\n[node2]:2222 ${hostKey.publicKey}\n*.lan,!x.lan ssh-rsa AAAA\n`,
  );
  const about = (name: string) => linesAbout(readFileSync(known, "utf8"), name);
  for (const name of ["node1", "192.0.2.1", "[node2]:2222", "y.lan"])
    expect(about(name)).toHaveLength(1);
  for (const name of ["node2", "x.lan", "node"]) expect(about(name)).toEqual([]);
  if (spawnSync("ssh-keygen", ["-q", "-H", "-f", known]).status !== 0) return;
  expect(about("node1")).toEqual([expect.stringMatching(/^\|1\|/)]);
  expect(about("[node2]:2222")).toHaveLength(1);
  expect(about("node2")).toEqual([]);
});

test("what is wrong with a file is told with its name, and never with its text", () => {
  const problem = (text: string, more = {}) => {
    writeFileSync(path, text);
    try {
      withSshConfig("node1", { host: "node1", sshConfig: path, ...more });
      return "none";
    } catch (error) {
      return (error as Error).message;
    }
  };
  const agent = "IdentityAgent none\n";
  const none = file("nothing", "hunter2");
  expect(problem(`${agent}IdentityFile ${none}`)).toMatch(
    /IdentityFile .*nothing is not a private key/,
  );
  expect(problem(`${agent}IdentityFile /no/such`)).toContain(
    "IdentityFile /no/such cannot be read",
  );
  expect(problem(`${agent}IdentityFile ${none}`)).not.toContain("hunter2");
  expect(problem("ProxyCommand nc %h %p")).toContain("ProxyCommand, which Ferry does not run");
  expect(problem("ProxyJump node1")).toContain("leads in a circle");
  expect(problem("", { sshConfig: "/no/such/config" })).toContain("cannot be read");
});

test("leads to a host behind two others, by the names that the file gives", async () => {
  const [first, second, last] = await Promise.all([
    new TestServer().listen(),
    new TestServer().listen(),
    new TestServer().listen(),
  ]);
  const key = file("id", userKey.privateKey);
  const known = file(
    "known_hosts",
    [first, second, last].map(({ port }) => `[127.0.0.1]:${port} ${hostKey.publicKey}\n`).join(""),
  );
  const block = (name: string, { port }: TestServer, more = "") =>
    `Host ${name}\n  HostName 127.0.0.1\n  Port ${port}\n  User ferry\n${more}`;
  writeFileSync(
    path,
    `IdentityFile ${key}\nIdentityAgent none\nUserKnownHostsFile ${known}\n` +
      block("one", first) +
      block("two", second) +
      block("three", last, "  ProxyJump one,two\n"),
  );
  const hosts = sshHostDirectory();
  const given = { host: "three", sshConfig: path };
  const { shell, connection, asked } = await hosts.open("web", given);
  expect(await shell.check({ argv: ["echo", "there"] })).toBe("there\n");
  expect([first.connections, second.connections, last.connections]).toEqual([1, 1, 1]);
  expect(connection.host).toBe("127.0.0.1");
  expect(asked).toEqual(given);
  await hosts.close();
  await Promise.all([first, second, last].map((server) => server.close()));
});

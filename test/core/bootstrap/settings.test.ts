import { commandConnection } from "../../../provider/core/bootstrap/command-connection";
import { bootstrapMark, readBootstrap } from "../../../provider/core/bootstrap/settings";
import { bootstrapCopies, bootstrapSteps } from "../../../provider/core/bootstrap/steps";
import type { BootstrapSettings } from "../../../provider/core/bootstrap/settings";

const read = (given: unknown) => readBootstrap(given) as BootstrapSettings;
/** What the programs on the host are told of the network that is wanted. */
const wanted = (weave: unknown) => {
  const { network } = read({ weave });
  return network === false ? undefined : network.values("from");
};
const steps = (given: unknown) => bootstrapSteps(read(given), (name) => `run ${name}\n`, []);

describe("what a program says of a host's preparation", () => {
  it("is all of it, from the distribution and reWeave's newest release, where it says no more", () => {
    expect(read(true)).toEqual({
      docker: "auto",
      tools: true,
      network: expect.objectContaining({ files: [] }),
      mirrors: {
        docker: "https://download.docker.com",
        network: "https://github.com/rajch/weave/releases/download",
      },
    });
    expect(wanted(undefined)).toEqual(wanted("2.9.0"));
  });

  it("leaves out what it does not want", () => {
    expect(steps({ docker: false, tools: false, weave: false }).map(({ part }) => part)).toEqual([
      "system",
    ]);
    expect(steps(true).map(({ part }) => part)).toEqual([
      ...["system", "docker", "tools", "weave", "images"],
    ]);
  });

  it("takes a number for a release of reWeave, and a file's number from the file", () => {
    expect(wanted("2.8.3")).toMatchObject({ weave_version: "2.8.3", weave_file: "" });
    expect(wanted("2.8.10")).toMatchObject({ weave_url: "from/v2.8.10/weave" });
    expect(wanted({ command: "./weave" })).toMatchObject({ weave_url: "", weave_version: "" });
  });

  it.each([
    [{ wave: true }, "bootstrap.wave", "is not known; there is docker, tools, weave"],
    [{ docker: "podman" }, "bootstrap.docker", 'is "distribution", "docker.com", true or false'],
    [{ weave: "latest" }, "bootstrap.weave.version", 'is no text that is like "2.9.0"'],
    [{ weave: "2.8.1" }, "bootstrap.weave.version", "is older than 2.8.3"],
    [{ weave: "2.8.2" }, "bootstrap.weave.version", "is older than 2.8.3"],
    [{ weave: { sha256: "abc" } }, "bootstrap.weave.sha256", "64 digits"],
    [{ tools: "yes" }, "bootstrap.tools", "is true or false"],
    [{ packages: "./debs", tools: false }, "bootstrap.packages", "needs `tools`"],
    [
      { mirrors: { weave: "https://me:hidden@mirror.example/weave" } },
      "bootstrap.mirrors.weave",
      "without user and password",
    ],
    [{ mirrors: { docker: 'http://a"b' } }, "bootstrap.mirrors.docker", "an address with http://"],
    [{ again: "" }, "bootstrap.again", "is no text that is a word"],
    ["yes", "bootstrap", "is true, or an object of docker"],
  ])("is refused in words where it cannot be: %j", (given, path, words) => {
    expect(readBootstrap(given)).toEqual([[path, expect.stringContaining(words)]]);
  });

  it("has a mark by what it says, whatever proxy there is, and none for the usual one", () => {
    expect(bootstrapMark(true)).toBe("");
    expect(bootstrapMark({ proxy: "http://proxy.invalid", tools: undefined })).toBe("");
    expect(bootstrapMark({ again: "a" })).toMatch(/^[0-9a-f]{6}$/);
    expect(bootstrapMark({ again: "a" })).not.toBe(bootstrapMark({ again: "b" }));
    expect(bootstrapMark({ tools: false, docker: "docker.com" })).toBe(
      bootstrapMark({ docker: "docker.com", tools: false, noProxy: "x" }),
    );
  });

  it("never shows a proxy on a command line, and quotes what is in the script", () => {
    const [first] = steps(true);
    const stdin = first?.stdin({ proxy: "http://me:it's@proxy.invalid" });
    expect(first?.command).not.toContain("proxy");
    expect(stdin).toContain("proxy='http://me:it'\\''s@proxy.invalid'\n");
    expect(stdin).toMatch(/^\{\n[^]*run bootstrap\/system\.sh\n\} <\/dev\/null\n$/);
  });

  it("says in each command what it does, in words that no shell reads as anything else", () => {
    for (const { command } of steps({ weave: { command: "./weave", version: "2.9.0" } })) {
      expect(command).toMatch(/ sh '[\w ,.]+'$/);
    }
  });

  it("copies the operator's files to the home folder first", () => {
    const given = { packages: "./debs", weave: { command: "./weave", archive: "./images.tar" } };
    expect(bootstrapCopies(read(given))).toEqual([
      {
        what: "packages",
        // By its slash, what is in it comes to be the target, and not a folder of its name in there.
        source: "./debs/",
        folder: true,
        target: ".pulumi-ferry-bootstrap/packages",
      },
      {
        what: "command",
        source: "./weave",
        folder: false,
        target: ".pulumi-ferry-bootstrap/weave",
      },
      {
        what: "archive",
        source: "./images.tar",
        folder: false,
        target: ".pulumi-ferry-bootstrap/images.tar",
      },
    ]);
    expect(bootstrapCopies(read(true))).toEqual([]);
  });
});

describe("a connection, as @pulumi/command has it", () => {
  const host = "192.0.2.7";
  const hostKey = "ssh-ed25519 AAAAC3Nza";

  it("has the same fields, each in its own place", () => {
    expect(
      commandConnection({
        host: "deploy@node1:2222",
        privateKey: "KEY",
        hostKey: `${hostKey} comment`,
        perDialTimeout: 5,
        proxy: { host: "192.0.2.1", password: "secret", trustOnFirstUse: true },
      }),
    ).toEqual({
      host: "node1",
      port: 2222,
      user: "deploy",
      privateKey: "KEY",
      hostKey,
      perDialTimeout: 5,
      proxy: { host: "192.0.2.1", password: "secret" },
    });
  });

  it("is held to one key, also where known_hosts has others of other kinds", () => {
    const lines = `# node1\nnode1,${host} ssh-rsa AAAAB3Nz\nnode1 ecdsa-sha2-nistp256 AAAAE2Vj\n[node1]:22 ${hostKey}`;
    expect(commandConnection({ host, hostKey: lines })).toEqual({ host, hostKey });
  });

  it.each([
    "ecdsa-sha2-nistp256 AAAAE2Vj",
    "ecdsa-sha2-nistp384 AAAAE2Vj",
    "ecdsa-sha2-nistp521 AAAAE2Vj",
    "sk-ssh-ed25519@openssh.com AAAAGnNr",
  ])("takes any kind of key but RSA: %s", (key) => {
    expect(commandConnection({ host, hostKey: `ssh-rsa AAAAB3Nz\n${key}` })).toEqual({
      host,
      hostKey: key,
    });
  });

  it.each([
    [{ host }, "without a `hostKey` it would take any host"],
    [{ host, hostKey: "SHA256:abc" }, "it can compare no fingerprint"],
    [{ host, hostKey: "ssh-rsa AAAAB3Nz" }, "pin the ssh-ed25519 key"],
    [{ host, hostKey: `${hostKey}\nssh-ed25519 AAAAother` }, "two keys of kind ssh-ed25519"],
    [
      { host, hostKey: "ecdsa-sha2-nistp384 AAAA\necdsa-sha2-nistp384 AAAB" },
      "two keys of kind ecdsa-sha2-nistp384",
    ],
    [{ host, hostKey: `@revoked * ${hostKey}` }, "no revoked keys"],
    [{ host, hostKey, sshConfig: true }, "it reads no `sshConfig`"],
    [{ host, hostKey, agentKey: "SHA256:abc" }, "knows no `agentKey`"],
    [{ host: "a b", hostKey }, "`host` is neither a name nor an address"],
    [{ host, hostKey, proxy: { host, hostKey: "SHA256:abc" } }, "`proxy`: its `hostKey` has to"],
    [
      { host, hostKey, proxy: { host, hostKey, proxy: { host, hostKey } } },
      "`proxy` leads through another one",
    ],
  ])("is refused where it has no counterpart: %j", (connection, words) => {
    expect(commandConnection(connection)).toEqual(expect.stringContaining(words));
  });
});

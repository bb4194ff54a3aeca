import type * as pulumi from "@pulumi/pulumi";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "fs";
import { tmpdir } from "os";
import { join } from "path";
import type * as Ferry from "../../index";
import { freshProgram } from "./fresh-program";
import { inputsOf, allRegistered, TYPES, type Registered } from "./recorder";

const COMMAND = "command:remote:Command";
const COPY = "command:remote:CopyToRemote";
/** By which the engine knows a secret. */
const SECRET = "4dabf18193072939515e22adb298388d";
const HOST = { host: "192.0.2.1", privateKey: "KEY", hostKey: "ssh-ed25519 AAAA" };
const other = { ...HOST, host: "192.0.2.2" };

describe("a host with `bootstrap`", () => {
  let registered: Registered[];
  let ferry: typeof Ferry;
  const folder = mkdtempSync(join(tmpdir(), "ferry-bootstrap-"));

  beforeEach(() => {
    ({ registered, ferry } = freshProgram());
  });
  afterEach(() => allRegistered(registered));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  async function cluster(bootstrap: Ferry.HostArgs["bootstrap"], more: object = {}) {
    new ferry.WeaveCluster("net", {
      hosts: {
        node1: { ...HOST, ...more, ...(bootstrap === undefined ? {} : { bootstrap }) },
        other,
      },
    });
    await allRegistered(registered);
    return inputsOf(registered, COMMAND);
  }

  it("is prepared by commands that say what they do, one after another, before anybody looks", async () => {
    const commands = await cluster(true);
    expect(Object.keys(commands)).toEqual(
      ["system", "docker", "tools", "weave", "images"].map((part) => `net-node1-${part}`),
    );
    expect(
      Object.values(commands).map((each) => /sh '([^']*)'$/.exec(String(each["create"]))?.[1]),
    ).toEqual([
      "looks whether the host can be prepared",
      "Docker of the distribution, or of docker.com where that has none, unless it is there",
      "rsync, python3, iptables, ebtables, ip, and full tools in place of busybox, where they are not there",
      "the weave command 2.9.0 of reWeave, unless it is there",
      "the images of the weave command, where they are not there",
    ]);
    const order = registered.map(({ name, type }) => `${type.split(":").pop() ?? ""} ${name}`);
    const hosts = order.findIndex((each) => each.startsWith("Host net-"));
    expect(hosts).toBeGreaterThan(order.indexOf("Command net-node1-images"));
    for (const each of Object.values(commands)) {
      expect(each).not.toHaveProperty("update");
      expect(each).not.toHaveProperty("delete");
    }
  });

  it("hands the connection on without what is Ferry's own, and gives Ferry's none of `bootstrap`", async () => {
    const more = { drain: false, trustOnFirstUse: false, proxy: { ...HOST, host: "gate:2222" } };
    const commands = await cluster(true, more);
    // Pulumi's form of a secret; what is not said is filled in by @pulumi/command.
    expect(commands["net-node1-docker"]?.["connection"]).toMatchObject({
      [SECRET]: expect.anything(),
      value: { ...HOST, port: 22, proxy: { ...HOST, host: "gate", port: 2222 } },
    });
    expect(inputsOf(registered, TYPES.host)["net-node1"]).not.toHaveProperty("bootstrap");
    const { connection } = inputsOf(registered, TYPES.host)["net-node1"] as { connection: object };
    expect(connection).not.toHaveProperty("bootstrap");
  });

  it.each(["1.0.4", "1.1.0", "1.2.0"])(
    "is refused where @pulumi/command is of %s, which copies or checks less",
    (version) => {
      jest.doMock("@pulumi/command/package.json", () => ({ version }));
      expect(
        () => new ferry.WeaveCluster("net", { hosts: { node1: { ...HOST, bootstrap: true } } }),
      ).toThrow(`\`bootstrap\` needs @pulumi/command 1.2.1 or later, and ${version} is installed`);
      jest.dontMock("@pulumi/command/package.json");
    },
  );

  it("takes the @pulumi/command that Ferry's package asks for", () => {
    const { peerDependencies } = require("../../package.json") as {
      peerDependencies: Record<string, string>;
    };
    const { OLDEST_COMMAND } = require("../../components/command-package") as {
      OLDEST_COMMAND: string;
    };
    expect(peerDependencies["@pulumi/command"]).toBe(`^${OLDEST_COMMAND}`);
  });

  it("changes nothing for hosts without it", async () => {
    expect(await cluster(undefined)).toEqual({});
    expect(await cluster(false)).toEqual({});
    expect(registered.map(({ type }) => type)).not.toContain("pulumi-ferry:index:HostBootstrap");
  });

  it("is prepared anew where the program wants something else, by resources of other names", async () => {
    const names = Object.keys(await cluster({ again: "after the disk was replaced" }));
    expect(names).toHaveLength(5);
    for (const name of names) expect(name).toMatch(/^net-node1-[a-z]+-[0-9a-f]{6}$/);
  });

  it("copies the operator's files after every host was looked at, and before anything is installed", async () => {
    for (const name of ["weave", "images.tar"]) writeFileSync(join(folder, name), name);
    await cluster({
      packages: folder,
      weave: { command: join(folder, "weave"), archive: join(folder, "images.tar") },
    });
    const copies = inputsOf(registered, COPY);
    expect(Object.values(copies).map(({ remotePath }) => remotePath)).toEqual(
      ["packages", "weave", "images.tar"].map((name) => `.pulumi-ferry-bootstrap/${name}`),
    );
    const order = registered
      .filter(({ type }) => type === COMMAND || type === COPY)
      .map(({ name }) => name.split("-")[2]);
    expect(order).toEqual([
      ...["system", "packages", "command", "archive"],
      ...["docker", "tools", "weave", "images"],
    ]);
  });

  it("copies a file of the operator's again when it changed, and looks for no others on the host", async () => {
    const packages = join(folder, "packages");
    mkdirSync(join(packages, "more"), { recursive: true });
    for (const name of ["a.deb", "more/b.deb"]) writeFileSync(join(packages, name), name);
    const ignored: Record<string, unknown> = {};
    const transformation: pulumi.ResourceTransformation = ({ type, name, opts }) => {
      if (type === COPY) ignored[name] = opts.ignoreChanges ?? [];
      return undefined;
    };
    const hosts = { node1: { ...HOST, bootstrap: { packages } } };
    new ferry.WeaveCluster("net", { hosts }, { transformations: [transformation] });
    await allRegistered(registered);
    expect(Object.values(ignored)).toEqual([[]]);
    const [docker] = Object.entries(inputsOf(registered, COMMAND)).filter(([name]) =>
      name.includes("docker"),
    );
    expect(docker?.[1]["stdin"]).toContain("package_files='a.deb\nmore/b.deb'\n");
  });

  it("is refused where there is no such folder of packages", () => {
    const bootstrap = { packages: join(folder, "none") };
    expect(
      () => new ferry.WeaveCluster("net", { hosts: { node1: { ...HOST, bootstrap } } }),
    ).toThrow("WeaveCluster 'net': hosts.node1.bootstrap.packages cannot be read: ENOENT");
  });

  it("looks at all hosts before anything is changed on any of them", async () => {
    new ferry.WeaveCluster("net", {
      hosts: { node1: { ...HOST, bootstrap: true }, node2: { ...other, bootstrap: true } },
    });
    await allRegistered(registered);
    const order = Object.keys(inputsOf(registered, COMMAND));
    expect(order.slice(0, 2).sort()).toEqual(["net-node1-system", "net-node2-system"]);
    expect(order).toHaveLength(10);
  });

  it("keeps a secret proxy secret, and off the command line", async () => {
    const pulumi = require("@pulumi/pulumi") as { secret(value: string): never };
    const commands = await cluster({ proxy: pulumi.secret("http://me:word@proxy.invalid") });
    const docker = commands["net-node1-docker"];
    expect(String(docker?.["create"])).not.toContain("word");
    expect(docker?.["stdin"]).toMatchObject({
      [SECRET]: expect.anything(),
      value: expect.stringContaining("proxy='http://me:word@proxy.invalid'\n"),
    });
  });

  it.each([
    [{ wave: true }, "WeaveCluster 'net': hosts.node1.bootstrap.wave is not known"],
    [{ docker: "podman" }, 'hosts.node1.bootstrap.docker is "distribution", "docker.com"'],
  ])("is refused in words where the program wants what there is not: %j", (bootstrap, words) => {
    expect(
      () =>
        new ferry.WeaveCluster("net", {
          hosts: { node1: { ...HOST, bootstrap: bootstrap as never } },
        }),
    ).toThrow(words);
  });

  it("is refused on a cluster that another program keeps", () => {
    expect(() =>
      ferry.WeaveCluster.existing("net", {
        hosts: { node1: { ...HOST, bootstrap: true } },
        pool: "10.40.0.0/16",
      }),
    ).toThrow("hosts.node1: `bootstrap` belongs to the program that keeps the cluster");
  });
});

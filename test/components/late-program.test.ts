import type * as Pulumi from "@pulumi/pulumi";
import type * as Ferry from "../../index";
import { loadApplication } from "../../components/load-application";
import { freshProgram } from "./fresh-program";
import { inputsOf, allRegistered, TYPES, valueOf, type Registered } from "./recorder";

const FILE = `
services:
  redis:
    image: redis:7
    volumes: [data:/data]
    command: "redis-server --requirepass \${WORD}"
  backup:
    image: backup:1
    volumes: [data:/data]
  web:
    image: web:1
    links: ["redis:db"]
volumes:
  data: {}
`;

const hosts = Object.fromEntries(
  ["node1", "node2", "node3"].map((name, i) => [
    name,
    { host: `192.0.2.${i + 1}`, privateKey: "KEY", hostKey: "ssh-ed25519 A", drain: i === 2 },
  ]),
);

const settings = {
  compose: FILE,
  variables: { WORD: "one" },
  scale: { web: 2 },
  hosts: { redis: "node1", web: ["node1", "node2"] },
  ips: { redis: "10.40.0.77" },
  environment: { web: { COLOUR: "red" } },
  onSourceLost: { redis: "useLastCopy" },
  quiesce: { web: "sync" },
  resume: { web: "true" },
  secretEnvironment: ["redis"],
};

/** Pulumi's form of a secret. */
const SECRET = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };

/** How much of a program's settings comes late, and by what. */
const LATE: Record<string, (of: typeof Pulumi, value: unknown) => unknown> = {
  "an output": (pulumi, value) => pulumi.output(value),
  "a promise": (_, value) => Promise.resolve(value),
};

describe("a program that has its settings late", () => {
  let registered: Registered[];
  let ferry: typeof Ferry;
  let pulumi: typeof Pulumi;

  beforeEach(() => start());
  afterEach(() => allRegistered(registered));

  function start(of = {}): void {
    ({ registered, ferry } = freshProgram(of));
    pulumi = require("@pulumi/pulumi") as typeof Pulumi;
  }

  /** What it has registered, but for what hangs on being asked for by another resource. */
  async function declared(
    given: Partial<Record<keyof typeof settings, unknown>>,
    clusterHosts: unknown = hosts,
  ) {
    const cluster = new ferry.WeaveCluster("net", { hosts: clusterHosts as typeof hosts });
    new ferry.Deployment("apples", { cluster, ...settings, ...(given as object) });
    await allRegistered(registered);
    const { host, peer, mesh, volume, replica } = TYPES;
    const text = JSON.stringify(
      [host, peer, mesh, volume, replica].map((type) =>
        Object.entries(inputsOf(registered, type)).sort(([a], [b]) => (a < b ? -1 : 1)),
      ),
    );
    return (
      text
        .replaceAll(/10\.(40|47)\.0\.\d+/g, "AN-ADDRESS")
        // Hosts that are outputs are no load yet when the others are placed.
        .replaceAll(/"suggestedHost":"node\d"/g, "")
    );
  }

  const everything = (late: (typeof LATE)[string]) =>
    Object.fromEntries(
      Object.entries(settings).map(([name, value]) => [name, late(pulumi, value)]),
    );

  it.each(Object.entries(LATE))("declares the same where all is %s", async (_, late) => {
    const plain = await declared({});
    start();
    expect(await declared(everything(late), late(pulumi, hosts))).toBe(plain);
  });

  it.each(Object.keys(settings) as (keyof typeof settings)[])(
    "declares the same where %s alone is an output",
    async (property) => {
      const plain = await declared({});
      start();
      const one = { [property]: pulumi.output<unknown>(settings[property]) };
      expect(await declared(one)).toBe(plain);
    },
  );

  it("declares the same where each value is an output", async () => {
    const plain = await declared({});
    start();
    const { scale, hosts: where, ips, environment } = settings;
    const each = (of: object) =>
      Object.fromEntries(
        Object.entries(of).map(([key, value]) => [key, pulumi.output<unknown>(value)]),
      );
    const late = {
      ...{ scale: each(scale), hosts: each(where), ips: each(ips) },
      environment: each(environment),
      onSourceLost: pulumi.output(settings.onSourceLost),
    };
    expect(await declared(late, each(hosts))).toBe(plain);
  });

  it("takes an output of nothing for nothing said, where that may be left out", async () => {
    const plain = await declared({ scale: {}, ips: {} });
    start();
    const nothing = () => pulumi.output<unknown>(undefined);
    expect(await declared({ scale: nothing(), ips: nothing() })).toBe(plain);
  });

  it("puts who shares a volume onto one host, whoever of them an output names", async () => {
    await declared({ hosts: pulumi.output({ backup: "node2" }), onSourceLost: "fail" });
    const replicas = inputsOf(registered, TYPES.replica);
    expect(replicas["apples-redis-0"]).toMatchObject({ host: "node2" });
    expect(replicas["apples-backup-0"]).toMatchObject({ host: "node2" });
    expect(replicas["apples-web-0"]).not.toHaveProperty("host");
  });

  it("has its replicas in `parts`, and says so where they are asked for as plain ones", async () => {
    const cluster = new ferry.WeaveCluster("net", { hosts });
    const late = { ...settings, compose: pulumi.output(FILE) };
    const apples = new ferry.Deployment("apples", { cluster, ...late });
    expect(Object.keys(apples.services)).toEqual([]);
    expect(() => apples.replica("redis")).toThrow(
      "Deployment 'apples': which services it has follows from an output. Take them from `parts`",
    );
    expect(() => apples.volume("data")).toThrow("which volumes it has follows from an output");
    const { services, volumes } = await valueOf(apples.parts);
    expect(Object.keys(services).sort()).toEqual(["backup", "redis", "web"]);
    expect(await valueOf(volumes["data"]!.volumeName)).toBe("apples_data");
    expect(() => services["redsi"]).toThrow(
      "Deployment 'apples': the file has no service 'redsi'. It has: backup, redis, web.",
    );
  });

  it("has nothing where a secret says nothing of a service, and keeps what it says", async () => {
    await declared({
      hosts: pulumi.secret({ redis: "node1", backup: "node1" }),
      onSourceLost: pulumi.secret({ redis: "useLastCopy" }),
      quiesce: pulumi.secret({ web: "sync" }),
      environment: pulumi.secret({ web: { COLOUR: "red" } }),
      resume: undefined,
    });
    const { "apples-web-0": web, "apples-redis-0": redis } = inputsOf(registered, TYPES.replica);
    expect(web).not.toHaveProperty("host");
    expect(web).not.toHaveProperty("onSourceLost");
    expect(redis).not.toHaveProperty("quiesce");
    expect(redis).toMatchObject({ host: "node1", onSourceLost: "useLastCopy" });
    expect(web).toMatchObject({
      quiesce: { ...SECRET, value: "sync" },
      environment: { ...SECRET, value: { COLOUR: "red" } },
    });
  });

  describe("in a preview", () => {
    beforeEach(() => start({ preview: true }));

    /** What a resource says once it has been made. */
    const unknown = <T>(): Pulumi.Output<T> => {
      class Unmade extends pulumi.CustomResource {
        declare readonly said: Pulumi.Output<T>;
        constructor() {
          super("test:index:Unmade", "unmade", { said: undefined });
        }
      }
      return new Unmade().said;
    };

    it("makes no more unknown than what is", async () => {
      const redis = unknown<string>();
      await declared({
        hosts: Promise.resolve({ redis, backup: redis, web: "node2" }),
        ips: {},
        environment: Promise.resolve({ redis: { P: unknown<string>() }, web: { Q: "y" } }),
        variables: Promise.resolve({ WORD: unknown<string>() }),
      });
      const { "apples-web-0": web, "apples-redis-0": first } = inputsOf(registered, TYPES.replica);
      expect(web).toMatchObject({ host: "node2", environment: { Q: "y" } });
      expect(first).toMatchObject({ spec: { image: "redis:7" } });
    });

    it("warns where it cannot show a deployment, or a network", async () => {
      const warn = jest.spyOn(pulumi.log, "warn").mockResolvedValue();
      const cluster = new ferry.WeaveCluster("net", { hosts: unknown<typeof hosts>() });
      new ferry.Deployment("apples", { cluster, ...settings, compose: unknown<string>() });
      await allRegistered(registered);
      const said = warn.mock.calls.map(([message]) => message.split(" follows")[0]);
      expect(said.sort()).toEqual(["Deployment 'apples'", "WeaveCluster 'net'"]);
    });
  });

  it("is waited for by who depends on it, with all that it declares late", async () => {
    const cluster = new ferry.WeaveCluster("net", { hosts: pulumi.output(hosts) });
    const late = { ...settings, compose: pulumi.output(FILE) };
    const apples = new ferry.Deployment("apples", { cluster, ...late });
    const depending = (of: object) =>
      (of as { __data: Promise<unknown>; __childResources?: Set<unknown> }).__data.then(
        () => (of as { __childResources?: Set<unknown> }).__childResources?.size,
      );
    // Five replicas and a volume; three hosts, a pool, three peers and a mesh.
    expect(await depending(apples)).toBe(5);
    expect(await depending(cluster)).toBe(8);
  });

  it("keeps nobody waiting when it cannot be declared, and the program goes on", async () => {
    const cluster = new ferry.WeaveCluster("net", { hosts });
    const parent = new pulumi.ComponentResource("test:index:App", "app");
    const compose = "missing.yml";
    expect(() => new ferry.Deployment("bad", { cluster, compose }, { parent })).toThrow(
      /not there/,
    );
    expect(() => new ferry.WeaveCluster("bad", { hosts: {} }, { parent })).toThrow(
      /hosts is empty/,
    );
    class After extends pulumi.CustomResource {}
    new After("test:index:After", "after", {}, { dependsOn: parent });
    await allRegistered(registered);
    expect(registered.map(({ name }) => name)).toContain("after");
  });

  it("tells nothing of a file that is a secret", () => {
    const loading = () =>
      loadApplication({
        compose: "services:\n  db:\n    image: x\n    restart: hunter3\n    ports: ['hunter4']\n",
        variables: {},
        secret: true,
      });
    expect(loading).toThrow(/^compose:4:5: services\.db\.restart: is not as Ferry reads it/m);
    expect(loading).not.toThrow(/hunter/);
  });

  it("takes a file of one line for a text, and tells nothing of a secret one", () => {
    const text = '{"services":{"db":{"image":"x:1","environment":{"P":"hunter2"}}}}';
    const load = (compose: string, secret: boolean) =>
      loadApplication({ compose, variables: {}, secret });
    expect(Object.keys(load(text, false).application.services)).toEqual(["db"]);
    for (const broken of ["services: hunter2", "x".repeat(5000) + "hunter2", "\0hunter2"]) {
      expect(() => load(broken, true)).toThrow(/^compose/);
      expect(() => load(broken, true)).not.toThrow(/hunter2/);
    }
    for (const path of ["x".repeat(5000), "a\0b"])
      expect(() => load(path, false)).toThrow(/is not there/);
  });

  it("keeps the password of a proxy that a host is prepared with", async () => {
    const proxy = "http://u:hunter2@proxy:3128";
    const of = { host: "192.0.2.1", hostKey: "ssh-ed25519 A", privateKey: "K" };
    const prepared = pulumi.secret({ node1: { ...of, bootstrap: { proxy } } });
    new ferry.WeaveCluster("net", { hosts: prepared });
    await allRegistered(registered);
    const commands = registered.filter(({ type }) => type.endsWith(":Command"));
    expect(commands.length).toBeGreaterThan(0);
    for (const { inputs } of commands) expect(inputs["stdin"]).toMatchObject(SECRET);
  });

  it("keeps what a secret says secret, and its names not", async () => {
    const cluster = new ferry.WeaveCluster("net", { hosts: pulumi.secret(hosts) });
    const of = new ferry.Deployment("apples", {
      ...{ cluster, compose: pulumi.secret(FILE), hosts: settings.hosts },
      variables: pulumi.secret({ WORD: "one" }),
    });
    expect(await pulumi.isSecret(cluster.hostNames)).toBe(false);
    expect(await pulumi.isSecret(of.subnet)).toBe(false);
    const { services } = await valueOf(of.parts);
    expect(await pulumi.isSecret(services["web"]![0]!.host)).toBe(false);
    await allRegistered(registered);
    const { "apples-redis-0": redis } = inputsOf(registered, TYPES.replica);
    expect(JSON.stringify(redis?.["spec"])).toContain("requirepass");
  });
});

describe("names that are not there", () => {
  let registered: Registered[];
  afterEach(() => allRegistered(registered));

  it("are told with those that are", () => {
    const program = freshProgram();
    const { ferry } = program;
    ({ registered } = program);
    const cluster = new ferry.WeaveCluster("net", { hosts });
    const apples = new ferry.Deployment("apples", { cluster, ...settings });
    expect(() => apples.services["redsi"]).toThrow(
      "Deployment 'apples': the file has no service 'redsi'. It has: backup, redis, web.",
    );
    expect(() => apples.replica("redsi")).toThrow("the file has no service 'redsi'");
    expect(() => apples.replica("web", 2)).toThrow(
      "Service 'web' has no replica 2: it has 2, counted from 0.",
    );
    for (const name of ["Redis", "length", "constructor", ""])
      expect(() => apples.replica(name)).toThrow(`the file has no service '${name}'`);
    expect(() => apples.volume("date")).toThrow(
      "Deployment 'apples': the file has no named volume 'date'. It has: data.",
    );
    expect(apples.replica("web", 1)).toBe(apples.services["web"]![1]);
    expect("redsi" in apples.services).toBe(false);
    expect(Object.keys(apples.services).sort()).toEqual(["backup", "redis", "web"]);
  });
});

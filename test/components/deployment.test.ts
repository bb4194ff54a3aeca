import type * as Ferry from "../../index";
import { freshProgram } from "./fresh-program";
import { inputsOf, allRegistered, TYPES, valueOf, type Registered } from "./recorder";

const FIG = `
web:
  image: ferry/web
  links:
    - redis
    - redis:db
  ports:
    - "8080:80"
redis:
  image: ferry/redis
  volumes:
    - data:/data
`;

const hosts = Object.fromEntries(
  ["node1", "node2", "node3"].map((name, i) => [
    name,
    { host: `192.0.2.${i + 1}`, privateKey: "KEY", hostKey: "ssh-ed25519 A" },
  ]),
);

describe("Deployment", () => {
  let registered: Registered[];
  let ferry: typeof Ferry;

  beforeEach(() => {
    ({ registered, ferry } = freshProgram());
  });

  // What a program has declared is registered a little later: let it end in the test that declared
  // it.
  afterEach(() => allRegistered(registered));

  const cluster = () => new ferry.WeaveCluster("net", { hosts, password: "a secret password" });

  it("registers one replica per index, keyed by service and not by position", async () => {
    new ferry.Deployment("apples", { cluster: cluster(), compose: FIG, scale: { web: 3 } });
    await allRegistered(registered);
    expect(Object.keys(inputsOf(registered, TYPES.replica)).sort()).toEqual([
      "apples-redis-0",
      "apples-web-0",
      "apples-web-1",
      "apples-web-2",
    ]);
    expect(Object.keys(inputsOf(registered, TYPES.volume))).toEqual(["apples-data"]);
  });

  describe("adopts", () => {
    const compose = `
services:
  db: {image: a, volumes: ["data:/data", "logs:/logs"]}
  web: {image: b, deploy: {replicas: 2}}
volumes: {data: {}, logs: {name: shop-logs}}
`;
    const adopted = (adopt: Ferry.DeploymentArgs["adopt"]) => {
      new ferry.Deployment("apples", {
        ...{ cluster: cluster(), compose, ...(adopt === undefined ? {} : { adopt }) },
      });
      return allRegistered(registered).then(() => ({
        replicas: Object.fromEntries(
          Object.entries(inputsOf(registered, TYPES.replica)).map(([name, inputs]) => [
            name,
            [inputs["adopt"], inputs["suggestedHost"]],
          ]),
        ),
        volumes: Object.values(inputsOf(registered, TYPES.volume)).map((inputs) => inputs["adopt"]),
      }));
    };

    it("the project of the deployment's name, each container by its service", async () => {
      const { replicas, volumes } = await adopted(true);
      const web = { project: "apples", service: "web", replicas: 2 };
      expect(replicas["apples-db-0"]?.[0]).toEqual({
        project: "apples",
        service: "db",
        replicas: 1,
      });
      expect(replicas["apples-web-0"]?.[0]).toEqual(web);
      expect(replicas["apples-web-1"]?.[0]).toEqual(web);
      expect(volumes).toEqual(["apples_data", "shop-logs"]);
    });

    it("another project's, on one host, and containers by their names", async () => {
      const containers = { web: ["one", "two"] };
      const { replicas, volumes } = await adopted({ project: "my", host: "node3", containers });
      expect(replicas["apples-web-1"]).toEqual([{ container: "two", host: "node3" }, "node3"]);
      expect(replicas["apples-db-0"]?.[1]).toBe("node3");
      expect(volumes).toEqual(["my_data", "shop-logs"]);
    });

    it("nothing where nothing is said, and no service that there is not", async () => {
      const { replicas, volumes } = await adopted(undefined);
      expect(replicas["apples-db-0"]?.[0]).toBeUndefined();
      expect(volumes).toEqual([undefined, undefined]);
      expect(() => {
        const adopt = { containers: { redis: "x" } };
        new ferry.Deployment("pears", { cluster: cluster(), compose, adopt });
      }).toThrow("adopt.containers: the file has no service 'redis'. It has: db, web.");
    });
  });

  it("gives every container the further names of all services, and DNS a label for each", async () => {
    const compose = `
services:
  web_app: {image: a, links: ["redis:cache"]}
  redis: {image: b, container_name: cache, hostname: store, networks: {default: {ipv4_address: 10.9.0.7}}}
  old: {image: c, extra_hosts: ["store:192.0.2.9"]}
`;
    new ferry.Deployment("apples", {
      ...{ cluster: cluster(), compose, subnet: "10.9.0.0/24", hosts: { web_app: "node2" } },
    });
    await allRegistered(registered);
    const replicas = inputsOf(registered, TYPES.replica);
    const names = Object.keys(replicas).sort();
    expect(names).toEqual([
      "apples-old-0",
      "apples-redis-0",
      expect.stringMatching(/^apples-web-app-[0-9a-f]{6}-0$/),
    ]);
    const webApp = replicas[names[2]!] as { service: string; host: string };
    expect(`apples-${webApp.service}-0`).toBe(names[2]);
    expect(webApp.host).toBe("node2");
    const hostsOf = (name: string) =>
      (replicas[name] as { spec: { extraHosts: { name: string; ip: string }[] } }).spec.extraHosts;
    expect(hostsOf("apples-redis-0").map(({ name }) => name)).toEqual([
      "cache",
      "store",
      "web_app",
    ]);
    expect(hostsOf("apples-old-0").map(({ name }) => name)).toEqual(["store", "cache", "web_app"]);
    expect(hostsOf(names[2]!).map(({ name }) => name)).toEqual(["cache", "store", "web_app"]);
    expect(JSON.stringify(inputsOf(registered, TYPES.pool))).toContain('"ip":"10.9.0.7"');
  });

  it("asks the one pool for every replica's address, and gives each replica its lease", async () => {
    new ferry.Deployment("apples", {
      cluster: cluster(),
      compose: FIG,
      ips: { redis: "10.40.0.77" },
    });
    await allRegistered(registered);
    const pools = inputsOf(registered, TYPES.pool);
    expect(Object.keys(pools)).toEqual(["net-pool"]);
    expect(pools["net-pool"]?.["requests"]).toEqual([
      { deployment: "apples", replicas: [{ key: "redis-0", ip: "10.40.0.77" }, { key: "web-0" }] },
    ]);
    const replicas = inputsOf(registered, TYPES.replica);
    expect(replicas["apples-redis-0"]?.["ip"]).toBe("10.40.0.77");
    expect(replicas["apples-web-0"]).toMatchObject({ subnet: "10.40.0.0/24" });
  });

  it("tells the pool which names it had before", async () => {
    const formerly = ["shop/prod/apples", "shop/prod", "old/prod/pears"];
    new ferry.Deployment("pears", { cluster: cluster(), compose: FIG, formerly });
    await allRegistered(registered);
    expect(inputsOf(registered, TYPES.pool)["net-pool"]?.["requests"]).toMatchObject([
      { deployment: "pears", formerly: ["apples"] },
    ]);
  });

  it("passes the user's host on, and only suggests one where there is none", async () => {
    new ferry.Deployment("apples", { cluster: cluster(), compose: FIG, hosts: { redis: "node2" } });
    await allRegistered(registered);
    const replicas = inputsOf(registered, TYPES.replica);
    expect(replicas["apples-redis-0"]).toMatchObject({ host: "node2" });
    expect(replicas["apples-web-0"]).not.toHaveProperty("host");
    expect(replicas["apples-web-0"]).toMatchObject({ suggestedHost: "node1" });
  });

  it("turns a link under another name into a host entry with the lease of the service", async () => {
    new ferry.Deployment("apples", { cluster: cluster(), compose: FIG });
    await allRegistered(registered);
    const replicas = inputsOf(registered, TYPES.replica);
    const redisIp = replicas["apples-redis-0"]?.["ip"];
    expect(replicas["apples-web-0"]?.["spec"]).toMatchObject({
      extraHosts: [{ name: "db", ip: redisIp }],
    });
  });

  it("tells the volume which replicas mount it and where", async () => {
    new ferry.Deployment("apples", { cluster: cluster(), compose: FIG, hosts: { redis: "node3" } });
    await allRegistered(registered);
    expect(inputsOf(registered, TYPES.volume)["apples-data"]).toMatchObject({
      name: "apples_data",
      deleteData: false,
      users: { "redis-0": "node3" },
    });
  });

  it("suggests no host that is being drained, and tells each replica which those are", async () => {
    const drained = { ...hosts, node1: { ...hosts["node1"]!, drain: true } };
    const net = new ferry.WeaveCluster("net", { hosts: drained, password: "a secret password" });
    new ferry.Deployment("apples", { cluster: net, compose: FIG });
    await allRegistered(registered);
    const replicas = inputsOf(registered, TYPES.replica);
    expect(replicas["apples-redis-0"]).toMatchObject({
      suggestedHost: "node2",
      draining: ["node1"],
    });
    expect(replicas["apples-redis-0"]?.["connections"]).toEqual(hosts);
    const peer = inputsOf(registered, TYPES.peer)["net-node1"]?.["connection"];
    expect(JSON.stringify(peer)).not.toContain("drain");
  });

  describe("with services that share a volume", () => {
    const SHARED = `
app:
  image: ferry/app
  volumes:
    - data:/data
backup:
  image: ferry/backup
  links:
    - app
  volumes:
    - data:/data:ro
lone:
  image: ferry/lone
`;

    it("places them as one: who comes later follows the first, and each knows of the other", async () => {
      new ferry.Deployment("apples", { cluster: cluster(), compose: SHARED });
      await allRegistered(registered);
      const replicas = inputsOf(registered, TYPES.replica);
      expect(replicas["apples-app-0"]).not.toHaveProperty("host");
      expect(replicas["apples-app-0"]).toMatchObject({
        sharesWith: { data: ["apples/backup"] },
      });
      // The mocks give back what they were given; the first one's own host is its state's.
      expect(replicas["apples-backup-0"]).toMatchObject({
        suggestedHost: replicas["apples-app-0"]?.["suggestedHost"],
        sharesWith: { data: ["apples/app"] },
      });
      expect(inputsOf(registered, TYPES.volume)["apples-data"]).toMatchObject({
        users: { "app-0": "node1", "backup-0": "node1" },
      });
    });

    it("takes the host that is named for any of them", async () => {
      const args = { cluster: cluster(), compose: SHARED, hosts: { backup: "node3" } };
      new ferry.Deployment("apples", args);
      await allRegistered(registered);
      const replicas = inputsOf(registered, TYPES.replica);
      expect(replicas["apples-app-0"]).toMatchObject({ host: "node3" });
      expect(replicas["apples-backup-0"]).toMatchObject({ host: "node3" });
      expect(replicas["apples-lone-0"]).not.toHaveProperty("host");
    });

    it("refuses different hosts for them", () => {
      const args = {
        cluster: cluster(),
        compose: SHARED,
        hosts: { app: "node1", backup: "node2" },
      };
      expect(() => new ferry.Deployment("apples", args)).toThrow(
        "volume 'data' lives on one host, and its replicas are on several: app-0 on node1, backup-0 on node2.",
      );
    });
  });

  it("hands on what the program says of moves, by service, and nothing that it does not say", async () => {
    new ferry.Deployment("apples", {
      cluster: cluster(),
      compose: FIG,
      onSourceLost: { redis: "useLastCopy" },
      quiesce: { redis: "redis-cli save" },
      resume: { redis: { command: ["redis-cli", "ping"], seconds: 5 } },
    });
    await allRegistered(registered);
    const { "apples-redis-0": redis, "apples-web-0": web } = inputsOf(registered, TYPES.replica);
    expect(redis).toMatchObject({
      onSourceLost: "useLastCopy",
      quiesce: "redis-cli save",
      resume: { command: ["redis-cli", "ping"], seconds: 5 },
    });
    for (const unused of ["onSourceLost", "quiesce", "resume", "maxBandwidth", "estimate"]) {
      expect(web).not.toHaveProperty(unused);
    }
  });

  it("asks for an estimate in a preview only, so that it is never in state", async () => {
    const args = { compose: FIG, estimate: true, maxBandwidth: "50MB/s", onSourceLost: "fail" };
    new ferry.Deployment("apples", { cluster: cluster(), ...args });
    await allRegistered(registered);
    const { "apples-web-0": web } = inputsOf(registered, TYPES.replica);
    expect(web).toMatchObject({ maxBandwidth: "50MB/s", onSourceLost: "fail" });
    expect(web).not.toHaveProperty("estimate");
  });

  it("shows subnet, addresses and names as outputs", async () => {
    const apples = new ferry.Deployment("apples", { cluster: cluster(), compose: FIG });
    expect(await valueOf(apples.subnet)).toBe("10.40.0.0/24");
    expect(await valueOf(apples.services["web"]![0]!.ip)).toBe("10.40.0.3");
  });

  it.each([
    [
      { hosts: { redis: "node9" } },
      "hosts.redis: the cluster has no host 'node9'. It has: node1, node2, node3.",
    ],
    [
      { hosts: { mysql: "node1" } },
      "hosts.mysql: the file has no service 'mysql'. It has: redis, web.",
    ],
    [
      { quiesce: { mysql: "flush" } },
      "quiesce.mysql: the file has no service 'mysql'. It has: redis, web.",
    ],
    [
      { onSourceLost: { mysql: "fail" } },
      "onSourceLost.mysql: the file has no service 'mysql'. It has: redis, web.",
    ],
    [{ scale: { web: -1 } }, "scale.web: -1 is no number of replicas."],
  ])("refuses %j in one sentence, before anything is registered", (args, reason) => {
    expect(
      () => new ferry.Deployment("apples", { cluster: cluster(), compose: FIG, ...args }),
    ).toThrow(reason);
  });

  it("says where it looked for a compose file that is not there, or is no file", () => {
    expect(
      () => new ferry.Deployment("apples", { cluster: cluster(), compose: "nowhere/fig.yml" }),
    ).toThrow("Compose file 'nowhere/fig.yml' is not there");
  });

  describe("of replicas that share a volume by hand", () => {
    const sharing = () => {
      const net = cluster();
      const data = new ferry.FlockerVolume("data", { cluster: net, deployment: "apples" });
      return (service: string, more: Partial<Ferry.ServiceReplicaArgs> = {}) =>
        new ferry.ServiceReplica(`${service}-${more.index ?? 0}`, {
          cluster: net,
          deployment: "apples",
          service,
          container: { image: "x", mounts: [{ type: "volume", volume: "data", target: "/data" }] },
          volumes: [data],
          ...more,
        });
    };

    it("refuses a host for the second one alone", () => {
      const mounting = sharing();
      mounting("app");
      mounting("cron");
      expect(() => mounting("backup", { host: "node2" })).toThrow(
        "ServiceReplica 'backup-0': host: 'app-0' mounts volume 'data' as well and has no host of its own.",
      );
    });

    it("refuses hooks that would never run, and takes those of the first and of its own further replicas", () => {
      const mounting = sharing();
      mounting("app", { quiesce: "sync", resume: "true" });
      mounting("app", { index: 1, quiesce: "sync" });
      for (const property of ["quiesce", "resume"]) {
        expect(() => mounting("backup", { [property]: "sync" })).toThrow(
          `ServiceReplica 'backup-0': ${property}: it shares a volume with 'app-0', which comes before it,`,
        );
      }
    });
  });

  it("gives the file's word on a volume's scope to the volume and who mounts it, and none of its own", async () => {
    const compose =
      "services: {a: {image: a, volumes: ['data:/d', 'own:/o']}}\nvolumes: {data: {driver: rbd, x-ferry: {scope: attach}}, own: {}}";
    new ferry.Deployment("apples", { cluster: cluster(), compose });
    await allRegistered(registered);
    const volumes = inputsOf(registered, TYPES.volume);
    expect(volumes["apples-data"]).toMatchObject({ driver: "rbd", scope: "attach" });
    expect(volumes["apples-own"]).not.toHaveProperty("scope");
    const mounted = inputsOf(registered, TYPES.replica)["apples-a-0"]?.["volumes"] as object;
    expect(mounted).toMatchObject({ data: { driver: "rbd", scope: "attach" } });
    expect(mounted).not.toHaveProperty("own.scope");
  });

  it("has services that share no network kept apart, by a resource that is there for nothing else", async () => {
    const compose =
      "services: {a: {image: a, networks: [x]}, b: {image: b, networks: [y]}}\nnetworks: {x: , y: }";
    const apart = cluster();
    new ferry.Deployment("apples", { cluster: apart, compose, scale: { b: 2 } });
    new ferry.Deployment("pears", { cluster: apart, compose: FIG });
    await allRegistered(registered);
    const separations = inputsOf(registered, TYPES.separation);
    expect(Object.keys(separations)).toEqual(["apples-separation"]);
    expect(separations["apples-separation"]).toMatchObject({
      deployment: "apples",
      rules: expect.stringContaining(
        "group 1 open 10.40.0.3 10.40.0.4\nfrom 1 10.40.0.3 10.40.0.4\n",
      ) as string,
    });
    const { "apples-a-0": a, "pears-web-0": web } = inputsOf(registered, TYPES.replica);
    expect(a?.["spec"]).toMatchObject({ dockerBridge: "alone" });
    expect(web?.["spec"]).not.toHaveProperty("dockerBridge");
  });

  it("has no names for one on its host's network, and gives it none", async () => {
    const compose =
      "services: {a: {image: a, links: ['h:agent']}, h: {image: h, network_mode: host, hostname: x}, " +
      "b: {image: b, container_name: other}}\n";
    new ferry.Deployment("apples", { cluster: cluster(), compose });
    await allRegistered(registered);
    const { "apples-a-0": a, "apples-h-0": h } = inputsOf(registered, TYPES.replica);
    expect(a?.["spec"]).toMatchObject({ extraHosts: [{ name: "other" }] });
    expect(h?.["spec"]).toEqual({ image: "h", networkNamespace: "host" });
    expect(h).toMatchObject({ ip: "10.40.0.2" });
  });

  it("has a service in another one's namespaces where that one is, each with that of its number", async () => {
    const compose =
      "services:\n  side: {image: s, network_mode: 'service:web', pid: 'service:web', scale: 2}\n  web: {image: w, scale: 2}\n";
    const args = { compose, hosts: { web: ["node1", "node2"] } };
    new ferry.Deployment("apples", { cluster: cluster(), ...args });
    await allRegistered(registered);
    const replicas = inputsOf(registered, TYPES.replica);
    for (const index of [0, 1]) {
      const side = replicas[`apples-side-${index}`];
      expect(side).toMatchObject({ host: `node${index + 1}` });
      const { networkNamespace, pidNamespace } = side?.["spec"] as Record<string, string>;
      expect(networkNamespace).toMatch(/^container:/);
      expect(pidNamespace).toBe(networkNamespace);
    }
  });

  it("refuses more of them than of those whose namespaces they are in", () => {
    const compose =
      "services:\n  side: {image: s, network_mode: 'service:web'}\n  web: {image: w}\n";
    expect(
      () => new ferry.Deployment("apples", { cluster: cluster(), compose, scale: { side: 2 } }),
    ).toThrow(/scale\.side: 2 replicas are in the namespaces of 'web', which has 1/);
  });

  it("has one that is declared later asked for by a resource of its own, which knows what the others have", async () => {
    const late = cluster();
    new ferry.Deployment("apples", { cluster: late, compose: FIG });
    await allRegistered(registered);
    const pears = new ferry.Deployment("pears", { cluster: late, compose: FIG, scale: { web: 2 } });
    expect(await valueOf(pears.services["web"]![1]!.ip)).toBe("10.47.0.4");
    await allRegistered(registered);
    const { "net-pears-addresses": asked } = inputsOf(registered, TYPES.lateSubnet);
    expect(asked).toMatchObject({
      cluster: "net",
      deployment: "pears",
      known: { apples: { subnet: "10.40.0.0/24" } },
      before: {},
      replicas: [{ key: "redis-0" }, { key: "web-0" }, { key: "web-1" }],
    });
    const replicas = inputsOf(registered, TYPES.replica);
    expect(replicas["pears-web-0"]).toMatchObject({ ip: "10.47.0.3", subnet: "10.47.0.0/24" });
    expect(replicas["pears-web-0"]?.["spec"]).toMatchObject({
      extraHosts: [{ name: "db", ip: "10.47.0.2" }],
    });
    expect(replicas["apples-web-0"]).toMatchObject({ subnet: "10.40.0.0/24" });
  });
});

import type * as Pulumi from "@pulumi/pulumi";
import type * as Ferry from "../../index";
import { freshProgram } from "./fresh-program";
import { allRegistered, inputsOf, TYPES, type Registered } from "./recorder";

const FILE = `
services:
  redis:
    image: redis:7
    volumes: [data:/data]
  web:
    image: web:1
    deploy:
      replicas: 2
      placement:
        constraints: ["node.labels.disk != hdd"]
      resources:
        reservations: { cpus: "0.5", memory: 100m }
volumes:
  data: {}
`;

const replica = (deployment: string, service: string, host: string, more = {}) => ({
  [`urn:${deployment}-${service}`]: {
    type: TYPES.replica,
    outputs: { ...{ deployment, service, index: 0, host }, ...more },
  },
});

describe("a deployment that says how it is to be placed", () => {
  let registered: Registered[];
  let ferry: typeof Ferry;
  let pulumi: typeof Pulumi;

  function start(options: { preview?: boolean; state?: Record<string, unknown> } = {}): void {
    ({ registered, ferry } = freshProgram(options));
    pulumi = require("@pulumi/pulumi") as typeof Pulumi;
  }
  afterEach(() => allRegistered(registered));

  function hosts(more: Record<string, Partial<Ferry.HostArgs>> = {}) {
    return Object.fromEntries(
      ["node1", "node2", "node3"].map((name, i) => [
        name,
        {
          host: `192.0.2.${i + 1}`,
          hostKey: "ssh-ed25519 A",
          cpus: 2,
          memory: "1g",
          ...more[name],
        },
      ]),
    );
  }

  const deploy = (
    args: Partial<Ferry.DeploymentArgs>,
    more: Record<string, Partial<Ferry.HostArgs>> = {},
  ) =>
    new ferry.Deployment("apples", {
      ...{ cluster: new ferry.WeaveCluster("net", { hosts: hosts(more) }), compose: FILE },
      ...args,
    });

  async function found(name: string): Promise<Record<string, unknown>> {
    await allRegistered(registered);
    return inputsOf(registered, TYPES.replica)[name] ?? {};
  }

  const suggested = async (...names: string[]) =>
    Promise.all(names.map(async (name) => (await found(name))["suggestedHost"]));

  it("has Compose's constraints and reservations, and the program's over them", async () => {
    start();
    deploy({ place: { redis: { on: { disk: "hdd" } } } }, { node1: { labels: { disk: "hdd" } } });
    expect(await suggested("apples-redis-0", "apples-web-0", "apples-web-1")).toEqual([
      ...["node1", "node2", "node3"],
    ]);
    // The container's own reservation of memory stands in its spec.
    expect((await found("apples-web-0"))["reserves"]).toEqual({ cpus: 0.5 });
    expect(await found("apples-redis-0")).not.toHaveProperty("reserves");
  });

  it("counts what state knows of others, those as well that are declared late or not at all", async () => {
    const state = {
      ...replica("pears", "db", "node2", { reserves: { cpus: 1.8 } }),
      ...replica("plums", "db", "node3", { spec: { memoryReservationBytes: 2 ** 30 } }),
      // Of another cluster, by where its host's name leads.
      ...replica("kiwis", "db", "node1", {
        reserves: { cpus: 2 },
        connections: { node1: { host: "198.51.100.1" } },
      }),
    };
    start({ state });
    deploy({});
    expect(await suggested("apples-web-0", "apples-web-1")).toEqual(["node1", "node1"]);
  });

  it("goes on from what the deployments before it take", async () => {
    start();
    const cluster = new ferry.WeaveCluster("net", { hosts: hosts() });
    for (const name of ["apples", "pears"])
      new ferry.Deployment(name, {
        ...{ cluster, compose: FILE, scale: { web: 3 } },
        place: { web: { cpus: 1 } },
      });
    const names = ["apples", "pears"].flatMap((name) => [0, 1, 2].map((i) => `${name}-web-${i}`));
    const all = await suggested(...names);
    expect([...all].sort()).toEqual(["node1", "node1", "node2", "node2", "node3", "node3"]);
  });

  it("is placed by hosts that are not known yet, once they are", async () => {
    start({ preview: true });
    deploy(
      {
        place: { redis: { on: { disk: "ssd" } } },
        compose: "services:\n  redis: {image: 'redis:7'}",
      },
      {
        node2: { labels: { disk: "ssd" } },
      },
    );
    expect(await suggested("apples-redis-0")).toEqual(["node2"]);
  });

  it("moves where the program asks for it, and says why", async () => {
    const state = {
      ...replica("apples", "redis", "node1"),
      ...replica("apples", "web", "node1"),
    };
    start({ state });
    deploy(
      { rebalance: true, scale: { web: 1 } },
      { node1: { labels: { disk: "hdd" } }, node2: { labels: { disk: "ssd" } } },
    );
    const web = await found("apples-web-0");
    expect(web["suggestedHost"]).toBe("node2");
    expect(web["rebalance"]).toBe("on node1 its label 'disk' is 'hdd'; node2 is as wanted");
    expect((await found("apples-redis-0"))["suggestedHost"]).toBe("node1");
  });

  it("leaves it to the load where least-busy is to decide, within the plan", async () => {
    start();
    deploy({ place: { web: { strategy: "least-busy" } } });
    const { leastBusy, suggestedHost } = await found("apples-web-0");
    expect(JSON.parse(leastBusy as string)).toMatchObject({
      ...{ cluster: "net", group: "web-0", standIn: suggestedHost },
      ...{ hosts: ["node1", "node2", "node3"], needs: { cpus: 0.5 } },
    });
    expect(await found("apples-redis-0")).not.toHaveProperty("leastBusy");
  });

  it("keeps a secret label out of what it declares and says", async () => {
    start();
    const label = { disk: pulumi.secret("hush") };
    deploy({ place: { web: { on: label, cpus: 1 } } }, { node2: { labels: label } });
    const web = await found("apples-web-0");
    expect(web["suggestedHost"]).toBe("node2");
    expect(JSON.stringify(registered)).not.toContain("hush");
  });

  it("refuses what is no service, no strategy and no size, before anything is registered", () => {
    start();
    expect(() => deploy({ place: { wbe: { cpus: 1 } } })).toThrow(
      "Deployment 'apples': place.wbe: the file has no service 'wbe'. It has: redis, web.",
    );
  });
});

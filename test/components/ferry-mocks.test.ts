import type * as Pulumi from "@pulumi/pulumi";
import type * as Ferry from "../../index";
import type * as Testing from "../../testing";
import { valueOf } from "./recorder";

const FILE = `
services:
  redis:
    image: redis:7
    volumes: [data:/data]
  web:
    image: web:1
    ports: ["8080:80"]
volumes:
  data: {}
`;

/** Unit tests of a user's, as `pulumi-ferry/testing` has them: nothing here but the public API. */
describe("ferryMocks", () => {
  let pulumi: typeof Pulumi;
  let ferry: typeof Ferry;
  let testing: typeof Testing;
  let refused: string[];
  let seen: Pulumi.runtime.MockResourceArgs[];

  /** As a test file of its own is. */
  async function start({ preview = false } = {}): Promise<void> {
    jest.resetModules();
    pulumi = require("@pulumi/pulumi") as typeof Pulumi;
    ferry = require("../../index") as typeof Ferry;
    testing = require("../../testing") as typeof Testing;
    seen = [];
    refused = [];
    const mocks = testing.ferryMocks({
      newResource(args) {
        seen.push(args);
        return { id: "an-id", state: { ...args.inputs, made: true } };
      },
      call: ({ token }) => ({ token }),
      refused: (reason) => refused.push(reason),
    });
    await pulumi.runtime.setMocks(mocks, "shop", "test", preview);
  }
  // As docs/unit-tests.md says: what has been declared is registered a little later.
  afterEach(() => pulumi.runtime.disconnect());

  const plan = (replica: Ferry.ServiceReplica) =>
    valueOf(
      pulumi.all([
        replica.ip,
        replica.host,
        replica.dnsName,
        replica.subnet,
        replica.containerName,
      ]),
    );

  it("answers with what a preview plans: addresses, names, hosts", async () => {
    await start();
    const cluster = testing.fakeCluster();
    const apples = new ferry.Deployment("apples", { cluster, compose: FILE, scale: { web: 2 } });
    const { redis, web } = apples.services;
    expect(await Promise.all([redis![0]!, ...web!].map(plan))).toEqual([
      ["10.40.0.2", "node1", "redis.apples.weave.local", "10.40.0.0/27", "apples-redis-0"],
      ["10.40.0.3", "node2", "web.apples.weave.local", "10.40.0.0/27", "apples-web-0"],
      ["10.40.0.4", "node3", "web.apples.weave.local", "10.40.0.0/27", "apples-web-1"],
    ]);
    expect(await valueOf(cluster.hostNames)).toEqual(["node1", "node2", "node3"]);
    expect(await valueOf(apples.volume("data").volumeName)).toBe("apples_data");
  });

  it("has what an up brings from hosts", async () => {
    await start();
    const cluster = testing.fakeCluster("net", { hosts: ["node1", "node2"] });
    const apples = new ferry.Deployment("apples", { cluster, compose: FILE });
    expect(await valueOf(apples.replica("redis").containerId)).toMatch(/^[0-9a-f]{64}$/);
    expect(await valueOf(apples.replica("redis").lastMove)).toBeUndefined();
    const names = await valueOf(cluster.peerNames);
    expect(Object.keys(names)).toEqual(["node1", "node2"]);
    expect(new Set(Object.values(names)).size).toBe(2);
    for (const name of Object.values(names)) expect(name).toMatch(/^02(:[0-9a-f]{2}){5}$/);
    expect(await valueOf(cluster.health)).toMatchObject({
      status: "healthy",
      peers: { node2: { status: "healthy" } },
    });
  });

  it("leaves unknown in a preview what is so, and plans the rest", async () => {
    await start({ preview: true });
    const cluster = testing.fakeCluster();
    const secret = pulumi.secret("hunter2");
    class Image extends pulumi.CustomResource {
      declare readonly made: Pulumi.Output<string>;
      declare readonly digest: Pulumi.Output<string>;
      constructor() {
        super("docker:index:Image", "image", { digest: undefined });
      }
    }
    const container = { image: new Image().digest };
    const replica = new ferry.ServiceReplica("job", {
      ...{ cluster, deployment: "pears", service: "job", container },
      environment: { PASSWORD: secret },
    });
    expect(await plan(replica)).toEqual([
      ...["10.40.0.2", "node1", "job.pears.weave.local", "10.40.0.0/27", "pears-job-0"],
    ]);
    const { isKnown } = replica.containerId as unknown as { isKnown: Promise<boolean> };
    expect(await isKnown).toBe(false);
  });

  it("plans what is declared late, by itself, and on another program's network", async () => {
    await start();
    const pool = "10.48.0.0/16";
    const cluster = ferry.WeaveCluster.existing("net", {
      ...{ hosts: { one: { host: "192.0.2.1", hostKey: "ssh-ed25519 A" } }, pool },
    });
    const apples = new ferry.Deployment("apples", { cluster, compose: FILE });
    expect(await valueOf(apples.subnet)).toBe("10.48.0.0/27");
    const pears = new ferry.Deployment("pears", {
      cluster,
      compose: pulumi.output(FILE),
    });
    expect(await valueOf(pears.subnet)).toMatch(/^10\.48\.\d+\.\d+\/27$/);
    expect(await valueOf(pears.subnet)).not.toBe("10.48.0.0/27");
    const peer = new ferry.Peer("lone", { connection: { host: "192.0.2.9", hostKey: "x" } });
    expect(await valueOf(peer.nickname)).toBe("lone");
  });

  it("refuses what a preview refuses, in its words", async () => {
    await start();
    const cluster = testing.fakeCluster("net", { hosts: ["node1"] });
    const declared = (service: string) =>
      new ferry.ServiceReplica(service, {
        ...{ cluster, deployment: "pears", service },
        container: {
          image: "web:1",
          ports: [{ containerPort: 80, hostPort: 8080, protocol: "tcp" }],
        },
      });
    const replicas = [declared("one"), declared("two")];
    expect(await Promise.all(replicas.map(({ ip }) => valueOf(ip)))).toEqual([
      ...["10.40.0.2", "10.40.0.3"],
    ]);
    expect(refused).toEqual([
      expect.stringMatching(
        /^spec.ports: port 8080\/tcp of host 'node1' is published by pears\/\w+ as well/,
      ),
    ]);
  });

  it("leaves all that is not Ferry's to the user's mocks", async () => {
    await start();
    class Bucket extends pulumi.CustomResource {
      declare readonly made: Pulumi.Output<boolean>;
      constructor(name: string) {
        super("aws:s3/bucket:Bucket", name, { made: undefined });
      }
    }
    testing.fakeCluster();
    expect(await valueOf(new Bucket("files").made)).toBe(true);
    expect(seen.filter(({ custom }) => custom).map(({ name }) => name)).toEqual(["files"]);
    expect(await pulumi.runtime.invoke("aws:index/getRegion:getRegion", {})).toEqual({
      token: "aws:index/getRegion:getRegion",
    });
  });
});

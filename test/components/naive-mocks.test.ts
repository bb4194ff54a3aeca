import type * as Pulumi from "@pulumi/pulumi";
import type * as Ferry from "../../index";
import { freshProgram } from "./fresh-program";
import { inputsOf, allRegistered, TYPES, type Registered } from "./recorder";

/**
 * Pulumi's own mocks, as its documentation has them: what a resource is given comes back, and
 * nothing else is there. A user's unit test of a program is one of these.
 */

const FILE = `
services:
  redis:
    image: redis:7
    volumes: [data:/data]
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
  ["node1", "node2"].map((name, i) => [
    name,
    { host: `192.0.2.${i + 1}`, hostKey: "ssh-ed25519 A" },
  ]),
);

describe.each([
  ["an up", false],
  ["a preview", true],
])("a program under mocks that give nothing, as %s", (_, preview) => {
  let registered: Registered[];
  let ferry: typeof Ferry;
  let pulumi: typeof Pulumi;

  beforeEach(() => {
    ({ registered, ferry } = freshProgram({ preview, naive: true }));
    pulumi = require("@pulumi/pulumi") as typeof Pulumi;
  });

  // What was declared is registered a little later, and by the mocks of its own test.
  afterEach(() => allRegistered(registered));

  /** What an output has brought: rejections and outputs that never come fail the test. */
  async function brought(output: Pulumi.Output<unknown>): Promise<unknown> {
    type Seen = { promise(withUnknowns?: boolean): Promise<unknown>; isKnown: Promise<boolean> };
    const { promise, isKnown } = output as unknown as Seen;
    const value = await promise();
    return (await isKnown) ? value : "unknown";
  }

  const nothing = preview ? "unknown" : undefined;

  function declare(ofHosts: Ferry.WeaveClusterArgs["hosts"] = hosts) {
    const cluster = new ferry.WeaveCluster("net", { hosts: ofHosts });
    const apples = new ferry.Deployment("apples", { cluster, compose: FILE, scale: { web: 2 } });
    const own = { cluster, deployment: "pears" };
    const volume = new ferry.FlockerVolume("files", own);
    const byHand = { ...own, container: { image: "web:1" }, volumes: [volume] };
    const replica = new ferry.ServiceReplica("first", { ...byHand, service: "one" });
    const other = new ferry.ServiceReplica("other", { ...byHand, service: "two" });
    return { cluster, apples, volume, replica, other };
  }

  it("declares all that it has, and lets its outputs be nothing", async () => {
    const { cluster, apples, volume, replica, other } = declare();
    const web = apples.replica("web", 1);
    for (const output of [
      ...[apples.subnet, web.ip, web.host, web.dnsName, web.containerId, web.lastMove],
      ...[replica.ip, replica.subnet, replica.containerName, other.host],
      ...[cluster.deployments, cluster.health, cluster.peerNames],
    ]) {
      expect(await brought(output)).toBe(nothing);
    }
    expect(await brought(volume.volumeName)).toBe("pears_files");
    expect(await brought(cluster.hostNames)).toEqual(["node1", "node2"]);
    await allRegistered(registered);
    expect(Object.keys(inputsOf(registered, TYPES.replica)).sort()).toEqual([
      ...["apples-backup-0", "apples-redis-0", "apples-web-0", "apples-web-1", "first", "other"],
    ]);
  });

  it("does so with hosts and a file that outputs bring", async () => {
    const { cluster } = declare(pulumi.output(hosts));
    const late = { cluster, compose: pulumi.output(FILE) };
    const plums = new ferry.Deployment("plums", late);
    expect(await brought(plums.subnet)).toBe(nothing);
    const ip = plums.parts.apply(({ services }) => services["web"]?.[0]?.ip);
    expect(await brought(ip)).toBe(nothing);
    await allRegistered(registered);
    expect(inputsOf(registered, TYPES.replica)).toHaveProperty("plums-redis-0");
  });

  it("does so late, on a network that another program keeps, and with a peer alone", async () => {
    const cluster = ferry.WeaveCluster.existing("net", { hosts, pool: "10.48.0.0/16" });
    await new Promise((resolve) => setTimeout(resolve, 20));
    const apples = new ferry.Deployment("apples", { cluster, compose: FILE });
    const peer = new ferry.Peer("lone", { connection: { host: "192.0.2.9" } });
    expect(await brought(apples.replica("web").ip)).toBe(nothing);
    expect(await brought(cluster.ipallocRange)).toBe(nothing);
    expect(await brought(peer.peerName)).toBe(nothing);
    expect(await brought(peer.address)).toBe("192.0.2.9");
    await allRegistered(registered);
    expect(inputsOf(registered, TYPES.replica)).toHaveProperty("apples-redis-0");
  });

  it("goes on after a mistake that was told", async () => {
    jest.spyOn(console, "error").mockImplementation();
    await pulumi.log.error("a part of the program that the test is not about");
    const { apples } = declare();
    expect(await brought(apples.subnet)).toBe(nothing);
  });

  it("goes on where a test has stopped the clock", async () => {
    jest.useFakeTimers();
    try {
      const { apples } = declare();
      expect(await brought(apples.subnet)).toBe(nothing);
    } finally {
      jest.useRealTimers();
    }
  });
});

import type * as Pulumi from "@pulumi/pulumi";
import type * as Ferry from "../../index";
import { freshProgram } from "./fresh-program";
import { inputsOf, allRegistered, TYPES, type Registered } from "./recorder";

const FILE = `
services:
  redis:
    image: redis:7
    volumes: [data:/data]
  web:
    image: web:1
volumes:
  data: {}
`;

const hostsBut = (draining?: string) =>
  Object.fromEntries(
    ["node1", "node2", "node3"].map((name, i) => [
      name,
      { host: `192.0.2.${i + 1}`, hostKey: "ssh-ed25519 A", drain: name === draining },
    ]),
  );

describe("a replica by hand without a host", () => {
  let registered: Registered[];
  let ferry: typeof Ferry;
  let pulumi: typeof Pulumi;
  let cluster: Ferry.WeaveCluster;

  function start({ preview = false, draining = "" } = {}): void {
    ({ registered, ferry } = freshProgram({ preview }));
    pulumi = require("@pulumi/pulumi") as typeof Pulumi;
    cluster = new ferry.WeaveCluster("net", { hosts: hostsBut(draining) });
  }
  afterEach(() => allRegistered(registered));

  const byHand = (name: string, more: Partial<Ferry.ServiceReplicaArgs> = {}) =>
    new ferry.ServiceReplica(name, {
      ...{ cluster, deployment: "pears", service: name, container: { image: "web:1" } },
      ...more,
    });

  /** Hosts as they are suggested to the resources, by name. */
  async function suggested(...names: string[]): Promise<unknown[]> {
    await allRegistered(registered);
    const replicas = inputsOf(registered, TYPES.replica);
    return names.map((name) => replicas[name]?.["suggestedHost"]);
  }

  it("goes where least is of what was declared before it: deployments, others by hand", async () => {
    start();
    byHand("first");
    new ferry.Deployment("apples", { cluster, compose: FILE, hosts: { redis: "node3" } });
    byHand("second");
    byHand("fixed", { host: "node2" });
    byHand("third");
    byHand("hinted", { suggestedHost: "node3" });
    byHand("fourth");
    // apples-web is on node1, as a deployment's are spread among themselves.
    expect(await suggested("first", "second", "third", "fourth")).toEqual([
      ...["node1", "node2", "node3", "node1"],
    ]);
  });

  it("goes where the volume is that it shares, and counts there", async () => {
    start();
    const hosts = { redis: "node2" };
    const apples = new ferry.Deployment("apples", { cluster, compose: FILE, hosts });
    byHand("backup", { deployment: "apples", volumes: [apples.volume("data")] });
    const files = new ferry.FlockerVolume("files", { cluster, deployment: "pears" });
    byHand("one", { volumes: [files] });
    byHand("two", { volumes: [files] });
    byHand("alone");
    expect(await suggested("backup", "one", "two", "alone")).toEqual([
      ...["node2", "node3", "node3", "node1"],
    ]);
  });

  it("counts what is declared late after what is declared in time", async () => {
    start();
    byHand("first");
    await new Promise((resolve) => setTimeout(resolve, 20));
    new ferry.Deployment("plums", {
      cluster,
      compose: FILE,
      hosts: { redis: "node2", web: "node2" },
    });
    byHand("second", { deployment: "plums" });
    expect(await suggested("first", "second")).toEqual(["node1", "node3"]);
  });

  it("leaves hosts out that are being drained", async () => {
    start({ draining: "node1" });
    for (const name of ["first", "second", "third"]) byHand(name);
    expect(await suggested("first", "second", "third")).toEqual(["node2", "node3", "node2"]);
  });

  it("is known where it goes in a preview in which another's host is not", async () => {
    start({ preview: true });
    class Unmade extends pulumi.CustomResource {
      declare readonly said: Pulumi.Output<string>;
      constructor() {
        super("test:index:Unmade", "unmade", { said: undefined });
      }
    }
    byHand("first", { host: new Unmade().said });
    byHand("second");
    expect(await suggested("second")).toEqual(["node2"]);
  });

  it("has the program's hosts where an output brings those", async () => {
    start();
    cluster = new ferry.WeaveCluster("late", { hosts: pulumi.output(hostsBut()) });
    for (const name of ["first", "second"]) byHand(name);
    expect(await suggested("first", "second")).toEqual(["node1", "node2"]);
  });
});

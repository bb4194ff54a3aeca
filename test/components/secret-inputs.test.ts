import type * as Ferry from "../../index";
import type * as Pulumi from "@pulumi/pulumi";
import { freshProgram } from "./fresh-program";
import { inputsOf, allRegistered, TYPES, type Registered } from "./recorder";

const FIG = `
services:
  web:
    image: "shop/web:\${TAG}"
    command: ["serve", "\${KEY}"]
    environment: { PASSWORD: "\${KEY}" }
    volumes: ["data:/data"]
  db: { image: redis, environment: { PLAIN: x } }
volumes:
  data: { driver_opts: { o: "\${KEY}" } }
`;

const hosts = { node1: { host: "192.0.2.1", privateKey: "KEY", hostKey: "ssh-ed25519 A" } };

describe("what a program says of secrets", () => {
  let registered: Registered[];
  let ferry: typeof Ferry;
  let pulumi: typeof Pulumi;

  beforeEach(() => {
    ({ registered, ferry } = freshProgram());
    pulumi = require("@pulumi/pulumi") as typeof Pulumi;
  });

  // What a program has declared is registered a little later: let it end in the test that declared
  // it.
  afterEach(() => allRegistered(registered));

  const secretsOf = (type: string, name: string) =>
    (inputsOf(registered, type)[name]?.["secretInputs"] as string[][]).map((path) =>
      path.join("."),
    );

  const deploy = async (args: Partial<Ferry.DeploymentArgs>) => {
    const cluster = new ferry.WeaveCluster("net", { hosts, password: "a secret password" });
    new ferry.Deployment("apples", {
      cluster,
      compose: FIG,
      variables: { KEY: pulumi.secret("the key"), TAG: pulumi.output("1.2") },
      ...args,
    });
    await allRegistered(registered);
  };

  it("is told to the provider, part by part", async () => {
    await deploy({ quiesce: { db: { command: ["flush", pulumi.secret("x")] as never } } });
    // What is secret whatever the program says, the provider knows by itself.
    expect(secretsOf(TYPES.host, "net-node1")).toEqual([]);
    expect(secretsOf(TYPES.peer, "net-node1")).toEqual([]);
    expect(secretsOf(TYPES.replica, "apples-web-0").sort()).toEqual([
      "environment",
      "spec.command",
      "volumes.data.driverOptions",
    ]);
    expect(secretsOf(TYPES.replica, "apples-db-0")).toEqual(["quiesce.command"]);
    expect(secretsOf(TYPES.volume, "apples-data")).toEqual(["driverOptions"]);
    expect(secretsOf(TYPES.pool, "net-pool")).toEqual([]);
  });

  it("values of variables arrive where they stand", async () => {
    await deploy({});
    expect(inputsOf(registered, TYPES.replica)["apples-web-0"]).toMatchObject({
      // The mocks make a secret of the whole property where a part of it is one.
      spec: { value: { image: "shop/web:1.2", command: ["serve", "the key"] } },
      environment: { value: { PASSWORD: "the key" } },
      volumes: { value: { data: { driverOptions: { o: "the key" } } } },
    });
  });

  it.each<[string, boolean | string[], boolean]>([
    ["not hidden by itself", false, false],
    ["hidden everywhere", true, true],
    ["hidden in a service by its name", ["db"], true],
    ["not hidden by another one's name", ["web"], false],
  ])("the file's own environment is %s", async (_what, secretEnvironment, hidden) => {
    await deploy({ secretEnvironment });
    expect(secretsOf(TYPES.replica, "apples-db-0").includes("environment")).toBe(hidden);
  });

  it("a service that is not there is a mistake", async () => {
    await expect(deploy({ secretEnvironment: ["dbb"] })).rejects.toThrow(
      "secretEnvironment.dbb: the file has no service 'dbb'. It has: db, web.",
    );
  });
});

import { freshProgram } from "./fresh-program";
import type * as Other from "./other-cluster";
import { inputsOf, allRegistered, TYPES, valueOf } from "./recorder";

const FIG = "redis:\n  image: ferry/redis\n  volumes:\n    - data:/data\n";
const host = { host: "192.0.2.1", privateKey: "KEY", hostKey: "ssh-ed25519 A" };

test("a deployment runs on any cluster that says what `Cluster` does", async () => {
  const { registered, ferry } = freshProgram();
  const { OtherCluster } = require("./other-cluster") as typeof Other;
  const cluster = new OtherCluster("net", { node1: host, node2: host });
  const { health } = cluster;
  new ferry.Deployment("apples", { cluster, compose: FIG, hosts: { redis: "node2" } });
  await allRegistered(registered);
  expect(inputsOf(registered, TYPES.replica)["apples-redis-0"]).toMatchObject({
    host: "node2",
    ip: "10.40.0.2",
    dnsDomain: "hawser.test",
  });
  expect(inputsOf(registered, TYPES.volume)).toHaveProperty("apples-data");
  expect(await valueOf(health)).toMatchObject({ status: "healthy" });
  const types = registered.map(({ type }) => type);
  expect(types.filter((type) => type === TYPES.peer || type === TYPES.mesh)).toEqual([]);
});

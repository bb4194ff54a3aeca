import * as pulumi from "@pulumi/pulumi";
import * as ferry from "pulumi-ferry";

type Hosts = Record<string, Omit<ferry.ConnectionArgs, "privateKey">>;

const config = new pulumi.Config();
const hosts = config.requireObject<Hosts>("hosts");
const privateKey = config.requireSecret("privateKey");
const password = config.requireSecret("password");
const repository = config.require("repository");

const cluster = new ferry.WeaveCluster("net", {
  hosts: Object.fromEntries(
    Object.entries(hosts).map(([name, host]) => [name, { ...host, privateKey }]),
  ),
});

const data = new ferry.FlockerVolume("data", {
  cluster,
  deployment: "apples",
  deleteData: true,
  backup: { repository, password, every: "1h", keep: 2, environment: { LAB: "yes" } },
  snapshots: { every: "1h", keep: 2 },
  snapshotBeforeChange: true,
});
const box = (service: string, volume: ferry.FlockerVolume, key: string) =>
  new ferry.ServiceReplica(service, {
    cluster,
    deployment: "apples",
    service,
    host: config.require("host"),
    container: {
      image: "ferry-demo/box:1",
      command: ["sleep", "1000000"],
      stopTimeoutSeconds: 1,
      mounts: [{ type: "volume", volume: key, target: "/data" }],
    },
    volumes: [volume],
  });
box("box", data, "data");
export const lastBackup = data.lastBackup;
export const snapshotNames = data.snapshotNames;
export const health = data.upkeepHealth;

if (config.getBoolean("restore") === true) {
  const older = new ferry.FlockerVolume("older", {
    cluster,
    deployment: "apples",
    deleteData: true,
    restoreFrom: { volume: data.volumeName },
  });
  box("third", older, "older");
  const again = new ferry.FlockerVolume("again", {
    cluster,
    deployment: "apples",
    deleteData: true,
    restore: { repository, password, volume: data.volumeId },
  });
  box("second", again, "again");
}

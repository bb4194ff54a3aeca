import { freshProgram } from "./fresh-program";
import { allRegistered, inputsOf, TYPES } from "./recorder";

const hosts = { node1: { host: "192.0.2.1", privateKey: "KEY", hostKey: "ssh-ed25519 A" } };

/** A volume and the replica that mounts it, as the program registers them. */
async function registeredWith(upkeep: object) {
  const { registered, ferry } = freshProgram();
  const cluster = new ferry.WeaveCluster("net", { hosts, password: "a secret password" });
  const data = new ferry.FlockerVolume("data", { cluster, deployment: "apples", ...upkeep });
  new ferry.ServiceReplica("box", {
    ...{ cluster, deployment: "apples", service: "box", host: "node1", volumes: [data] },
    container: { image: "box", mounts: [{ type: "volume", volume: "data", target: "/data" }] },
  });
  await allRegistered(registered);
  const [volume] = Object.values(inputsOf(registered, TYPES.volume));
  const [replica] = Object.values(inputsOf(registered, TYPES.replica));
  const own = ["upkept", "restores", "snapshotsBefore"];
  const said = Object.keys({ ...volume, ...replica }).filter((each) => own.includes(each));
  return { said, upkeep: Object.values(inputsOf(registered, TYPES.upkeep)) };
}

test("a program that asks for no upkeep registers what it did before there was any", async () => {
  expect(await registeredWith({})).toEqual({ said: [], upkeep: [] });
});

test("one that asks for all of it registers that, where the replica is", async () => {
  const snapshots = { every: "1h", keep: 2 };
  const restore = { repository: "/srv/backups", password: "pw" };
  const { said, upkeep } = await registeredWith({
    ...{ snapshots, restore, snapshotBeforeChange: true },
  });
  expect(said.sort()).toEqual(["restores", "snapshotsBefore", "upkept"]);
  expect(upkeep).toEqual([expect.objectContaining({ snapshots, host: "node1", key: "data" })]);
});

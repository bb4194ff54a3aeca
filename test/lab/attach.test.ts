import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { sharedFolder } from "../../lab";
import { Attaching, DRIVER } from "./attaching";
import { JoinedHosts } from "./joined-hosts";
import { MovingRedis, REPLICA } from "./moving-redis";

/**
 * Volumes whose data is on no host, under a writer that counts what was acknowledged: one that a
 * plugin attaches to one host at a time, and would pull from the other without asking, and one in a
 * folder that every host reaches.
 */

const lab = new JoinedHosts("attach", ["node1", "node2", "node3"]);
const plugin = new Attaching(lab);

jest.setTimeout(300_000);

beforeAll(async () => {
  await lab.up();
  await plugin.install();
});

afterAll(() => lab.down());

const policy = (host: string) =>
  lab.run(host, "docker inspect -f '{{.HostConfig.RestartPolicy.Name}}' mv-redis-0");

async function moves(redis: MovingRedis, what: string, host: string): Promise<void> {
  const { result, lost, longestGapMs, acknowledged, before } = await redis.whileWriting(() =>
    redis.moveTo(host),
  );
  console.error(
    `${what} to ${host}: down ${result.downtimeMs} ms, longest gap ${longestGapMs} ms, ${acknowledged} acknowledged, ${lost} lost`,
  );
  expect({ lost, bytes: result.bytes, rounds: result.rounds }).toEqual({
    lost: 0,
    bytes: 0,
    rounds: 0,
  });
  expect(acknowledged).toBeGreaterThan(before);
  expect(await redis.running()).toEqual([host]);
}

describe("a volume that one host has at a time", () => {
  const redis = new MovingRedis(lab, { driver: DRIVER, scope: "attach" });

  test("moves there and back with every acknowledged write, and is never pulled away", async () => {
    await redis.volume.create(redis.volumeInputs());
    redis.state = (await redis.replica.create(redis.inputs("node1"))).outs;
    expect(plugin.holder("mv_data")).toBe("node1");
    await redis.cli("node1", "set mark 1");
    await moves(redis, "attach", "node2");
    expect(plugin.holder("mv_data")).toBe("node2");
    await moves(redis, "attach", "node1");
    expect(await redis.cli("node1", "get mark")).toBe("1");
    expect(await policy("node1")).toBe("always\n");
    expect(plugin.taken).toEqual([]);
    expect((await plugin.mountsOn("node2")).trim()).toBe("0");
  });

  test("a daemon that starts again on the host that it has left takes nothing", async () => {
    await lab.run("node2", "systemctl restart docker.service");
    expect(plugin.taken).toEqual([]);
    expect(await redis.cli("node1", "get mark")).toBe("1");
  });

  test("is refused to another stack, and where somebody runs with it, before anything is taken", async () => {
    const other = { stack: "other", deployment: "mw", ip: "10.40.77.3", index: 1 };
    const volumes = { data: { ...redis.inputs("node2").volumes["data"]!, external: true } };
    const program = redis.inputs("node2", { ...other, volumes });
    await expect(redis.replica.create(program)).rejects.toThrow(
      /volume 'mv_data' of driver 'ferry-attach' is deployment 'lab\/test\/mv''s, for host 'node1'/,
    );
    await lab.run("node2", "rm -r /var/lib/ferry/volumes");
    await expect(redis.replica.create(program)).rejects.toThrow(/is deployment 'lab\/test\/mv''s/);
    expect(plugin.taken).toEqual([]);
    expect(await redis.cli("node1", "get mark")).toBe("1");
  });

  test("is taken back by the same steps where it does not start on the target", async () => {
    const spec = { ...redis.inputs("node2").spec, command: ["--no-such-option", "1"] };
    await expect(redis.update("node2", { spec })).rejects.toThrow(
      /It runs on host 'node1', with all its data, and nothing of the copy is left on host 'node2'/,
    );
    expect(await redis.cli("node1", "get mark")).toBe("1");
    expect(plugin.holder("mv_data")).toBe("node1");
    expect((await plugin.mountsOn("node2")).trim()).toBe("0");
    expect(await policy("node1")).toBe("always\n");
    expect(plugin.taken).toEqual([]);
  });

  test("goes with its resource alone", async () => {
    await redis.replica.delete(REPLICA, redis.state);
    expect(plugin.holder("mv_data")).toBe("");
    await redis.volume.delete("lab/test/mv/data", redis.volumeInputs());
    expect(await lab.run("node1", "docker volume ls -q --filter name=mv_data")).toBe("");
    for (const host of lab.names) {
      expect(await lab.run(host, "ls -d /var/lib/ferry/volumes 2>&1; exit 0")).toMatch(/No such/);
    }
  });
});

describe("a folder that every host reaches", () => {
  const driverOptions = { type: "none", o: "bind", device: "/opt/ferry-lab-shared/folder" };
  const redis = new MovingRedis(lab, { scope: "shared", driverOptions });

  test("moves with every acknowledged write, and the source keeps nothing of it", async () => {
    mkdirSync(join(sharedFolder(lab.lab), "folder"));
    redis.state = (await redis.replica.create(redis.inputs("node1"))).outs;
    await redis.cli("node1", "set mark 2");
    await moves(redis, "shared", "node2");
    expect(await redis.cli("node2", "get mark")).toBe("2");
    expect(await lab.run("node1", "docker volume ls -q --filter name=mv_data")).toBe("");
    await moves(redis, "shared", "node1");
  });

  test("options that are not those of the volume there are refused, with the way out", async () => {
    const { data } = redis.inputs("node1").volumes;
    const other = { ...data!, driverOptions: { ...driverOptions, device: "/srv" } };
    await expect(redis.update("node2", { volumes: { data: other } })).rejects.toThrow(
      /other options than the program says.*Put them back, or declare a volume with another key/,
    );
    expect(await redis.running()).toEqual(["node1"]);
  });

  test("its data outlives the resource", async () => {
    await redis.replica.delete(REPLICA, redis.state);
    await redis.volume.delete("lab/test/mv/data", redis.volumeInputs());
    expect(await lab.run("node1", "docker volume ls -q --filter name=mv_data")).toBe("");
    expect(await lab.run("node1", "ls /opt/ferry-lab-shared/folder/appendonlydir")).not.toBe("");
  });
});

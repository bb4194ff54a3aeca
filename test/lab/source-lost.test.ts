import { crash, start } from "../../lab";
import { waitFor } from "../../lab/exec";
import { JoinedHosts } from "./joined-hosts";
import { MovingRedis, REPLICA } from "./moving-redis";

/**
 * The host of a replica loses its power, and does not come back for a while. The program's word
 * decides what happens; the copy that comes back with the host is stopped by the next `up`, and its
 * data kept.
 */

const hosts = new JoinedHosts("lost", ["node1", "node2"]);
const redis = new MovingRedis(hosts);

jest.setTimeout(180_000);

beforeAll(async () => {
  await hosts.up();
  hosts.connections = Object.fromEntries(
    Object.entries(hosts.connections).map(([name, connection]) => [
      name,
      { ...connection, perDialTimeout: 3, dialErrorLimit: 0 },
    ]),
  );
  await redis.volume.create(redis.volumeInputs());
  redis.state = (await redis.replica.create(redis.inputs("node1"))).outs;
  await redis.cli("node1", "set mark before");
  // There and back again: node2 keeps the copy.
  await redis.moveTo("node2");
  await redis.moveTo("node1");
  await redis.cli("node1", "set mark after");
  await crash("node1", hosts.lab);
});

afterAll(async () => {
  await hosts.down();
});

test("by default nothing is done, and the message says what there is", async () => {
  await expect(redis.update("node2")).rejects.toThrow(
    /mv\/redis .*host 'node1', where it was last or may be, does not answer.*"useLastCopy" with host 'node2' starts it from the copy there, which is of \S+Z, .* ago/,
  );
  expect(await hosts.run("node2", "docker ps -aq --filter name=mv-redis")).toBe("");
});

test("the last copy is started where it lies, and what is missing in it is told", async () => {
  redis.state = await redis.update("node2", { onSourceLost: "useLastCopy" });
  expect(redis.state.host).toBe("node2");
  expect(await redis.cli("node2", "get mark")).toBe("before");
  expect(hosts.warned.join("\n")).toMatch(
    /it starts on 'node2' from the last copy there, which is of \S+Z, .* ago: what was written since is not in it/,
  );
  expect(await redis.cli("node2", "set mark new")).toBe("OK");
});

test("the host that comes back is fenced by the next `up`, and its data kept aside", async () => {
  await start("node1", hosts.lab);
  // Its daemon brings the old copy up by itself, as it had been told.
  await waitFor(async () => ((await redis.running()).includes("node1") ? true : undefined), 60_000);
  redis.state = await redis.update("node2", { onSourceLost: "useLastCopy" });
  expect(await redis.running()).toEqual(["node2"]);
  expect(await redis.cli("node2", "get mark")).toBe("new");
  const left = await hosts.run(
    "node1",
    "docker ps -aq --filter name=mv-redis; docker volume ls -q",
  );
  expect(left).toMatch(/^mv_data-aside-\d+$/m);
  expect(left).not.toMatch(/^mv_data$/m);
  const kept = await hosts.run(
    "node1",
    "grep -rc after /var/lib/docker/volumes/mv_data-aside-*/_data | awk -F: '{ n += $2 } END { print n }'",
  );
  expect(Number(kept)).toBeGreaterThan(0);
});

test("and from then on all is as always: it moves home, and is gone without a trace but for what was kept", async () => {
  await redis.moveTo("node1");
  expect(await redis.running()).toEqual(["node1"]);
  expect(await redis.cli("node1", "get mark")).toBe("new");
  await redis.replica.delete(REPLICA, redis.state);
  expect(await hosts.run("node1", "ls /var/lib/ferry 2>/dev/null; docker volume ls -q")).toMatch(
    /^mv_data-aside-\d+$/m,
  );
});

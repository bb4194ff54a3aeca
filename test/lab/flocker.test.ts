import { FlockerLab } from "./flocker-lab";
import { JoinedHosts } from "./joined-hosts";
import { MovingRedis, REPLICA } from "./moving-redis";
import { pause, until } from "./weave/mesh-lab";

/**
 * Of the conformance list in test/adapters/flocker-driver.test.ts, what needs hosts. Volumes that
 * Flocker's control service attaches: through Docker's daemon and a plugin of that name
 * on real hosts, under a writer that counts what was acknowledged.
 */

const lab = new JoinedHosts("flocker", ["node1", "node2", "node3"]);
const flocker = new FlockerLab(lab);
let redis: MovingRedis;

jest.setTimeout(300_000);

beforeAll(async () => {
  await lab.up();
  await flocker.up();
  const { control, ...secret } = flocker.server.settings();
  settings = JSON.stringify({ control, ...secret });
  redis = new MovingRedis(lab, {
    ...{ driver: "flocker", scope: "attach", control, driverOptions: { size: "1GB" } },
  });
});
let settings: string;

afterAll(async () => {
  await flocker.down();
  await lab.down();
});

const said = () => ({ flocker: { data: settings } });
const changes = () => flocker.server.asked.filter((each) => !each.startsWith("GET "));

async function moves(what: string, host: string): Promise<void> {
  const { result, lost, longestGapMs, acknowledged, before } = await redis.whileWriting(() =>
    redis.moveTo(host, said()),
  );
  console.error(
    `flocker, ${what}, to ${host}: down ${result.downtimeMs} ms, longest gap ${longestGapMs} ms, ${acknowledged} acknowledged, ${lost} lost`,
  );
  expect({ lost, bytes: result.bytes }).toEqual({ lost: 0, bytes: 0 });
  expect(acknowledged).toBeGreaterThan(before);
  expect(await redis.running()).toEqual([host]);
  expect([flocker.on("mv_data"), flocker.leasedTo("mv_data")]).toEqual([host, host]);
  expect(flocker.plugin.holder("mv_data")).toBe(host);
  // Nobody had to ask for it as a container started, and nothing was pulled away.
  expect([...flocker.plugin.asked, ...flocker.plugin.taken]).toEqual([]);
}

test("a volume is made by the control service, with its size, before Docker's plugin mounts it", async () => {
  await redis.volume.create(redis.volumeInputs({ flocker: settings }));
  redis.state = (await redis.replica.create(redis.inputs("node1", said()))).outs;
  await redis.cli("node1", "set mark 1");
  expect(flocker.server.named("mv_data")).toMatchObject([{ maximum_size: 1024 ** 3 }]);
  expect(flocker.leasedTo("mv_data")).toBe("node1");
  expect(await lab.run("node1", "docker volume ls -f driver=flocker -q")).toBe("mv_data\n");
  expect(flocker.plugin.asked).toEqual([]);
});

test("it moves there and back with every acknowledged write, and is never asked for twice", async () => {
  await moves("as it goes", "node2");
  expect(await redis.cli("node2", "get mark")).toBe("1");
  await moves("as it goes", "node1");
});

test("a second run changes nothing at the control service", async () => {
  flocker.server.asked.length = 0;
  const before = await redis.inspect("node1", "{{.Id}} {{.State.StartedAt}}");
  redis.state = await redis.update("node1", said());
  expect(changes()).toEqual([]);
  expect(await redis.inspect("node1", "{{.Id}} {{.State.StartedAt}}")).toBe(before);
});

test("agents that take seconds are waited for", async () => {
  flocker.server.agents.stepMs = 1_500;
  await moves("slow agents", "node2");
  flocker.server.agents.stepMs = 15;
});

test("the control service is killed as the source has let go, and comes back", async () => {
  const { server } = flocker;
  server.asked.length = 0;
  server.agents.stepMs = 500;
  const killed = until("the move is asked for", 120, changes, (all) =>
    all.some((each) => each.startsWith("POST /configuration/datasets/")),
  )
    .then(() => server.kill())
    // As long as it is away, not until something has happened.
    .then(() => pause(2_000))
    .then(() => server.listen());
  await moves("control service killed", "node1");
  await killed;
  server.agents.stepMs = 15;
});

test("a target whose agent is gone is refused while the source runs", async () => {
  const [, node2] = flocker.server.agents.nodes;
  flocker.server.agents.connected.delete(node2!.uuid);
  await expect(redis.update("node2", said())).rejects.toThrow(
    /Flocker's agent there is not connected to its control service/,
  );
  flocker.server.agents.connected.add(node2!.uuid);
  expect(await redis.running()).toEqual(["node1"]);
});

test("what does not start on the target is taken back with its volume", async () => {
  const spec = { ...redis.inputs("node2").spec, command: ["--no-such-option", "1"] };
  await expect(redis.update("node2", { spec, ...said() })).rejects.toThrow(
    /It runs on host 'node1', with all its data, and nothing of the copy is left on host 'node2'/,
  );
  expect(await redis.cli("node1", "get mark")).toBe("1");
  expect([flocker.on("mv_data"), flocker.leasedTo("mv_data")]).toEqual(["node1", "node1"]);
  expect(flocker.plugin.asked).toEqual([]);
});

test("daemons that start again on both hosts leave it where it is", async () => {
  await lab.run("node2", "systemctl restart docker.service");
  await lab.run("node1", "systemctl restart docker.service");
  await until(
    "it runs again",
    180,
    () => redis.cli("node1", "get mark").catch(() => ""),
    (mark) => mark === "1",
  );
  expect([flocker.on("mv_data"), flocker.plugin.asked]).toEqual(["node1", []]);
});

test("the seed's story: what docker run writes on one host is read on another", async () => {
  const run = (host: string, command: string) =>
    lab.run(
      host,
      `docker run --rm --volume-driver flocker -v simple:/data ferry-demo/box:1 sh -c '${command}'`,
    );
  await run("node1", "echo hello > /data/file.txt");
  expect(await run("node2", "cat /data/file.txt")).toBe("hello\n");
});

test("its data goes with its resource, and the lease with the replica", async () => {
  await redis.replica.delete(REPLICA, redis.state);
  expect([flocker.on("mv_data"), flocker.leasedTo("mv_data")]).toEqual(["node1", undefined]);
  await redis.volume.delete("lab/test/mv/data", redis.volumeInputs({ flocker: settings }));
  expect(flocker.server.named("mv_data")).toEqual([]);
});

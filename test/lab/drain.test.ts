import { OwnDeployment } from "./own-deployment";

/**
 * A host is drained, and another one leaves the program: what ran there is placed elsewhere and
 * moves with its data, in one `up` of a real program. Nobody names a host for a replica.
 */

const FIG =
  "redis:\n  image: ferry-demo/redis:1\n  command: --appendonly yes --appendfsync always\n  volumes:\n    - data:/data\n";
const CONTAINER = "apples-redis-0";

jest.setTimeout(180_000);

const own = new OwnDeployment("drain", 3);

/** The program with these hosts; `true` marks one that is to be drained. */
function say(hosts: Record<string, boolean>, deployment: object = {}): Promise<void> {
  const named = Object.entries(hosts).map(([name, drain]) => [name, drain ? { drain } : {}]);
  const all = { compose: FIG, deleteData: true, ...deployment };
  return own.say(all, Object.fromEntries(named) as Record<string, object>);
}

const replica = async () => (await own.replicas())["redis-0"]!;
const mark = (host: string, command: string) =>
  own.on(host, `docker exec ${CONTAINER} redis-cli ${command}`);

test("a drained host is left in the next `up`, with the data", async () => {
  await say({ node1: false, node2: false, node3: false });
  await own.up();
  const before = await replica();
  expect(before.host).toBe("node1");
  expect(await mark("node1", "set mark drained")).toBe("OK");

  await say({ node1: true, node2: false, node3: false });
  const preview = await own.preview();
  expect(preview).toContain(
    `apples/redis moves node1 -> node2: keeps ${before.ip} and redis.apples`,
  );
  expect(preview).toContain("why: host 'node1' is to be drained");
  await own.up();
  expect(await replica()).toMatchObject({
    host: "node2",
    ip: before.ip,
    lastMove: { from: "node1", to: "node2" },
  });
  expect(await mark("node2", "get mark")).toBe("drained");
  expect(await own.on("node1", "docker ps -aq --filter name=apples")).toBe("");

  await own.up();
  expect(await own.project.lastChanges()).toBe(0);
});

test("a fixed host that is drained is refused in the preview, and nothing is touched", async () => {
  await say({ node1: false, node2: true, node3: false }, { hosts: { redis: "node2" } });
  const { code, stdout, stderr } = await own.project.run(["preview"]);
  expect(code).not.toBe(0);
  expect(stdout + stderr).toContain(
    "host 'node2' is to be drained, but the program fixes it to host 'node2'. Name another host (node1, node3)",
  );
  expect(await mark("node2", "get mark")).toBe("drained");
});

test("a host that leaves the program keeps its peer until its replicas have left", async () => {
  const { ip } = await replica();
  expect(await mark("node2", "set mark removed")).toBe("OK");
  await say({ node1: true, node3: false });
  const preview = await own.preview();
  expect(preview).toContain("apples/redis moves node2 -> node3");
  expect(preview).toContain("why: host 'node2' has left the program");
  const said = await own.up();
  expect(await replica()).toMatchObject({
    host: "node3",
    ip,
    lastMove: { from: "node2", to: "node3" },
  });
  expect(await mark("node3", "get mark")).toBe("removed");
  // The peer of the host that left is gone as well, and went last.
  expect(await own.on("node2", "docker ps -aq --filter name=weave")).toBe("");
  const moved = said.search(/ferry:Replica apples-redis-0 updated/);
  const reset = said.search(/ferry:Peer net-node2 delet/);
  expect(moved).toBeGreaterThan(-1);
  expect(reset).toBeGreaterThan(moved);

  await own.up();
  expect(await own.project.lastChanges()).toBe(0);
});

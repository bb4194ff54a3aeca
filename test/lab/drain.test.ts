import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as lab from "../../lab";
import { deploymentProject } from "./deployment-project";
import { OwnLab } from "./own-lab";

/**
 * A host is drained, and another one leaves the program: what ran there is placed elsewhere and
 * moves with its data, in one `up` of a real program. Nobody names a host for a replica.
 */

const FIG =
  "redis:\n  image: ferry-demo/redis:1\n  command: --appendonly yes --appendfsync always\n  volumes:\n    - data:/data\n";
const CONTAINER = "apples-redis-0";
const folder = mkdtempSync(join(tmpdir(), "ferry-drain-"));

interface Replica {
  readonly host: string;
  readonly ip: string;
  readonly lastMove?: { readonly from: string; readonly to: string };
}

const own = new OwnLab("drain");
let project: lab.PulumiProject;

jest.setTimeout(180_000);

beforeAll(async () => {
  await own.up(3);
  project = await deploymentProject(own, folder);
});

afterAll(async () => {
  await own.down();
  rmSync(folder, { recursive: true, force: true });
});

/** The program with these hosts; `true` marks one that is to be drained. */
async function say(hosts: Record<string, boolean>, deployment: object = {}): Promise<void> {
  const connections = lab.labConnections(own.lab);
  const args = {
    hosts: Object.fromEntries(
      Object.entries(hosts).map(([name, drain]) => {
        const { host, hostKey } = connections[name]!;
        return [name, { host, hostKey, ...(drain ? { drain } : {}) }];
      }),
    ),
    deployment: { compose: FIG, deleteData: true, ...deployment },
  };
  await project.setConfig("args", JSON.stringify(args));
}

const replica = async () => ((await project.outputs())["replicas"] as Replica[])[0]!;

async function mark(host: string, command: string): Promise<string> {
  return (await lab.mustRun(host, `docker exec ${CONTAINER} redis-cli ${command}`, own.lab)).trim();
}

async function up(): Promise<string> {
  const { code, stdout, stderr } = await project.run(["up", "--yes", "--skip-preview"]);
  if (code !== 0) throw new Error(stdout + stderr);
  return stdout;
}

test("a drained host is left in the next `up`, with the data", async () => {
  await say({ node1: false, node2: false, node3: false });
  await up();
  const before = await replica();
  expect(before.host).toBe("node1");
  expect(await mark("node1", "set mark drained")).toBe("OK");

  await say({ node1: true, node2: false, node3: false });
  const preview = await project.quietly(["preview"]);
  expect(preview).toContain(
    `apples/redis moves node1 -> node2: keeps ${before.ip} and redis.apples`,
  );
  expect(preview).toContain("why: host 'node1' is to be drained");
  await up();
  expect(await replica()).toMatchObject({
    host: "node2",
    ip: before.ip,
    lastMove: { from: "node1", to: "node2" },
  });
  expect(await mark("node2", "get mark")).toBe("drained");
  expect(await lab.mustRun("node1", "docker ps -aq --filter name=apples", own.lab)).toBe("");

  await up();
  expect(await project.lastChanges()).toBe(0);
});

test("a fixed host that is drained is refused in the preview, and nothing is touched", async () => {
  await say({ node1: false, node2: true, node3: false }, { hosts: { redis: "node2" } });
  const { code, stdout, stderr } = await project.run(["preview"]);
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
  const preview = await project.quietly(["preview"]);
  expect(preview).toContain("apples/redis moves node2 -> node3");
  expect(preview).toContain("why: host 'node2' has left the program");
  const said = await up();
  expect(await replica()).toMatchObject({
    host: "node3",
    ip,
    lastMove: { from: "node2", to: "node3" },
  });
  expect(await mark("node3", "get mark")).toBe("removed");
  // The peer of the host that left is gone as well, and went last.
  expect(await lab.mustRun("node2", "docker ps -aq --filter name=weave", own.lab)).toBe("");
  const moved = said.search(/ferry:Replica apples-redis-0 updated/);
  const reset = said.search(/ferry:Peer net-node2 delet/);
  expect(moved).toBeGreaterThan(-1);
  expect(reset).toBeGreaterThan(moved);

  await up();
  expect(await project.lastChanges()).toBe(0);
});

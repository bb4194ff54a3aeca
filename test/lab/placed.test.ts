import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as lab from "../../lab";
import { OwnLab } from "./own-lab";

/**
 * What a program wants of its hosts, on real ones: labels, what they were found to have, the load of
 * each, a drain, and more and fewer replicas. The lab's hosts share a kernel, so each has a
 * /proc/loadavg of its own bound over the kernel's.
 */

const REDIS =
  'services:\n  redis:\n    image: "ferry-demo/redis:1"\n    command: --appendonly yes --appendfsync always\n' +
  '    volumes: ["data:/data"]\nvolumes: { data: {} }\n';
const CACHE = 'services:\n  cache:\n    image: "ferry-demo/redis:1"\n';
const folder = mkdtempSync(join(tmpdir(), "ferry-placed-"));
const own = new OwnLab("placed");
let project: lab.PulumiProject;

jest.setTimeout(900_000);

beforeAll(async () => {
  await own.up(3);
  project = await lab.PulumiProject.create(
    join(__dirname, "programs", "placing"),
    join(folder, "project"),
  );
  const { privateKey } = lab.labConnections(own.lab)["node1"]!;
  await project.setConfig("privateKey", privateKey, { secret: true });
});

afterAll(async () => {
  await own.down();
  rmSync(folder, { recursive: true, force: true });
});

const LABELS: Record<string, object> = {
  node1: { disk: "hdd" },
  node2: { disk: "ssd" },
  node3: { disk: "hdd" },
};

async function say(deployments: Record<string, object>, drained?: string): Promise<void> {
  const hosts = Object.entries(lab.labConnections(own.lab)).map(([name, { host, hostKey }]) => [
    name,
    { host, hostKey, labels: LABELS[name], ...(name === drained ? { drain: true } : {}) },
  ]);
  await project.setConfig(
    "args",
    JSON.stringify({ hosts: Object.fromEntries(hosts) as object, deployments }),
  );
}

const up = () => project.quietly(["up", "--yes", "--skip-preview"]);
const nothingToDo = () => project.quietly(["up", "--yes", "--skip-preview", "--expect-no-changes"]);
const placed = async () =>
  (await project.outputs())["placed"] as Record<string, Record<string, string[]>>;
const redis = async (host: string, command: string) =>
  (await lab.mustRun(host, `docker exec pears-redis-0 redis-cli ${command}`, own.lab)).trim();

const apples = {
  compose: CACHE,
  place: { cache: { on: { disk: "ssd" }, cpus: 0.1, memory: "32m" } },
};
const pears = { compose: REDIS, deleteData: true, place: { redis: { strategy: "least-busy" } } };

test("a host is found by its label, and known by what it has", async () => {
  await say({ apples });
  await up();
  expect((await placed())["apples"]).toEqual({ cache: ["node2"] });
  const state = JSON.parse(await project.exportState()) as {
    deployment: { resources: { type: string; outputs?: Record<string, unknown> }[] };
  };
  const hosts = state.deployment.resources.filter(({ type }) => type.endsWith("ferry:Host"));
  const cpus = Number(await lab.mustRun("node1", "nproc", own.lab));
  expect(hosts.map(({ outputs }) => outputs?.["cpus"])).toEqual([cpus, cpus, cpus]);
  expect(hosts.every(({ outputs }) => (outputs?.["memory"] as number) > 2 ** 28)).toBe(true);
  await nothingToDo();
});

test("no more is reserved than was found, and nothing is touched", async () => {
  await say({ apples: { ...apples, place: { cache: { cpus: 1000 } }, scale: { cache: 2 } } });
  const { code, stdout, stderr } = await project.run(["preview"]);
  expect(code).not.toBe(0);
  expect((stdout + stderr).replace(/\s+/g, " ")).toMatch(
    /no host for cache-1\. node1: cpus: 1000 wanted, \d+ of \d+ free/,
  );
  expect((await placed())["apples"]).toEqual({ cache: ["node2"] });
});

test("least-busy takes the idle host, and says what it saw", async () => {
  for (const [host, load] of Object.entries({ node1: "9.00", node2: "8.00", node3: "0.10" }))
    await lab.mustRun(
      host,
      `echo '${load} 1.00 1.00 1/100 100' >/run/loadavg && mount --bind /run/loadavg /proc/loadavg`,
      own.lab,
    );
  await say({ apples, pears });
  const said = await up();
  expect(said).toMatch(
    /pears\/redis: goes to node3, the least busy: busy are node1 [\d.]+ \(load 9 /,
  );
  expect((await placed())["pears"]).toEqual({ redis: ["node3"] });
  expect(await redis("node3", "set mark placed")).toBe("OK");
  await nothingToDo();
});

test("more replicas move nobody, and fewer take the last", async () => {
  await say({ apples: { ...apples, scale: { cache: 3 } }, pears });
  await up();
  expect(await placed()).toEqual({
    apples: { cache: ["node2", "node2", "node2"] },
    pears: { redis: ["node3"] },
  });
  await say({ apples, pears });
  await up();
  expect(await lab.mustRun("node2", "docker ps -a --format '{{.Names}}'", own.lab)).toMatch(
    /^apples-cache-0$/m,
  );
  expect(await lab.mustRun("node2", "docker ps -aq --filter name=apples-cache-1", own.lab)).toBe(
    "",
  );
  await nothingToDo();
});

test("a drained host is left with the data, and where it went it stays", async () => {
  await say({ apples, pears }, "node3");
  expect(await project.quietly(["preview"])).toMatch(/pears\/redis moves node3 -> node1/);
  await up();
  expect((await placed())["pears"]).toEqual({ redis: ["node1"] });
  expect(await redis("node1", "get mark")).toBe("placed");
  await say({ apples, pears });
  await nothingToDo();
});

import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { PulumiProject } from "../../lab";
import { repoRoot } from "../../lab/setup/pulumi";
import { MeshLab, until } from "./weave/mesh-lab";
import { expectNothingToDo, up } from "./weave/runs";

/** examples/awesome on two hosts: what its six applications answer. */

jest.setTimeout(600_000);

const hosts = new MeshLab("awesome", 2);
const EXAMPLE = join(repoRoot, "examples", "awesome");
let project: PulumiProject;
let reachedAt: Record<string, string>;

const put = (name: string, content: string) => writeFileSync(join(project.folder, name), content);
const address = (application: string) => hosts.address(reachedAt[application]!);

async function get(application: string, port: number, path = "/"): Promise<string> {
  const response = await fetch(`http://${address(application)}:${port}${path}`);
  return response.text();
}

async function send(method: string, application: string, port: number, path: string, body: string) {
  const { ok } = await fetch(`http://${address(application)}:${port}${path}`, { method, body });
  expect(ok).toBe(true);
}

/** Its certificate is of its own making. */
const getSecurely = (path: string) =>
  new Promise<string>((resolve, reject) => {
    const options = { host: address("proxy"), port: 8443, path, rejectUnauthorized: false };
    request(options, (response) => void text(response).then(resolve, reject))
      .on("error", reject)
      .end();
  });

const redis = async (command: string) =>
  (await hosts.run(reachedAt["queue"]!, `docker exec queue-redis-0 redis-cli ${command}`)).trim();

beforeAll(async () => {
  await hosts.up();
  project = await hosts.project(EXAMPLE, hosts.names, { password: "open sesame" });
  for (const entry of readdirSync(EXAMPLE, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    cpSync(join(EXAMPLE, entry.name), join(project.folder, entry.name), { recursive: true });
  }
  mkdirSync(join(project.folder, "proxy", "certs"));
  const certificate = "req -x509 -newkey rsa:2048 -nodes -days 9 -subj /CN=lab -keyout key.pem";
  const inFolder = { cwd: join(project.folder, "proxy", "certs") };
  execFileSync("openssl", [...certificate.split(" "), "-out", "cert.pem"], {
    ...inFolder,
    stdio: "ignore",
  });
  await project.setConfig("variables", JSON.stringify({ NODE_IMAGE: "ferry-demo/node:18" }));
  await project.setConfig("metricsToken", "a token of the test", { secret: true });
  await project.setConfig("wikiHost", "node1");
  await up(project);
  ({ reachedAt } = (await project.outputs()) as { reachedAt: Record<string, string> });
});

afterAll(() => hosts.down());

test("the shop is built, and has what was ordered", async () => {
  await send("POST", "shop", 8080, "/", "tea");
  await send("POST", "shop", 8080, "/", "bread");
  expect(JSON.parse(await get("shop", 8080))).toEqual(["tea", "bread"]);
});

test("the wiki has pages in its database, and uploads in files", async () => {
  expect(await get("wiki", 8081)).toBe("The wiki");
  expect(await get("wiki", 8081, "/uploads/first.txt")).toContain("came with the wiki");
  await send("PUT", "wiki", 8081, "/Start", "Welcome.");
  await send("PUT", "wiki", 8081, "/uploads/second.txt", "A second one.");
  expect(await get("wiki", 8081, "/Start")).toBe("Welcome.");
});

test("the monitoring knows its targets, and says what breaks a rule", async () => {
  const shown = await until(
    "both targets were measured",
    30,
    async () => JSON.parse(await get("monitoring", 8082)) as { latest: object; alerts: string[] },
    ({ latest }) => Object.keys(latest).length === 2,
  );
  expect(shown).toEqual({
    latest: { "db-exporter": { load: "20" }, "web-exporter": { load: "95" } },
    alerts: ["web-exporter: has much to do"],
  });
});

test("three workers do what is in the queue, each a part of it", async () => {
  const jobs = Array.from({ length: 30 }, (_, i) => i + 1);
  await redis(`rpush jobs ${jobs.join(" ")}`);
  await until(
    "all is done",
    30,
    () => redis("hlen done"),
    (done) => done === "30",
  );
  expect(await redis("hget done 12")).toBe("144");
  expect(await redis("hlen by")).toBe("3");
});

test("the proxy has its certificate, and reaches the sites behind it", async () => {
  expect(await getSecurely("/blog/index.html")).toBe("the blog\n");
  expect(await getSecurely("/docs/index.html")).toBe("the docs\n");
});

test("the job has run before the service", async () => {
  expect(await get("job", 8083, "/records.json")).toBe('["first record"]\n');
});

test("another up changes nothing, and a changed rule changes its service alone", async () => {
  await expectNothingToDo(project);
  put("monitoring/rules/load.json", '{ "metric": "load", "above": 10, "says": "is not idle" }');
  const changed = (await project.previewSteps()).map(({ urn }) => urn.split("::").at(-1));
  expect(changed).toEqual(["monitoring-collector-0"]);
});

test("the wiki moves with its database, and both have their data", async () => {
  await project.setConfig("wikiHost", "node2");
  await up(project);
  ({ reachedAt } = (await project.outputs()) as { reachedAt: Record<string, string> });
  expect(reachedAt["wiki"]).toBe("node2");
  expect(await get("wiki", 8081, "/Start")).toBe("Welcome.");
  expect(await get("wiki", 8081, "/uploads/second.txt")).toBe("A second one.");
  await until(
    "the new rule counts",
    30,
    async () => (JSON.parse(await get("monitoring", 8082)) as { alerts: string[] }).alerts,
    (now) => now.length === 2,
  );
  await expectNothingToDo(project);
});

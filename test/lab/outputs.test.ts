import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PulumiProject } from "../../lab";
import { FakeWorld } from "../../provider/adapters/fakes/fake-world";
import { FAKE_ADDRESSES } from "../engine/fake-handlers";
import { fakeProject } from "../engine/fake-project";

/**
 * A program that has its hosts, its services and their settings from outputs: secrets of the
 * configuration, and what another resource says once it has been made. The real engine, on fake
 * hosts.
 */

jest.setTimeout(900_000);

const folder = mkdtempSync(join(tmpdir(), "ferry-outputs-"));
const worldPath = join(folder, "world.json");
const SECRETS = ["kept-from-all-variables", "kept-from-all-environment"] as const;
let project: PulumiProject;

const compose = (image = "redis:7") =>
  `services: { db: { image: "${image}", volumes: ["data:/data"] } }\nvolumes: { data: {} }\n`;

interface Reported {
  readonly host: string;
  readonly ip: string;
}

beforeAll(async () => {
  const program = join(__dirname, "programs", "outputs");
  project = await fakeProject(program, join(folder, "project"), worldPath);
  const hosts = Object.entries(FAKE_ADDRESSES).map(([name, host]) => [
    name,
    { host, hostKey: "ssh-ed25519 A" },
  ]);
  const secret = { secret: true };
  await project.setConfig("hosts", JSON.stringify(Object.fromEntries(hosts)), secret);
  await project.setConfig("variables", JSON.stringify({ GREETING: SECRETS[0] }), secret);
  await project.setConfig("environment", JSON.stringify({ web: { WORD: SECRETS[1] } }), secret);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const play = (late: object = {}, hosts = { db: "node1", web: "node2" }) =>
  project.setConfig(
    "scene",
    JSON.stringify({ late: { compose: compose(), replicas: 1, ...late }, hosts }),
  );
const up = () => project.quietly(["up", "--yes", "--skip-preview"]);
const reported = async (name: string) => (await project.outputs())[name] as Reported[];
const containersOn = (host: string) =>
  FakeWorld.open(worldPath)
    .host(host)
    .containers.map(({ name }) => name)
    .sort();

test("a first preview shows all that is known, and says what cannot be", async () => {
  await play();
  const { stdout, stderr } = await project.run(["preview", "--diff"]);
  const preview = stdout + stderr;
  expect(preview).toMatch(/apples-db-0/);
  expect(preview).toMatch(/apples-web-0/);
  expect(preview).toMatch(/10\.40\.0\.2/);
  expect(preview).not.toMatch(/pears-db-0/);
  expect(preview).toMatch(/Deployment 'pears' follows from a value that is not known before `up`/);
});

test("up declares it all, and a second one changes nothing", async () => {
  await up();
  expect((await project.outputs())["hostNames"]).toEqual(Object.keys(FAKE_ADDRESSES));
  expect(containersOn("node1")).toContain("apples-db-0");
  expect(containersOn("node2")).toContain("apples-web-0");
  expect(await reported("late_db")).toHaveLength(1);
  await project.quietly(["preview", "--expect-no-changes"]);
  await project.quietly(["up", "--yes", "--skip-preview", "--expect-no-changes"]);
});

test("what is secret as a whole is nowhere in clear", async () => {
  const state = await project.exportState();
  for (const secret of SECRETS) expect(state).not.toContain(secret);
  const world = JSON.stringify(FakeWorld.open(worldPath).host("node2"));
  expect(world).toContain(SECRETS[1]);
});

test("an output that changes moves its replica, address and all", async () => {
  const [before] = await reported("db");
  await play({}, { db: "node3", web: "node2" });
  await up();
  expect(await reported("db")).toEqual([{ host: "node3", ip: before?.ip }]);
  await project.quietly(["preview", "--expect-no-changes"]);
});

test("a resource that says otherwise adds a replica, and none gets another address", async () => {
  const before = await reported("late_db");
  await play({ replicas: 2 }, { db: "node3", web: "node2" });
  await up();
  const after = await reported("late_db");
  expect(after).toHaveLength(2);
  expect(after[0]).toEqual(before[0]);
  await project.quietly(["preview", "--expect-no-changes"]);
});

test("a mistake in what an output brings is told as the program's", async () => {
  await play({ replicas: 2 }, { db: "node3", site: "node2" } as never);
  const { code, stdout, stderr } = await project.run(["up", "--yes", "--skip-preview"]);
  expect(code).not.toBe(0);
  expect(stdout + stderr).toMatch(
    /Deployment 'apples': hosts\.site: the file has no service 'site'\. It has: db, web\./,
  );
  expect(stdout + stderr).not.toMatch(/\n\s+at /);
  await play({ replicas: 2 }, { db: "node3", web: "node2" });
  await project.quietly(["preview", "--expect-no-changes"]);
});

test("destroy leaves nothing", async () => {
  await project.quietly(["destroy", "--yes", "--skip-preview"]);
  for (const host of Object.keys(FAKE_ADDRESSES)) expect(containersOn(host)).toEqual([]);
});

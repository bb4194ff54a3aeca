import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PulumiProject } from "../../lab";
import { FakeWorld } from "../../provider/adapters/fakes/fake-world";
import { FAKE_ADDRESSES } from "../engine/fake-handlers";
import { fakeProject } from "../engine/fake-project";

/**
 * Pulumi's own options on Ferry's resources, with the real engine, on fake hosts: none of them may
 * replace, empty or lose what it is not meant to.
 */

jest.setTimeout(900_000);

const folder = mkdtempSync(join(tmpdir(), "ferry-options-"));
const worldPath = join(folder, "world.json");
let project: PulumiProject;

const NAMES = { cluster: "net", deployment: "apples", replica: "web", volume: "files" };
interface Reported {
  readonly host: string;
  readonly ip: string;
  readonly containerId: string;
}

beforeAll(async () => {
  const program = join(__dirname, "programs", "options");
  project = await fakeProject(program, join(folder, "project"), worldPath);
  const hosts = Object.entries(FAKE_ADDRESSES).map(([name, host]) => [
    name,
    { host, hostKey: "ssh-ed25519 A" },
  ]);
  await project.setConfig("hosts", JSON.stringify(Object.fromEntries(hosts)));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function play(scene: object): Promise<void> {
  const whole = { names: NAMES, host: "node1", service: "web", word: "first", ...scene };
  await project.setConfig("scene", JSON.stringify(whole));
}
const up = (...args: string[]) => project.quietly(["up", "--yes", "--skip-preview", ...args]);
const replicas = async () => (await project.outputs())["replicas"] as Record<string, Reported>;
const nothingToDo = () => project.quietly(["preview", "--expect-no-changes"]);
const ops = async () => {
  const steps = await project.previewSteps();
  return [...new Set(steps.map(({ op }) => op))].sort();
};
const containersOn = (host: string) =>
  FakeWorld.open(worldPath)
    .host(host)
    .containers.map(({ name }) => name)
    .sort();
const urnOf = async (type: string, name: string) => {
  const { deployment } = JSON.parse(await project.exportState()) as {
    deployment: { resources: { urn: string }[] };
  };
  const found = deployment.resources.find(({ urn }) => urn.endsWith(`:${type}::${name}`));
  if (found === undefined) throw new Error(`No ${type} '${name}' in state.`);
  return found.urn;
};

test("aliases: renamed resources are updated at most, and no container is touched", async () => {
  await play({});
  await up();
  const before = await replicas();
  const names = { cluster: "mesh", deployment: "fruit", replica: "site", volume: "papers" };
  await play({ names, before: NAMES });
  expect(await ops()).toEqual(["update"]);
  await up();
  expect(await replicas()).toEqual(before);
  await nothingToDo();
  await play({ names });
  await nothingToDo();
  await play({ before: names });
  await up();
  expect(await replicas()).toEqual(before);
});

test("ignoreChanges, given by a transform: neither a move nor a new container", async () => {
  const before = await replicas();
  const ignored = { transformed: { ignoreChanges: ["host", "environment"] } };
  await play({ ...ignored, host: "node2", word: "second" });
  await nothingToDo();
  await up();
  expect(await replicas()).toEqual(before);
  await play({ ...ignored, transformed: { ignoreChanges: ["environment"] }, host: "node2" });
  await up();
  expect(await replicas()).toMatchObject({ db: { host: "node2" }, web: { host: "node2" } });
  await play({});
  await up();
});

test("--target: the one that is named moves, and nothing else is touched", async () => {
  const before = await replicas();
  await play({ host: "node2" });
  await up("--target", await urnOf("Replica", "apples-db-0"));
  const { db, web } = await replicas();
  expect(db).toMatchObject({ host: "node2", ip: before["db"]?.ip });
  expect(containersOn("node1")).toEqual(["pears-web-0"]);
  expect(web).toEqual(before["web"]);
  await up();
  expect(containersOn("node1")).toEqual([]);
  await play({});
  await up();
  expect(containersOn("node2")).toEqual([]);
});

test("protect: what is protected is not deleted, and goes on", async () => {
  await play({ options: { protect: true } });
  await up();
  const before = await replicas();
  await play({ options: { protect: true }, without: ["deployment", "replica"] });
  const { code, stdout, stderr } = await project.run(["up", "--yes", "--skip-preview"]);
  expect(code).not.toBe(0);
  expect(stdout + stderr).toMatch(/cannot be deleted|protected/);
  expect(containersOn("node1")).toEqual(["apples-db-0", "pears-web-0"]);
  await play({});
  await up();
  expect(await replicas()).toEqual(before);
  await nothingToDo();
});

test("retainOnDelete: what is left out goes on, and is taken over when it is declared again", async () => {
  const before = await replicas();
  await play({ transformed: { retainOnDelete: true } });
  await up();
  await play({ without: ["deployment", "replica"] });
  expect(await project.quietly(["preview"])).toMatch(
    /deployment 'pears' is no longer declared: .* the data of its volumes stays on their hosts/,
  );
  await up();
  expect(containersOn("node1")).toEqual(["apples-db-0", "pears-web-0"]);
  await play({});
  await up();
  expect(await replicas()).toEqual(before);
  await nothingToDo();
});

test("another service is a replacement, the old container being deleted first", async () => {
  const before = await replicas();
  await play({ service: "site" });
  expect(await ops()).toEqual(expect.arrayContaining(["replace"]));
  await up();
  expect(containersOn("node1")).toEqual(["apples-db-0", "pears-site-0"]);
  expect(FakeWorld.open(worldPath).host("node1").volumes).toHaveLength(2);
  expect((await replicas())["db"]).toEqual(before["db"]);
  await nothingToDo();
});

test("a destroy of one by --target leaves the others, and a whole one leaves the data", async () => {
  await project.quietly([
    ...["destroy", "--yes", "--skip-preview"],
    ...["--target", await urnOf("Replica", "web")],
  ]);
  expect(containersOn("node1")).toEqual(["apples-db-0"]);
  await project.quietly(["destroy", "--yes", "--skip-preview"]);
  expect(containersOn("node1")).toEqual([]);
  expect(FakeWorld.open(worldPath).host("node1").volumes).toHaveLength(2);
});

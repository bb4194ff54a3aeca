import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PulumiProject } from "../../lab";
import { FakeWorld } from "../../provider/adapters/fakes/fake-world";
import { FAKE_ADDRESSES } from "../engine/fake-handlers";
import { fakeProject } from "../engine/fake-project";
import { leaksIn, makeMarks } from "../engine/marks";

/**
 * The real engine, with a mark in every place of a program that can hold a secret, through all that
 * can become of a replica. Nothing that the engine prints, logs or keeps may have a mark in clear.
 * The hosts are fake, and quote what they were given wherever something fails there.
 */

jest.setTimeout(900_000);

const folder = mkdtempSync(join(tmpdir(), "ferry-secrets-"));
const worldPath = join(folder, "world.json");
const marks = makeMarks();
/** What hosts are given, and may quote. */
const { short: _short, dns: _dns, ...given } = marks;
const all = Object.values(given).join(" ");
let project: PulumiProject;
let commands = 0;

beforeAll(async () => {
  process.env["PULUMI_DEBUG_COMMANDS"] = "true";
  const program = join(__dirname, "programs", "secrets");
  project = await fakeProject(program, join(folder, "project"), worldPath);
  await project.setConfig("marks", JSON.stringify(marks), { secret: true });
  const addresses = Object.fromEntries(
    Object.entries(FAKE_ADDRESSES).map(([name, host]) => [
      name,
      { host, hostKey: "ssh-ed25519 A" },
    ]),
  );
  await project.setConfig("addresses", JSON.stringify(addresses));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const fakeWorld = () => FakeWorld.open(worldPath).addHosts(...Object.keys(FAKE_ADDRESSES));

/**
 * Runs a command and looks for marks in all that it prints, logs and keeps. Returns what it
 * printed.
 */
async function clean(ends: "well" | "badly", args: string[], scene?: object): Promise<string> {
  if (scene !== undefined) await project.setConfig("scene", JSON.stringify(scene));
  const events = join(folder, "project", `events-${(commands += 1)}.json`);
  const { code, stdout, stderr } = await project.run([...args, "--event-log", events]);
  const said = stdout + stderr;
  expect({ args, leaks: leaksIn(marks, said) }).toEqual({ args, leaks: [] });
  expect({ args, leaks: leaksInFiles(join(folder, "project")) }).toEqual({ args, leaks: [] });
  if ((code === 0) !== (ends === "well"))
    throw new Error(`${args.join(" ")} ended ${code}: ${said}`);
  return said;
}

function leaksInFiles(path: string): string[] {
  return readdirSync(path, { withFileTypes: true }).flatMap((entry) => {
    const each = join(path, entry.name);
    if (entry.name === "node_modules") return [];
    if (entry.isDirectory()) return leaksInFiles(each);
    if (!entry.isFile()) return [];
    const text = readFileSync(each, "latin1");
    const found = leaksIn(marks, entry.name.startsWith("events-") ? withoutDebug(text) : text);
    return found.map((name) => `${each}: ${name}`);
  });
}

/**
 * Pulumi's SDK writes what it has registered, of any resource, into its own debug lines, with
 * secrets in clear.
 */
function withoutDebug(events: string): string {
  const isDebug = (line: string) => /"diagnosticEvent".*"severity":"debug"/.test(line);
  return events
    .split("\n")
    .filter((line) => !isDebug(line))
    .join("\n");
}

const scene = (change: object = {}) => ({ host: "node1", keyNo: 1, word: "first", ...change });
const up = ["up", "--yes", "--skip-preview", "--diff"];

describe("no secret of a program is ever in clear", () => {
  test("before there is anything, and where the program is wrong", async () => {
    await clean("well", ["preview", "--diff"], scene());
    await clean("badly", up, scene({ mistake: "password" }));
    expect(await clean("badly", ["preview"], scene({ mistake: "dns" }))).toMatch(/dnsEntries/);
    expect(await clean("badly", ["preview"], scene({ mistake: "hook" }))).toMatch(/resume/);
  });

  test("through a create that fails, and one that does not", async () => {
    fakeWorld().failNext("node1", { call: "docker.start", reason: `cannot run: ${all}` });
    expect(await clean("badly", up, scene())).toMatch(/cannot run: .*\*\*\*/);
    await clean("well", up);
    expect(await clean("well", ["preview", "--diff", "--expect-no-changes"])).toMatch(/unchanged/);
    const shown = await project.quietly(["stack", "export", "--show-secrets"]);
    expect(Object.keys(given).filter((name) => !shown.includes(marks[name] as string))).toEqual([]);
  });

  test("while a key is not known yet, and once it is another one", async () => {
    await clean("well", ["preview", "--diff"], scene({ keyNo: 2 }));
    await clean("well", ["preview", "--json"]);
    const rotated = await clean("well", ["up", "--yes", "--diff"]);
    expect(rotated).not.toMatch(/Replica.*apples-db-0.*updated/);
  });

  test("through an update that fails, a refresh after it, and one that succeeds", async () => {
    fakeWorld().failNext("node1", { call: "docker.start", reason: `cannot run: ${all}` });
    await clean("badly", up, scene({ keyNo: 2, word: "second" }));
    await clean("well", ["refresh", "--yes", "--diff"]);
    await clean("well", up);
  });

  test("through moves that fail by a hook and on the target, and one that succeeds", async () => {
    const moved = scene({ keyNo: 2, word: "second", host: "node2" });
    fakeWorld().change((state) => (state.hosts["node1"]!.extra["hooksFail"] = true));
    expect(await clean("badly", ["up", "--yes"], moved)).toMatch(/quiesce command failed.*\*\*\*/);
    fakeWorld().change((state) => (state.hosts["node1"]!.extra["hooksFail"] = false));
    fakeWorld().failNext("node2", { call: "cutover.open barrier", reason: `cannot run: ${all}` });
    await clean("badly", up);
    await clean("well", ["refresh", "--yes"]);
    fakeWorld().change((state) => (state.hosts["node2"]!.extra["hooksFail"] = true));
    expect(await clean("well", up)).toMatch(/resume command failed.*\*\*\*/);
  });

  test("where nothing is secret any more, and that fails", async () => {
    fakeWorld().change((state) => (state.hosts["node2"]!.extra["hooksFail"] = false));
    const plain = scene({ keyNo: 2, word: "third", host: "node2", plain: true });
    fakeWorld().failNext("node2", { call: "docker.create", reason: `cannot run: ${all}` });
    await clean("badly", up, plain);
    await clean("well", ["refresh", "--yes", "--diff"]);
    await clean("well", ["preview", "--json"]);
    await clean("well", up);
  });

  test("through its end", async () => {
    await clean("well", ["destroy", "--yes", "--diff"]);
  });
});

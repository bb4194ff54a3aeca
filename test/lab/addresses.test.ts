import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PulumiProject } from "../../lab";
import { FAKE_ADDRESSES } from "../engine/fake-handlers";
import { fakeProject } from "../engine/fake-project";

/**
 * The real engine on fake hosts: programs that declare late, fail half-way, rename, remove and
 * bring back.
 */

// Engine runs one after another: a busy machine is no failure.
jest.setTimeout(900_000);

const folder = mkdtempSync(join(tmpdir(), "ferry-addresses-"));
let project: PulumiProject;
let runs = 0;

interface Wish {
  deployment: string;
  when: string;
  web: number;
  resource?: string;
  formerResource?: string;
}

beforeEach(async () => {
  const program = join(__dirname, "programs", "addresses");
  const home = join(folder, String((runs += 1)));
  project = await fakeProject(program, join(home, "project"), join(home, "world.json"));
  const hosts = Object.entries(FAKE_ADDRESSES).map(([name, host]) => [
    name,
    { host, hostKey: "ssh-ed25519 A", password: "a password" },
  ]);
  await project.setConfig("hosts", JSON.stringify(Object.fromEntries(hosts)));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const wish = (deployment: string, when = "at once", web = 2): Wish => ({ deployment, when, web });

async function says(wishes: Wish[], failing = "no"): Promise<void> {
  await project.setConfig("wishes", JSON.stringify(wishes));
  await project.setConfig("failing", failing);
}

/** Runs `up`, sees that a second look finds nothing to do, and returns every replica's address. */
async function up(): Promise<Record<string, string[]>> {
  await project.quietly(["up", "--yes", "--skip-preview"]);
  await project.quietly(["preview", "--expect-no-changes"]);
  return addresses();
}

async function addresses(): Promise<Record<string, string[]>> {
  const outputs = JSON.parse(await project.quietly(["stack", "output", "--json"])) as {
    addresses: Record<string, string[]>;
  };
  return outputs.addresses;
}

/** Replicas' addresses as the engine's preview of a first run shows them. */
async function previewed(): Promise<Record<string, unknown>> {
  const { steps } = JSON.parse(await project.quietly(["preview", "--json"])) as {
    steps: { urn: string; newState?: { inputs?: Record<string, unknown> } }[];
  };
  const replicas = steps.filter(({ urn }) => urn.includes("dynamic/ferry:Replica::"));
  return Object.fromEntries(
    replicas.map(({ urn, newState }) => [urn.split("::").at(-1) ?? "", newState?.inputs?.["ip"]]),
  );
}

test("however late a deployment is declared, it has its addresses in the first preview, and keeps them", async () => {
  const wishes = [
    wish("apples"),
    wish("pears", "after a file"),
    wish("plums", "in a component, after a file"),
    wish("figs", "in a component, after a file"),
    wish("limes", "in apply"),
  ];
  await says(wishes);
  const shown = await previewed();
  const first = await up();
  expect(Object.keys(first).sort()).toEqual(wishes.map(({ deployment }) => deployment).sort());
  for (const [deployment, ips] of Object.entries(first))
    expect(ips).toEqual([shown[`${deployment}-web-0`], shown[`${deployment}-web-1`]]);
  expect(new Set(Object.values(first).flat()).size).toBe(10);

  await says([...wishes.slice(2), wish("apples", "at once", 3), wish("kiwis", "after a file")]);
  const second = await up();
  expect(second).toMatchObject({
    plums: first["plums"],
    figs: first["figs"],
    limes: first["limes"],
  });
  expect(second["apples"]?.slice(0, 2)).toEqual(first["apples"]);
});

test("a run that fails, or that comes too late with what used to be in time, costs nobody an address", async () => {
  await says([wish("apples"), wish("pears")]);
  const first = await up();
  // What used to be in time is now declared after a wait, and the program ends before that.
  await says([wish("apples"), wish("pears", "after a file")], "after the wait");
  expect((await project.run(["up", "--yes", "--skip-preview"])).code).not.toBe(0);
  await says([wish("plums")], "after the wait");
  expect((await project.run(["up", "--yes", "--skip-preview"])).code).not.toBe(0);
  await says([wish("apples"), wish("pears", "after a file"), wish("plums")]);
  const later = await up();
  expect(later).toMatchObject(first);
  await says([wish("apples"), wish("pears"), wish("plums")]);
  expect(await up()).toEqual(later);
});

test("a deployment that is removed and comes back, and one whose resource is renamed, have what they had", async () => {
  await says([wish("apples"), wish("pears")]);
  const first = await up();
  await says([wish("apples")]);
  expect(await up()).toEqual({ apples: first["apples"] });
  await says([wish("apples"), wish("plums"), wish("pears")]);
  expect(await up()).toMatchObject(first);
  await says([
    { ...wish("apples"), resource: "fruit", formerResource: "apples" },
    wish("plums"),
    wish("pears"),
  ]);
  const steps = await project.quietly(["preview"]);
  expect(steps).not.toMatch(/create|delete|replace/);
  expect(await up()).toMatchObject(first);
});

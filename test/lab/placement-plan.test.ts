import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PulumiProject } from "../../lab";
import { FakeWorld } from "../../provider/adapters/fakes/fake-world";
import { FAKE_ADDRESSES } from "../engine/fake-handlers";
import { fakeProject } from "../engine/fake-project";

/** What a program wants of its hosts, on the real engine and its state. The hosts are fakes. */

jest.setTimeout(900_000);

const folder = mkdtempSync(join(tmpdir(), "ferry-placing-"));
const worldPath = join(folder, "world.json");
let project: PulumiProject;

const WEB = 'services:\n  web:\n    image: "shop/web:1"\n';
const SHOP = `${WEB}  db:\n    image: "redis:7"\n    volumes: ["data:/data"]\nvolumes: { data: {} }\n`;

beforeAll(async () => {
  const program = join(__dirname, "programs", "placing");
  project = await fakeProject(program, join(folder, "project"), worldPath);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Hosts = Record<string, object>;
const LABELLED: Hosts = {
  node1: { labels: { disk: "ssd" } },
  node2: { labels: { disk: "ssd" } },
  node3: { labels: { disk: "hdd" } },
};

const say = (deployments: Record<string, object>, hosts: Hosts = LABELLED) =>
  project.setConfig(
    "args",
    JSON.stringify({
      hosts: Object.fromEntries(
        Object.entries(FAKE_ADDRESSES).map(([name, host]) => [
          name,
          { host, hostKey: "ssh-ed25519 A", cpus: 2, memory: "1g", ...hosts[name] },
        ]),
      ),
      deployments,
    }),
  );
const up = () => project.quietly(["up", "--yes", "--skip-preview"]);
const nothingToDo = () => project.quietly(["up", "--yes", "--skip-preview", "--expect-no-changes"]);

type Placed = Record<string, Record<string, string[]>>;
const placed = async () => (await project.outputs())["placed"] as Placed;
const late = async () => (await project.outputs())["late"] as Placed;

async function refused(args: string[] = ["preview"]): Promise<string> {
  const { code, stdout, stderr } = await project.run(args);
  expect(code).not.toBe(0);
  return stdout + stderr;
}

const apples = {
  compose: SHOP,
  scale: { web: 2 },
  place: { "*": { on: { disk: "ssd" } }, web: { cpus: 1 }, db: { cpus: 0.5 } },
};

test("the first preview shows hosts and addresses, and `up` is that", async () => {
  await say({ apples });
  const preview = await project.quietly(["preview", "--diff"]);
  expect(preview).toMatch(/host +: "node1"/);
  expect(preview).toMatch(/host +: "node2"/);
  expect(preview).toMatch(/10\.40\.0\.2/);
  await up();
  expect(await placed()).toEqual({ apples: { web: ["node1", "node2"], db: ["node1"] } });
  await nothingToDo();
});

test("what others hold counts, and a wish without a host names what failed on each", async () => {
  const pears = { compose: WEB, place: { web: { cpus: 1.2 } } };
  await say({ apples, pears });
  await up();
  expect((await placed())["pears"]).toEqual({ web: ["node3"] });
  await say({ apples, pears: { ...pears, scale: { web: 2 } } });
  expect((await refused()).replace(/\s+/g, " ")).toContain(
    "place: no host for web-1. node1: cpus: 1.2 wanted, 0.5 of 2 free; " +
      "node2: cpus: 1.2 wanted, 1 of 2 free; node3: cpus: 1.2 wanted, 0.8 of 2 free.",
  );
});

test("those that are declared late count for those in time, once state knows them", async () => {
  const pears = { compose: WEB, place: { web: { cpus: 1.2 } } };
  const latest = { compose: WEB, place: { web: { cpus: 1 } } };
  await say({ apples, pears, latest });
  await up();
  expect((await late())["latest"]).toEqual({ web: ["node2"] });
  await say({ apples: { ...apples, scale: { web: 3 } }, pears, latest });
  expect(await refused()).toContain("node2: cpus: 1 wanted, 0 of 2 free");
  await say({ apples, pears });
  await up();
});

test("scaling up moves nobody, and down removes the highest index", async () => {
  const free = { ...apples, place: { "*": { on: { disk: "ssd" } }, web: { cpus: 0.4 } } };
  await say({ apples: free });
  await up();
  const before = (await placed())["apples"]!["web"]!;
  await say({ apples: { ...free, scale: { web: 4 } } });
  await up();
  const more = (await placed())["apples"]!["web"]!;
  expect(more.slice(0, 2)).toEqual(before);
  expect(more).toHaveLength(4);
  await say({ apples: { ...free, scale: { web: 1 } } });
  await up();
  expect((await placed())["apples"]!["web"]).toEqual(before.slice(0, 1));
  await nothingToDo();
});

test("a host that is drained is left for one that meets the wish", async () => {
  const hosts = { ...LABELLED, node1: { labels: { disk: "ssd" }, drain: true } };
  await say({ apples: { ...apples, scale: { web: 1 } } }, hosts);
  const preview = await project.quietly(["preview"]);
  expect(preview).toMatch(/apples\/db moves node1 -> node2/);
  await up();
  expect((await placed())["apples"]).toEqual({ web: ["node2"], db: ["node2"] });
  await say({ apples: { ...apples, scale: { web: 1 } } });
  await nothingToDo();
});

test("rebalance previews each move with its reason, one for each host, and comes to an end", async () => {
  const all = { compose: WEB, scale: { web: 3 }, hosts: { web: "node2" } };
  await say({ kiwis: all });
  await up();
  const free = { compose: WEB, scale: { web: 3 } };
  await say({ kiwis: { ...free, rebalance: true } });
  const preview = await project.quietly(["preview"]);
  expect(preview).toMatch(/kiwis\/web moves node2 -> node1/);
  expect(preview).toContain("why: spread: beside it node2 has 2 of 'web', node1 has 0");
  expect(preview).toMatch(/are left to the next/);
  await up();
  expect([...(await placed())["kiwis"]!["web"]!].sort()).toEqual(["node1", "node2", "node2"]);
  await up();
  expect([...(await placed())["kiwis"]!["web"]!].sort()).toEqual(["node1", "node2", "node3"]);
  await nothingToDo();
});

test("least-busy shows no host in a preview, and says in `up` what it saw", async () => {
  for (const [name, load] of Object.entries({ node1: 6, node2: 1, node3: 5 }))
    FakeWorld.open(worldPath).change(({ hosts }) => (hosts[name]!.extra["load"] = load));
  await say({ plums: { compose: WEB, place: { web: { strategy: "least-busy" } } } });
  expect(await project.quietly(["preview", "--diff"])).toMatch(
    /host +: (output<string>|\[unknown\])/,
  );
  const said = await up();
  expect(said).toMatch(/plums\/web: goes to node2, the least busy: busy are node1 3\.5/);
  expect((await placed())["plums"]).toEqual({ web: ["node2"] });
  await nothingToDo();
});

test("a secret label is in no state and in no message", async () => {
  await project.setConfig("label", "a-hushed-word", { secret: true });
  const quiet = { compose: WEB, place: { web: { cpus: 0.5 } } };
  await say({ quiet });
  await up();
  expect((await placed())["quiet"]).toEqual({ web: ["node2"] });
  expect(await project.exportState()).not.toContain("a-hushed-word");
  await say({ quiet: { ...quiet, scale: { web: 5 } } });
  const said = await refused();
  expect(said).toContain("its label 'hush' is not as wanted");
  expect(said).not.toContain("a-hushed-word");
});

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writer } from "../../examples/moby-counter/demo/application";
import * as lab from "../../lab";
import { waitFor } from "../../lab/exec";
import { OwnLab } from "./own-lab";
import { destroy, expectNothingToDo, up } from "./weave/runs";

/**
 * The main story on hosts as people get them today: Debian 13, Docker 29 with containerd's image
 * store, and a Weave that does as reWeave. A client writes from the first `up` to the last move.
 */

const NAMES = ["node1", "node2", "node3"];
const CONTAINER = "apples-redis-0";
const folder = mkdtempSync(join(tmpdir(), "ferry-today-"));
const own = new OwnLab("today");
// What the demo's helpers take for the lab is this one.
Object.assign(process.env, own.environment);

let project: lab.PulumiProject;
let before: lab.HostSnapshot[];

// What the hosts are made of may have to be built first.
jest.setTimeout(1_200_000);

beforeAll(async () => {
  await own.up(
    NAMES.length,
    NAMES.map(() => "trixie/29/containerd"),
  );
  // With the first port that is published, Docker 29 makes a table of its own, which it keeps.
  const publishing = "docker run --rm -p 9:9 ferry-demo/box:1 true";
  await Promise.all(NAMES.map((name) => lab.mustRun(name, publishing)));
  before = await Promise.all(NAMES.map((name) => lab.snapshot(name)));
  const program = join(__dirname, "..", "..", "examples", "moby-counter");
  project = await lab.PulumiProject.create(program, join(folder, "project"));
  const connections = lab.labConnections();
  const hosts = NAMES.map((name) => {
    const { host, hostKey } = connections[name]!;
    return [name, { host, hostKey }] as const;
  });
  await project.setConfig("hosts", JSON.stringify(Object.fromEntries(hosts)));
  const { privateKey } = connections["node1"]!;
  await project.setConfig("privateKey", privateKey, { secret: true });
  await project.setConfig("weavePassword", "open sesame", { secret: true });
});

afterAll(async () => {
  await own.down();
  rmSync(folder, { recursive: true, force: true });
});

/** Redis answers the writer again, and has for a while. */
async function goesOn(): Promise<void> {
  const { acknowledged } = await writer.status();
  await writer.waitFor(acknowledged + 200);
}

async function redis(): Promise<{ host: string; ip: string }> {
  const { redisHost, redisIp } = await project.outputs();
  return { host: String(redisHost), ip: String(redisIp) };
}

async function moveTo(host: string): Promise<void> {
  const { ip } = await redis();
  await project.setConfig("redisHost", host);
  await up(project);
  expect(await redis()).toEqual({ host, ip });
  await goesOn();
}

/** It is there with its address, and nobody else answers for that. */
async function hasItsAddress(): Promise<void> {
  const { host, ip } = await redis();
  const attached = await waitFor(async () => {
    const shown = `docker exec ${CONTAINER} ip -4 -o addr show ethwe`;
    const { stdout } = await lab.run(host, shown);
    return stdout.includes(`${ip}/`) ? true : undefined;
  }, 60_000);
  expect(attached).toBe(true);
  await goesOn();
  const asked = "docker exec apples-writer-0 arping -q -c 1 -I ethwe";
  const told = await lab.run(
    "node3",
    `${asked} ${ip}; docker exec apples-writer-0 arping -c 3 -I ethwe ${ip}`,
  );
  const answers = new Set(told.stdout.match(/[0-9a-f]{2}(:[0-9a-f]{2}){5}/g));
  expect(answers.size).toBe(1);
}

test("comes up, and again with nothing to do", async () => {
  await up(project);
  await writer.waitFor(300);
  await up(project);
  expect(await project.lastChanges()).toBe(0);
  await expectNothingToDo(project);
});

test("moves while a client writes", async () => {
  await moveTo("node2");
  await hasItsAddress();
});

test("has its address after a restart by Docker", async () => {
  await lab.mustRun("node2", `docker restart -t 2 ${CONTAINER}`);
  await hasItsAddress();
});

test("has its address after a reboot of its host, and there is nothing to do", async () => {
  await lab.reboot("node2");
  await hasItsAddress();
  await expectNothingToDo(project);
});

test("dead addresses are swept on every host, by a sweeper that has never ended", async () => {
  const ask = "systemctl show -P NRestarts -P ActiveState pulumi-ferry-sweep.service";
  for (const name of NAMES) expect(await lab.mustRun(name, ask)).toBe("0\nactive\n");
});

test("goes home, and no acknowledged write was lost on all its ways", async () => {
  await moveTo("node1");
  const { acknowledged, found, lost } = await writer.finish();
  expect(acknowledged).toBeGreaterThan(1_000);
  expect({ found, lost }).toEqual({ found: acknowledged, lost: 0 });
});

test("leaves nothing behind", async () => {
  await destroy(project);
  expect(await Promise.all(NAMES.map((name) => lab.snapshot(name)))).toEqual(before);
});

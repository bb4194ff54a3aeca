import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { PulumiProject } from "../../lab";
import { repoRoot } from "../../lab/setup/pulumi";
import { runAsComposeTwo } from "../lab/compose-two";
import { mostAtATime, upKilledAt } from "../lab/killed-run";
import { RedisWriter } from "../lab/redis-writer";
import { MeshLab } from "../lab/weave/mesh-lab";
import { destroy, expectNothingToDo, up } from "../lab/weave/runs";

/**
 * The engine is killed at each step of an adoption and of a change, under a writer: the next `up`
 * ends it, no two containers ever run on the data, and nothing that was acknowledged is lost.
 */
const hosts = new MeshLab("changes-long", 2);
const writer = new RedisWriter(hosts, "node2", "node1");
let project: PulumiProject;

jest.setTimeout(900_000);

const OLD = "myapp-redis-1";
const KEPT = `${OLD}-before-ferry`;
const IMAGES = { REDIS_IMAGE: "ferry-demo/redis:1", WORKER_IMAGE: "ferry-demo/box:1" };
const COMMAND = '--appendonly yes --appendfsync always --save "" --protected-mode no --dir /data';

const onHost = (command: string) => hosts.run("node1", command);
const there = (filters: string) => `docker ps -aq ${filters} | grep -q .`;
const status = (name: string, state: string) =>
  there(`--filter name=^${name}$ --filter status=${state}`);

/** What shows on the host once an adoption has come so far. */
const ADOPTION: readonly (readonly [string, string])[] = [
  ["its journal is written", "ls /var/lib/ferry/replicas/*redis*/journal.json"],
  [
    "the old one has no restart policy",
    `docker inspect -f '{{.HostConfig.RestartPolicy.Name}}' ${OLD} | grep -q no`,
  ],
  ["the old one has stopped", status(OLD, "exited")],
  ["the old one has another name", there(`--filter name=^${KEPT}$`)],
  ["the new one is made", there("--filter name=^shop-redis-0$")],
  ["the new one runs", status("shop-redis-0", "running")],
];

/** The same of a change. */
const CHANGE: readonly (readonly [string, string])[] = [
  ["the old one is put beside", there("--filter name=shop-redis-0-before-")],
  ["the old one has stopped", there("--filter name=shop-redis-0-before- --filter status=exited")],
  [
    "the new one is made",
    `${there("--filter name=shop-redis-0-before-")} && ${there("--filter name=^shop-redis-0$")}`,
  ],
  [
    "the new one runs",
    `sleep 0.5; ${status("shop-redis-0", "running")} && ${there("--filter name=shop-redis-0-before-")}`,
  ],
];

beforeAll(async () => {
  await hosts.up();
  const more = `-d --restart always -p 6379:6379 -v myapp_data:/data ${IMAGES.REDIS_IMAGE} ${COMMAND}`;
  const redis = { project: "myapp", service: "redis" };
  await onHost(runAsComposeTwo(redis, { name: OLD, more }));
  await writer.begin();
  const example = join(repoRoot, "examples", "adopt");
  project = await hosts.project(example, hosts.names, { password: "open sesame" });
  await project.setConfig("server", "node1");
  await project.setConfig("project", "myapp");
  await project.setConfig("variables", JSON.stringify(IMAGES));
});

afterAll(() => hosts.down());

/** Kills an `up` there, lets the next one end it, and looks at what has run meanwhile. */
async function killedAndEnded(sign: string, next: () => Promise<unknown>): Promise<void> {
  const since = (await onHost("date +%s")).trim();
  await upKilledAt(project, onHost, sign);
  await next();
  expect(await mostAtATime(onHost, since, /^(myapp-redis|shop-redis)/)).toBe(1);
  const running = await onHost("docker ps --format '{{.Names}}' --filter name=redis");
  expect(running.trim()).toBe("shop-redis-0");
  await writer.goesOn();
  await expectNothingToDo(project);
}

const clients = (count: number) => {
  const path = join(project.folder, "compose.yml");
  const text = readFileSync(path, "utf8").replace(
    /( --maxclients \d+)? --dir/,
    ` --maxclients ${count} --dir`,
  );
  writeFileSync(path, text);
};

test.each(ADOPTION)("an adoption that is killed once %s", async (_step, sign) => {
  await killedAndEnded(sign, () => up(project));
  await destroy(project);
  const policy = `docker update --restart always ${OLD}`;
  await onHost(`docker rename ${KEPT} ${OLD} && docker start ${OLD} && ${policy}`);
  await writer.goesOn();
});

test("adopted once more, for the changes", async () => {
  await up(project);
  await writer.goesOn();
});

test.each(CHANGE.map((step, index) => [...step, 200 + index] as const))(
  "a change that is killed once %s is gone on with",
  async (_step, sign, count) => {
    clients(count);
    await killedAndEnded(sign, () => up(project));
    expect(await onHost("docker inspect -f '{{.Args}}' shop-redis-0")).toContain(`${count}`);
  },
);

test.each(CHANGE)("a change that is killed once %s is taken back", async (_step, sign) => {
  const before = await onHost("docker inspect -f '{{.Args}}' shop-redis-0");
  clients(300);
  await killedAndEnded(sign, () => {
    clients(200 + CHANGE.length - 1);
    return up(project, "--refresh");
  });
  expect(await onHost("docker inspect -f '{{.Args}}' shop-redis-0")).toBe(before);
});

test("no acknowledged write was lost", async () => {
  const { acknowledged, found, lost } = await writer.finish();
  expect(acknowledged).toBeGreaterThan(1000);
  expect({ found, lost }).toEqual({ found: acknowledged, lost: 0 });
  await destroy(project);
});

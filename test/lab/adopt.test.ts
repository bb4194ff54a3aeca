import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { PulumiProject } from "../../lab";
import { must } from "../../lab/exec";
import { dockerCompose } from "../../lab/setup/compose";
import { repoRoot } from "../../lab/setup/pulumi";
import { ensure } from "../../lab/setup/step";
import { runAsComposeTwo } from "./compose-two";
import { mostAtATime, upKilledAt } from "./killed-run";
import { RedisWriter } from "./redis-writer";
import { MeshLab } from "./weave/mesh-lab";
import { destroy, up, upFails } from "./weave/runs";

/**
 * examples/adopt on two hosts, and what Debian's docker-compose has put up there from the program's own
 * compose file.
 */
const hosts = new MeshLab("adopt", 2);
let project: PulumiProject;

jest.setTimeout(900_000);

const IMAGES = { REDIS_IMAGE: "ferry-demo/redis:1", WORKER_IMAGE: "ferry-demo/box:1" };
const EXAMPLE = join(repoRoot, "examples", "adopt");

/** In a folder called myapp, which is what Compose calls the project then. */
async function composeUp(): Promise<void> {
  const say = (line: string) => void process.stderr.write(`${line}\n`);
  const tree = await ensure(dockerCompose, { index: 1, count: 1 }, say);
  await must(["cp", "-a", join(tree, "root"), hosts.onDisk("node1", "/opt/compose")]);
  const file = readFileSync(join(EXAMPLE, "compose.yml"), "utf8");
  const into = "mkdir -p /opt/compose/myapp && cat >/opt/compose/myapp/docker-compose.yml";
  await hosts.runWithInput("node1", into, file);
  const images = Object.entries(IMAGES).map(([name, image]) => `${name}=${image}`);
  await hosts.run(
    "node1",
    `cd /opt/compose && mkdir -p dev proc tmp var/run && for each in dev proc; do mount --rbind /$each $each; done &&
     mount --bind /run var/run && ${images.join(" ")} chroot . docker-compose -f /myapp/docker-compose.yml up -d`,
  );
}

/** As version 2 of Compose makes them: a service's container, and one of its `run`, which ended. */
async function composeTwo(): Promise<void> {
  const worker = { project: "myapp", service: "worker" };
  const image = IMAGES.WORKER_IMAGE;
  const more = `-d --network myapp_default --restart always ${image} sleep 100000`;
  const once = { name: "myapp-worker-run-5f0c4d", more: `${image} true`, oneOff: true };
  await hosts.run(
    "node1",
    `docker rm -f myapp_worker_1 &&
     ${runAsComposeTwo(worker, { name: "myapp-worker-1", more })} &&
     ${runAsComposeTwo(worker, once)}`,
  );
}

/** What runs on a host, by name. */
const containers = async (host: string, all = "") =>
  (await hosts.run(host, `docker ps ${all} --format '{{.Names}}'`))
    .split("\n")
    .sort()
    .join(" ")
    .trim();

/** Rewrites the compose file of the program. */
function edit(change: (text: string) => string): void {
  const path = join(project.folder, "compose.yml");
  writeFileSync(path, change(readFileSync(path, "utf8")));
}

const writer = new RedisWriter(hosts, "node2", "node1");

beforeAll(async () => {
  await hosts.up();
  await composeUp();
  await composeTwo();
  await writer.begin();
  project = await hosts.project(EXAMPLE, hosts.names, { password: "open sesame" });
  await project.setConfig("server", "node1");
  await project.setConfig("project", "myapp");
  await project.setConfig("variables", JSON.stringify(IMAGES));
});

afterAll(() => hosts.down());

test("the preview lists what runs, and what becomes of it", async () => {
  const preview = await project.quietly(["preview"]);
  expect(preview).toContain("shop/redis: takes the place of container 'myapp_redis_1' on node1");
  expect(preview).toContain("its data stays where it is: myapp_data at /data");
  expect(preview).toContain("shop/worker: takes the place of container 'myapp-worker-1' on node1");
});

test("what does not come up is taken back, and the old container runs as before", async () => {
  edit((text) => text.replace("--appendonly yes", "--no-such-option yes"));
  const said = await upFails(project);
  expect(said).toContain("Container 'myapp_redis_1' is back as it was, with its data.");
  expect(await containers("node1")).toContain("myapp-worker-1 myapp_redis_1");
  expect(await containers("node1", "-a")).not.toContain("shop-redis-0");
  const policy = "docker inspect -f '{{.HostConfig.RestartPolicy.Name}}' myapp_redis_1";
  expect((await hosts.run("node1", policy)).trim()).toBe("always");
  await writer.goesOn();
  edit((text) => text.replace("--no-such-option yes", "--appendonly yes"));
});

test("an `up` that is killed while it takes over is finished or taken back by the next one", async () => {
  const since = (await hosts.run("node1", "date +%s")).trim();
  const onHost = (command: string) => hosts.run("node1", command);
  const stopped = "docker ps -aq --filter name=myapp_redis_1 --filter status=exited | grep -q .";
  await upKilledAt(project, onHost, stopped);
  await up(project);
  expect(await mostAtATime(onHost, since, /myapp_redis|shop-redis/)).toBe(1);
  await writer.goesOn();
});

test("each service is taken over in one stop, with its volume and its port", async () => {
  const running = await containers("node1");
  expect(running).toContain("shop-redis-0 shop-worker-0");
  expect(running).not.toContain("myapp");
  const kept = await containers("node1", "-a");
  for (const name of ["myapp_redis_1", "myapp-worker-1"])
    expect(kept).toContain(`${name}-before-ferry`);
  await hosts.run("node1", "docker rm myapp-worker-run-5f0c4d");
  const { redisIp, redisVolume } = await project.outputs();
  expect(redisVolume).toBe("myapp_data");
  const shown = "docker exec shop-redis-0 ip -4 -o addr show ethwe";
  expect(await hosts.run("node1", shown)).toContain(`${String(redisIp)}/`);
});

test("no acknowledged write was lost", async () => {
  await writer.goesOn();
  const { acknowledged, found, lost } = await writer.finish();
  expect(acknowledged).toBeGreaterThan(500);
  expect({ found, lost }).toEqual({ found: acknowledged, lost: 0 });
});

test("another up changes nothing, nor does one without the word of adoption", async () => {
  await up(project);
  expect(await project.lastChanges()).toBe(0);
  await project.quietly(["config", "rm", "project"]);
  await up(project, "--refresh");
  expect(await project.lastChanges()).toBe(0);
});

test("it moves to the new server with its data, and the old one runs nothing any more", async () => {
  const count = async (host: string) =>
    (await hosts.run(host, "docker exec shop-redis-0 redis-cli scard writes")).trim();
  const before = await count("node1");
  await project.setConfig("server", "node2");
  await up(project);
  expect(await count("node2")).toBe(before);
  expect(await containers("node2")).toContain("shop-redis-0 shop-worker-0");
  const left = await containers("node1", "-a");
  expect(left).not.toMatch(/shop-|myapp/);
  expect((await project.outputs())["redisHost"]).toBe("node2");
});

test("destroy leaves the data, which Ferry has not made", async () => {
  await destroy(project);
  const volumes = "docker volume ls -q | grep -c '^myapp_data$'";
  expect((await hosts.run("node1", volumes)).trim()).toBe("1");
  expect((await hosts.run("node2", volumes)).trim()).toBe("1");
});

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

import { waitFor } from "../../lab/exec";
import {
  crash,
  down,
  labConnections,
  leftovers,
  mustRun,
  reboot,
  run,
  snapshot,
  start,
  up,
} from "../../lab";
import { processesOf } from "../../lab/processes";
import { OwnLab } from "./own-lab";

const own = new OwnLab("hosts");
const beside = new OwnLab("hosts-beside");
const one = own.lab;
const other = beside.lab;
const names = ["node1", "node2"];

jest.setTimeout(120_000);

beforeAll(async () => {
  await own.up(names.length);
  await beside.take();
});
afterAll(async () => {
  await own.down();
  await beside.down();
});

test("every host answers, is itself, and runs the same images", async () => {
  const ids = new Set<string>();
  for (const name of names) {
    expect((await mustRun(name, "hostname", one)).trim()).toBe(name);
    const hello = "docker run --rm ferry-demo/box:1 echo hello";
    expect((await mustRun(name, hello, one)).trim()).toBe("hello");
    const inspect = ["docker", "image", "inspect", "-f", "{{.Id}}", "ferry-demo/redis:1"];
    ids.add((await mustRun(name, [...inspect, "ferry-demo/node:18"], one)).trim());
  }
  expect(ids.size).toBe(1);
  const machineIds = await Promise.all(
    names.map((name) => mustRun(name, "cat /etc/machine-id", one)),
  );
  expect(new Set(machineIds).size).toBe(names.length);
});

test("the images run: redis, node, and a privileged container as Weave's are", async () => {
  const redis = "docker run --rm ferry-demo/redis:1 --version";
  expect(await mustRun("node1", redis, one)).toContain("Redis server v=7");
  const node = `docker run --rm ferry-demo/node:18 -p 'process.version + require("crypto").randomUUID().length'`;
  expect((await mustRun("node1", node, one)).trim()).toMatch(/^v18\..*36$/);
  const privileged = "docker run --rm --privileged --net=host ferry-demo/box:1 ip link";
  expect(await mustRun("node1", privileged, one)).toContain("docker0");
});

test("a host sees its own links only", async () => {
  expect((await snapshot("node1", one)).links).toEqual(["docker0", "eth0", "lo"]);
});

test("hosts reach each other by name, but cannot log in to each other", async () => {
  expect((await run("node1", "ping -c 1 -w 5 node2", {}, one)).code).toBe(0);
  const login = "ssh -o BatchMode=yes -o StrictHostKeyChecking=no root@node2 true";
  expect((await run("node1", login, {}, one)).code).not.toBe(0);
});

test("connections name hosts, keys and the pinned host keys", () => {
  const connections = labConnections(one);
  expect(Object.keys(connections)).toEqual(names);
  expect(connections["node1"]).toMatchObject({ host: `${one.network}.1`, port: 22, user: "root" });
  expect(connections["node1"]?.hostKey).toMatch(/^ssh-ed25519 /);
});

test("the user ferry has Docker and sudo", async () => {
  const asFerry = "su - ferry -c 'docker version -f {{.Server.Version}} && sudo -n id -u'";
  expect((await mustRun("node1", asFerry, one)).trim()).toMatch(/\n0$/);
});

test("Weave joins two hosts, and a container's packets cross", async () => {
  const launch = "WEAVE_NO_FASTDP=1 CHECKPOINT_DISABLE=1 weave launch --plugin=false";
  await mustRun("node1", launch, one);
  await mustRun("node2", `${launch} node1`, one);
  const established = await waitFor(async () => {
    const status = await run("node2", "weave status connections", {}, one);
    return status.stdout.includes("established") ? true : undefined;
  }, 20_000);
  expect(established).toBe(true);
  for (const [index, name] of names.entries()) {
    const container = "docker run -d --name probe ferry-demo/box:1 sleep 600";
    await mustRun(name, `weave attach 10.44.0.${index + 1}/24 $(${container})`, one);
  }
  const ping = "docker exec probe ping -c 1 -w 10 10.44.0.1";
  expect((await run("node2", ping, {}, one)).code).toBe(0);
  const found = await snapshot("node2", one);
  expect(found.containers).toEqual(expect.arrayContaining(["probe", "weave"]));
  expect(found.links).toContain("weave");
  for (const name of names) {
    await mustRun(name, "docker rm -f probe && weave reset", one);
    expect((await snapshot(name, one)).links).not.toContain("weave");
  }
});

test("a reboot keeps images and data", async () => {
  await mustRun("node2", "docker volume create kept && touch /root/kept", one);
  await reboot("node2", one);
  await mustRun("node2", "docker image inspect ferry-demo/box:1 && ls /root/kept", one);
  expect((await snapshot("node2", one)).volumes).toContain("kept");
});

test("a host comes back from a power cut with its keys", async () => {
  await mustRun("node2", "echo '# somebody' >> /root/.ssh/authorized_keys", one);
  await crash("node2", one);
  expect((await run("node2", "true", { timeoutMs: 10_000 }, one)).code).not.toBe(0);
  await start("node2", one);
  expect((await snapshot("node2", one)).authorizedKeys).toContain("# somebody");
});

test("a lab whose `up` was killed is ended without a trace, and the lab beside it goes on", async () => {
  const args = ["-r", "ts-node/register/transpile-only", "lab/cli.ts", "up", "2"];
  const cli = spawn(process.execPath, args, {
    cwd: join(__dirname, "..", ".."),
    env: beside.environment,
    stdio: "inherit",
  });
  const begun = await waitFor(
    () => (processesOf(`${other.id}-`).length > 3 ? true : undefined),
    30_000,
  );
  expect(begun).toBe(true);
  cli.kill("SIGKILL");
  expect(leftovers(other)).not.toEqual([]);
  await down(other);
  expect(leftovers(other)).toEqual([]);
  for (const name of names) expect((await run(name, "docker ps", {}, one)).code).toBe(0);
});

test("a test that was killed with its hosts up leaves nothing to the next run of it", async () => {
  const run = `
    const { OwnLab } = require("./test/lab/own-lab");
    void new OwnLab("hosts-killed").up(1).then(() => console.log("up"));`;
  const killed = spawn(process.execPath, ["-r", "ts-node/register/transpile-only", "-e", run], {
    cwd: join(__dirname, "..", ".."),
    stdio: ["ignore", "pipe", "inherit"],
  });
  await new Promise((up) => killed.stdout.once("data", up));
  killed.kill("SIGKILL");
  const next = new OwnLab("hosts-killed");
  expect(leftovers(next.lab).join()).toContain("node1");
  await next.take();
  expect(leftovers(next.lab)).toEqual([]);
  expect(existsSync(next.lab.dir)).toBe(false);
  await next.down();
  expect(existsSync(next.home)).toBe(false);
});

test("down leaves nothing, and up brings the same hosts back", async () => {
  // What lies under /run goes with every boot, as on any machine.
  const lasting = async () => {
    const { settings, ...rest } = await snapshot("node1", one);
    return { ...rest, settings: settings.filter((path) => !path.startsWith("/run/")) };
  };
  const before = await lasting();
  await down(one);
  expect(leftovers(one)).toEqual([]);
  await up(names.length, one);
  expect(await lasting()).toEqual(before);
});

import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as lab from "../../../lab";
import { OwnLab } from "../own-lab";
import { leaksIn, makeMarks } from "../../engine/marks";

/**
 * The program of secrets.test.ts on real hosts: no mark is on a command line, in a file that others
 * than root may read, in Ferry's own files, or in a log. What runs in a container, and `docker
 * inspect`, show what the container was given.
 */

jest.setTimeout(900_000);

const HOSTS = ["node1", "node2"];
/** What a replica's own processes may show. */
const GIVEN_TO_CONTAINERS = ["command", "health", "quiesce", "resume"];
/** Where others may look, as far as they may. */
const READABLE = "/etc /home /opt /root /run /srv /tmp /usr/local /var /dev/shm";

const folder = mkdtempSync(join(tmpdir(), "ferry-secrets-on-hosts-"));
let marks = makeMarks();
const own = new OwnLab("secrets");
let project: lab.PulumiProject;
let watcher: ChildProcessWithoutNullStreams;
let seen = "";

beforeAll(async () => {
  await own.up(HOSTS.length);
  const connections = lab.labConnections(own.lab);
  const { privateKey } = connections["node1"]!;
  // A line of the key itself, as no mark can be put into it.
  marks = { ...marks, privateKey: privateKey.split("\n")[3] ?? "" };
  const program = join(__dirname, "..", "programs", "secrets");
  project = await lab.PulumiProject.create(program, join(folder, "project"));
  await project.setConfig("marks", JSON.stringify({ ...marks, privateKey }), { secret: true });
  const addresses = HOSTS.map((name) => {
    const { host, hostKey } = connections[name]!;
    return [name, { host, hostKey, realHost: true }];
  });
  await project.setConfig("addresses", JSON.stringify(Object.fromEntries(addresses)));
  await project.setConfig("image", "ferry-demo/redis:1");
  await watch();
});

afterAll(async () => {
  watcher.stdin.end();
  await own.down();
  rmSync(folder, { recursive: true, force: true });
});

function watch(): Promise<void> {
  watcher = spawn(process.execPath, [join(__dirname, "process-watch.js")]);
  watcher.stdin.write(`${JSON.stringify(marks)}\n`);
  return new Promise((looking) => {
    watcher.stdout.on("data", (chunk: Buffer) => {
      seen += chunk.toString();
      if (seen.includes("looking\n")) looking();
    });
  });
}

/** Runs a command of the engine, and looks everywhere. */
async function clean(ends: "well" | "badly", args: string[], scene?: object): Promise<string> {
  if (scene !== undefined) await project.setConfig("scene", JSON.stringify(scene));
  const { code, stdout, stderr } = await project.run(args);
  const said = stdout + stderr;
  expect(leaksIn(marks, said)).toEqual([]);
  if ((code === 0) !== (ends === "well"))
    throw new Error(`${args.join(" ")} ended ${code}: ${said}`);
  expect(shownByProcesses()).toEqual([]);
  for (const host of HOSTS) expect([host, await foundOn(host)]).toEqual([host, []]);
  return said;
}

function shownByProcesses(): string[] {
  return seen.split("\n").filter((line) => {
    const [name = "", where] = line.split(" ");
    if (where === undefined) return false;
    // A cutover asks the healthcheck by `docker exec`, which shows no more than the process that it
    // begins in the container.
    if (name === "health" && /docker exec [0-9a-f]{64} /.test(line)) return false;
    return !(where === "container" && GIVEN_TO_CONTAINERS.includes(name));
  });
}

async function foundOn(host: string): Promise<string[]> {
  // By standard input: on a command line they would be seen.
  const input = Object.values(marks).join("\n");
  const search = "grep -raslF -D skip -f -";
  const look = async (command: string) =>
    (await lab.run(host, command, { input, timeoutMs: 120_000 }, own.lab)).stdout.split("\n");
  const files = [
    ...(await look(`runuser -u nobody -- ${search} ${READABLE}`)),
    ...(await look(`${search} /var/lib/ferry /run/systemd /var/log --exclude-dir=journal`)),
  ];
  const logs = await lab.mustRun(
    host,
    "journalctl --no-pager -q -b -o short; docker logs weave 2>&1; for c in $(docker ps -aq); do docker logs $c 2>&1; done",
    own.lab,
  );
  return [
    ...files.filter((file) => file !== ""),
    ...leaksIn(marks, logs).map((name) => `logs: ${name}`),
  ];
}

const scene = (change: object = {}) => ({ host: "node1", keyNo: 1, word: "first", ...change });
const up = ["up", "--yes", "--skip-preview"];

test("no secret is on a command line, in a file that others may read, or in a log", async () => {
  await project.setConfig("hook", "redis-cli");
  await clean("well", up, scene());
  expect(await inspected("node1")).toContain(marks["environment"]);
});

test("nor through a move that fails, and one that succeeds", async () => {
  await project.setConfig("hook", "no-such-program");
  await clean("badly", up, scene({ host: "node2" }));
  await project.setConfig("hook", "redis-cli");
  await clean("well", ["refresh", "--yes"]);
  await clean("well", up);
  expect(await inspected("node2")).toContain(marks["environment"]);
});

test("nor is anything left of one in the end", async () => {
  await clean("well", ["destroy", "--yes", "--skip-preview"]);
});

/** What a test that finds nothing would have to find. */
const inspected = (host: string) => lab.mustRun(host, "docker inspect apples-db-0", own.lab);

import { upKilledAt } from "./killed-run";
import { OwnDeployment } from "./own-deployment";

/**
 * A job before a service, and changes of a service's replicas one after the other, on real hosts: a
 * job runs once, whatever becomes of its host, and a change that does not work is put back.
 */

interface Program {
  readonly host: string;
  /** What the job writes. */
  readonly mark: string;
  /** How the job ends. */
  readonly exit: number;
  readonly clients: number;
  readonly check: string;
  /** MiB that each web may use. */
  readonly memory: number;
}

const FIRST: Program = {
  ...{ host: "node1", mark: "one", exit: 0, clients: 100, check: "ping", memory: 128 },
};

const compose = ({ mark, exit, clients, check, memory }: Program) => `
services:
  migrate:
    image: ferry-demo/redis:1
    entrypoint: [sh, -c, "echo ${mark} >> /data/marks; echo wrote ${mark}; exit ${exit}"]
    volumes: ["data:/data"]
  reader:
    image: ferry-demo/redis:1
    entrypoint: [sh, -c, "cp /data/marks /seen; exec sleep 100000"]
    depends_on: { migrate: { condition: service_completed_successfully } }
    volumes: ["data:/data"]
    restart: always
    stop_grace_period: 1s
  web:
    image: ferry-demo/redis:1
    command: [--save, "", --protected-mode, "no", --maxclients, "${clients}"]
    healthcheck: { test: [CMD-SHELL, "redis-cli ${check} | grep PONG"], interval: 1s, retries: 2 }
    restart: always
    stop_grace_period: 1s
    mem_limit: ${memory}m
    deploy: { replicas: 3, update_config: { monitor: 1s } }
volumes: { data: {} }
`;

jest.setTimeout(600_000);

const own = new OwnDeployment("changes", 2);

let now = FIRST;

function say(change: Partial<Program>): Promise<void> {
  now = { ...now, ...change };
  const hosts = { migrate: now.host, reader: now.host };
  return own.say({ compose: compose(now), deleteData: true, hosts });
}

const inReader = (command: string) => own.on(now.host, `docker exec apples-reader-0 ${command}`);
const readers = () =>
  own.on(now.host, "docker inspect -f '{{.Id}}{{.State.StartedAt}}' apples-reader-0");

/** Ids of the service's containers, running ones alone. */
async function webs(): Promise<string[]> {
  const ask = "docker ps -q --no-trunc --filter name=apples-web";
  const found = await Promise.all(["node1", "node2"].map((host) => own.on(host, ask)));
  return found
    .flatMap((ids) => ids.split("\n"))
    .filter((id) => id !== "")
    .sort();
}

async function addresses(): Promise<string[]> {
  const all = Object.values(await own.replicas());
  return all.filter(({ containerName }) => containerName.includes("web")).map(({ ip }) => ip);
}

/** How many of the replicas have answered at a time, at least, while it was done. */
async function leastAnswering(work: () => Promise<unknown>): Promise<number> {
  const ask = (await addresses())
    .map((ip) => `timeout 5 redis-cli -h ${ip} ping 2>&1 | grep -q PONG && n=$((n+1))`)
    .join("; ");
  const loop = `rm -f /stop /counts; while [ ! -e /stop ]; do n=0; ${ask}; echo $n >> /counts; sleep 0.3; done`;
  await own.on(now.host, `docker exec -d apples-reader-0 sh -c '${loop}'`);
  await work();
  const counts = await inReader("sh -c 'touch /stop; sleep 2; sort -n /counts | uniq'");
  return Math.min(...counts.split("\n").map(Number));
}

test("a job runs to its end before the service that waits for it, and once", async () => {
  await say(FIRST);
  await own.up();
  expect(await inReader("cat /seen")).toBe("one");
  expect(await own.on("node1", "docker inspect -f '{{.State.Status}}' apples-migrate-0")).toBe(
    "exited",
  );
  await own.expectNothingToDo();
  await own.on("node1", "systemctl restart docker.service");
  expect(await own.on("node1", "docker inspect -f '{{.State.Status}}' apples-migrate-0")).toBe(
    "exited",
  );
});

test("it moves with its data and is not run by that", async () => {
  await say({ host: "node2" });
  await own.up();
  expect(await inReader("cat /data/marks")).toBe("one");
  expect(await own.on("node1", "docker ps -aq --filter name=apples-migrate")).toBe("");
  await own.expectNothingToDo();
});

test("it runs again when it is another one, and the service that waited for it runs on", async () => {
  const before = await readers();
  await say({ mark: "two" });
  expect(await own.preview()).toContain(
    "apples/migrate is run again on node2, for: spec.entrypoint",
  );
  await own.up();
  expect(await inReader("cat /data/marks")).toBe("one\ntwo");
  expect(await readers()).toBe(before);
  await own.expectNothingToDo();
});

test("one that fails ends the `up` with what it said, and the program put back has nothing to do", async () => {
  const before = await readers();
  await say({ mark: "three", exit: 3 });
  expect(await own.upFails()).toMatch(
    /changing apples\/migrate failed on host 'node2': the job in container 'apples-migrate-0' ended with exit code 3\. It wrote last: wrote three/,
  );
  expect(await readers()).toBe(before);
  await say({ mark: "two", exit: 0 });
  await own.expectNothingToDo();
});

test("replicas are changed one after the other: a client never sees all of them away", async () => {
  const before = await webs();
  await say({ clients: 101 });
  expect(await leastAnswering(own.up)).toBeGreaterThan(0);
  const after = await webs();
  expect(after).toHaveLength(3);
  expect(after.filter((id) => before.includes(id))).toEqual([]);
  await own.expectNothingToDo();
});

test("a change that never gets healthy is put back, and the others are left as they are", async () => {
  const before = await webs();
  await say({ check: "-p 1 ping" });
  let said = "";
  expect(await leastAnswering(async () => (said = await own.upFails()))).toBeGreaterThan(0);
  expect(said).toMatch(/changing apples\/web\S* failed on host .*its healthcheck does not pass/);
  expect(said).toContain("The container that was there before is back.");
  expect(said).toMatch(
    /changing apples\/web\S* was refused: .*could not be changed, and was put back/,
  );
  expect(await webs()).toEqual(before);
  await say({ check: "ping" });
  await own.expectNothingToDo();
});

test("limits change while they run: none is started again", async () => {
  const before = await webs();
  await say({ memory: 96 });
  expect(await own.preview()).toMatch(
    /apples\/web\S* is changed in place on node\d, without another start, for: spec\.memoryBytes/,
  );
  await own.up();
  expect(await webs()).toEqual(before);
  const limit =
    "docker inspect -f '{{.HostConfig.Memory}}' $(docker ps -q --filter name=apples-web)";
  expect(await own.on("node1", limit)).toMatch(`${96 * 1024 ** 2}`);
  await own.expectNothingToDo();
});

test("an `up` that is killed in the middle of a change is finished by the next one", async () => {
  const host = (await own.on("node1", "docker ps -q --filter name=^apples-web-0$"))
    ? "node1"
    : "node2";
  await say({ clients: 102 });
  await upKilledAt(
    own.project,
    (command) => own.on(host, command),
    "docker ps -aq --filter name=-web-0-before- --filter status=exited | grep -q .",
  );
  await own.up();
  const all = await own.on(host, "docker ps -a --format '{{.Names}}' --filter name=apples-web-0");
  expect(all).toBe("apples-web-0");
  expect(await webs()).toHaveLength(3);
  await own.expectNothingToDo();
  await own.destroy();
});

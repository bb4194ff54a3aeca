import { fakeClock } from "../../provider/adapters/fakes/fake-clock";
import { fakeHostDirectory } from "../../provider/adapters/fakes/fake-host-directory";
import { FakeLockTable } from "../../provider/adapters/fakes/fake-lock";
import { fakeMoveParts } from "../../provider/adapters/fakes/fake-volume";
import { FakeWorld } from "../../provider/adapters/fakes/fake-world";
import { volumeDrivers } from "../../provider/adapters/volume/drivers";
import { journalPath } from "../../provider/core/move/journal";
import type { HostDirectory } from "../../provider/core/adapter-ports";
import type { ReplicaInputs } from "../../provider/core/replica/model";
import { Alive } from "../../provider/handlers/alive";
import { replicaHandler } from "../../provider/handlers/replica";
import type { ReplicaTools } from "../../provider/handlers/replica/replica-tools";
import { Ways } from "../../provider/handlers/ways";

export const IMAGE = "redis:7";
export const REPLICA = "shop/prod/apples/redis/0";
export const HOSTS = ["node1", "node2", "node3"];

const connections = Object.fromEntries(
  HOSTS.map((host) => [host, { host, privateKey: "secret-key", hostKey: "ssh-ed25519 AAAA" }]),
);

export function program(
  host: string | undefined,
  change: Partial<ReplicaInputs> = {},
): ReplicaInputs {
  return {
    project: "shop",
    stack: "prod",
    deployment: "apples",
    service: "redis",
    index: 0,
    ...(host === undefined ? {} : { host }),
    suggestedHost: "node1",
    spec: {
      image: IMAGE,
      mounts: [{ type: "volume", volume: "data", target: "/data" }],
      restart: { name: "always" },
    },
    environment: { PASSWORD: "hunter2" },
    volumes: {
      data: {
        id: "shop/prod/apples/data",
        name: "apples_data",
        driver: "local",
        driverOptions: {},
        external: false,
      },
    },
    ip: "10.40.0.2",
    subnet: "10.40.0.0/24",
    dnsDomain: "weave.local",
    connections,
    ...change,
  };
}

type FakeTools = Omit<
  ReplicaTools,
  | "builds"
  | "logins"
  | "clock"
  | "date"
  | "progress"
  | "moveSlots"
  | "changeSlots"
  | "published"
  | "leastBusy"
  | "moveToken"
  | "ways"
  | "filesOfRun"
  | "restoresOfRun"
  | "snapshotsOfRun"
>;

/** Each call is a run of its own; `sameRun` has calls of one. */
function runByRun<H extends ReturnType<typeof replicaHandler>>(handler: H, alive: Alive): H {
  const anew =
    <A extends unknown[], R>(call: (...given: A) => R) =>
    (...given: A) => {
      alive.forget();
      return call(...given);
    };
  return { ...handler, create: anew(handler.create), update: anew(handler.update) };
}

/** The replica's handler on three fake hosts, and what it told. */
export function fakeReplica(
  world = FakeWorld.open()
    .addHosts(...HOSTS)
    .addImage(IMAGE, ...HOSTS),
  around: (tools: FakeTools) => FakeTools = (tools) => tools,
  { alone = false } = {},
) {
  const reported: string[] = [];
  const warned: string[] = [];
  const alive = new Alive();
  const directory: HostDirectory = fakeHostDirectory(world);
  const { hosts, ...parts } = around({
    hosts: directory,
    drivers: volumeDrivers,
    ...fakeMoveParts(world),
    locks: new FakeLockTable(world).run(),
    alive,
    owner: "root@test",
  });
  const progress = {
    info: (message: string) => void reported.push(message),
    warn: (message: string) => void warned.push(message),
  };
  // As the mesh does, which is read and checked in every run that is not `--target`ed.
  const ways = new Ways();
  if (!alone) ways.read(connections);
  let moves = 0;
  const own = {
    ...parts,
    ways,
    clock: fakeClock(),
    date: () => "2026-01-02T03:04:05.678Z",
    moveToken: () => `move-${++moves}`,
  };
  const sameRun = replicaHandler({ hosts, progress }, own);
  const handler = runByRun(sameRun, alive);
  const placed = (host: string, change: Partial<ReplicaInputs> = {}) => {
    const { inputs, problems } = handler.check({}, { ...program(host, change) });
    expect(problems).toEqual([]);
    return inputs;
  };
  /** Hosts on which a container of the replica runs. */
  const running = () =>
    HOSTS.filter((host) => world.host(host).containers.some(({ status }) => status === "running"));
  const files = (host: string) =>
    world.host(host).volumes.find(({ name }) => name === "apples_data")?.files;
  /** What a client of the copy on this host has written, and was told that it is kept. */
  const write = (host: string, name: string) =>
    world.change(({ hosts: all }) => {
      const volume = all[host]!.volumes.find((each) => each.name === "apples_data")!;
      volume.files[name] = { content: Buffer.from(name).toString("base64"), mode: 0o644 };
    });
  return { world, handler, sameRun, placed, running, files, write, reported, warned };
}

/** A replica that runs on node1, with a file in its volume. */
export async function onNode1(...args: Parameters<typeof fakeReplica>) {
  const it = fakeReplica(...args);
  const { outs } = await it.handler.create(it.placed("node1"));
  it.write("node1", "mark");
  return { ...it, state: outs };
}

export const messageOf = (attempt: Promise<unknown>) =>
  attempt.then(
    () => "nothing was thrown",
    (error: unknown) => (error as Error).message,
  );

export const journal = (world: FakeWorld, host: string) => {
  const file = world.host(host).files[journalPath(REPLICA)];
  return file && (JSON.parse(Buffer.from(file.content, "base64").toString()) as object);
};

import { generateKeyPairSync } from "node:crypto";
import { crash, start } from "../../../lab";
import { waitFor } from "../../../lab/exec";
import { sshHostDirectory } from "../../../provider/adapters/host-directory";
import type { Connection, Connections } from "../../../provider/core/connection";
import { journalPath } from "../../../provider/core/move/journal";
import type { OnSourceLost } from "../../../provider/core/replica/move-settings";
import { aliveInThisRun } from "../../../provider/handlers/alive";
import { replicaHandler } from "../../../provider/handlers/replica";
import { JoinedHosts } from "../joined-hosts";
import { DATA, MovingRedis, REPLICA } from "../moving-redis";

/**
 * What counts as a lost host, and which machine a host is, on real hosts. A redis has been to node2
 * and come home to node1: node2 has an older copy, which must never be started as long as node1
 * answers, whatever it answers.
 */

const hosts = new JoinedHosts("trust", ["node1", "node2", "node3"]);
const redis = new MovingRedis(hosts);
const journal = journalPath(REPLICA);

jest.setTimeout(180_000);

beforeAll(async () => {
  await hosts.up();
  hosts.connections = Object.fromEntries(
    Object.entries(hosts.connections).map(([name, connection]) => [
      name,
      { ...connection, perDialTimeout: 3, dialErrorLimit: 0 },
    ]),
  );
  await redis.volume.create(redis.volumeInputs());
  redis.state = (await redis.replica.create(redis.inputs("node1"))).outs;
  await redis.cli("node1", "set mark before");
  await redis.moveTo("node2");
  await redis.moveTo("node1");
  await redis.cli("node1", "set mark after");
});

afterAll(async () => {
  await hosts.down();
});

const connection = (name: string): Connection => hosts.connections[name]!;

/**
 * A run of Pulumi is a provider process of its own: it knows nothing of those before, and has no
 * open connection.
 */
async function update(
  host: string,
  change: { connections?: Connections; onSourceLost?: OnSourceLost } = {},
) {
  aliveInThisRun.forget();
  const context = { ...hosts.context, hosts: sshHostDirectory() };
  try {
    const inputs = redis.inputs(host, change);
    return await replicaHandler(context).update(REPLICA, redis.state, inputs);
  } finally {
    await context.hosts.close();
  }
}

async function refusal(...args: Parameters<typeof update>): Promise<string> {
  return update(...args).then(
    () => "it went through",
    (error: unknown) => (error as Error).message,
  );
}

const containerOf = (host: string) => redis.inspect(host, "{{.Id}} {{.State.StartedAt}}");

interface Fault {
  readonly what: string;
  readonly cause: RegExp;
  /** The connection with which node1 is reached. */
  readonly way?: () => Partial<Connection>;
  readonly strike?: string;
  readonly mend?: string;
}

const FAULTS: readonly Fault[] = [
  {
    what: "refuses our key",
    cause: /host 'node1'.*refused the key/,
    way: () => ({
      privateKey: generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({
        type: "pkcs1",
        format: "pem",
      }) as string,
    }),
  },
  {
    what: "shows another host key",
    cause: /host 'node1'.*host key is wrong/,
    way: () => ({ hostKey: connection("node2").hostKey! }),
  },
  {
    what: "has no sshd any more, and goes on serving",
    cause: /host 'node1'.*refused/,
    // Nobody could start it again over SSH.
    strike: "systemd-run --quiet --on-active=6 systemctl start ssh && systemctl stop ssh",
    mend: "true",
  },
  {
    what: "has a journal that cannot be read",
    cause: /host 'node1'.*journal/,
    strike: `cp -p ${journal} /root/journal && : > ${journal}`,
    mend: `mv /root/journal ${journal}`,
  },
  {
    what: "has a journal of a newer Ferry",
    cause: /host 'node1'.*journal/,
    strike: `cp -p ${journal} /root/journal && sed -i 's/"version":2/"version":99/' ${journal}`,
    mend: `mv /root/journal ${journal}`,
  },
  {
    what: "has no Docker",
    cause: /Docker.*host 'node1'/,
    strike: "systemctl stop docker.socket docker.service && rm -f /var/run/docker.sock",
    mend: "systemctl start docker.socket docker.service",
  },
];

describe.each(FAULTS)("a host that answers and $what is not lost", (fault) => {
  const choices: OnSourceLost[] = ["useLastCopy", "startEmpty"];

  test("nothing is started elsewhere, whatever `onSourceLost` says, and the cause is told", async () => {
    const folder = await hosts.run("node2", `ls ${DATA}`);
    for (const onSourceLost of choices) {
      if (fault.strike !== undefined) await hosts.run("node1", fault.strike);
      const connections = {
        ...hosts.connections,
        node1: { ...connection("node1"), ...fault.way?.() },
      };
      const said = await refusal("node2", { connections, onSourceLost });
      if (fault.mend !== undefined) {
        const { mend } = fault;
        await waitFor(() => hosts.run("node1", mend).catch(() => undefined), 30_000);
      }
      expect(said).toMatch(fault.cause);
      expect(said).toContain("mv/redis");
      expect(await hosts.run("node2", "docker ps -aq --filter name=mv-redis")).toBe("");
    }
    await waitFor(
      async () => ((await redis.running()).includes("node1") ? true : undefined),
      60_000,
    );
    expect(await redis.running()).toEqual(["node1"]);
    await waitFor(() => redis.cli("node1", "get mark").catch(() => undefined), 20_000);
    expect(await redis.cli("node1", "get mark")).toBe("after");
    expect(await hosts.run("node2", `ls ${DATA}`)).toBe(folder);
  });
});

test("a host that the program calls by another name is the same host: nothing is touched", async () => {
  const before = await containerOf("node1");
  const { node1, ...others } = hosts.connections;
  const state = await update("alpha", { connections: { alpha: node1!, ...others } });
  expect(state.host).toBe("alpha");
  expect(await containerOf("node1")).toBe(before);
  expect(await redis.running()).toEqual(["node1"]);
  redis.state = state;
  redis.state = await update("node1");
  expect(await containerOf("node1")).toBe(before);
});

describe("another machine under the name of the replica's host", () => {
  const swapped = () => ({ ...hosts.connections, node1: connection("node3") });
  const onNode3 = () =>
    hosts.run("node3", "docker ps -aq --filter name=mv-redis; ls /var/lib/ferry");

  test("is moved to, with all data, while the old machine answers where it was", async () => {
    redis.state = await update("node1", { connections: swapped() });
    expect(await redis.running()).toEqual(["node3"]);
    expect(await redis.cli("node3", "get mark")).toBe("after");
    redis.state = await update("node1");
    expect(await redis.running()).toEqual(["node1"]);
    expect(await redis.cli("node1", "get mark")).toBe("after");
  });

  test("is no place to start with nothing when the old one is silent: the words say which ways there are", async () => {
    const before = await onNode3();
    await crash("node1", hosts.lab);
    const said = await refusal("node1", { connections: swapped() });
    expect(said).toContain("mv/redis");
    expect(said).toMatch(/another machine/);
    expect(said).toMatch(/onSourceLost/);
    expect(await onNode3()).toBe(before);
    await start("node1", hosts.lab);
    await waitFor(
      async () => ((await redis.running()).includes("node1") ? true : undefined),
      60_000,
    );
    expect(await redis.running()).toEqual(["node1"]);
  });
});

describe("a host that was rebuilt with an empty disk", () => {
  beforeAll(async () => {
    await hosts.run(
      "node1",
      "docker rm -f mv-redis-0 && docker volume rm mv_data && rm -rf /var/lib/ferry",
    );
  });

  test("starts nothing empty while another host has a complete copy: that one is named", async () => {
    const said = await refusal("node1");
    expect(said).toMatch(/mv\/redis.*host 'node3'/s);
    expect(said).toContain("useLastCopy");
    expect(await hosts.run("node1", "docker volume ls -q --filter name=mv_data")).toBe("");
    expect(await hosts.run("node3", `cat ${DATA}/appendonlydir/*.incr.aof`)).toContain("after");
  });

  test("the copy is started where it lies when the program says so", async () => {
    redis.state = await update("node3", { onSourceLost: "useLastCopy" });
    expect(await redis.running()).toEqual(["node3"]);
    expect(await redis.cli("node3", "get mark")).toBe("after");
  });

  test("and moves home from there", async () => {
    redis.state = await update("node1");
    expect(await redis.running()).toEqual(["node1"]);
    expect(await redis.cli("node1", "get mark")).toBe("after");
    await redis.replica.delete(REPLICA, redis.state);
  });
});

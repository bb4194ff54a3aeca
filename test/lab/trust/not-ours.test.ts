import { JoinedHosts } from "../joined-hosts";
import { MovingRedis, REPLICA } from "../moving-redis";

/**
 * A redis that lives in a volume of the user's own, whose name Docker once made up, and that keeps
 * something in a volume without a name. On the other host its image's name means another image.
 */

const hosts = new JoinedHosts("notours", ["node1", "node2"]);
const redis = new MovingRedis(hosts);
const THEIRS = "0d3f".repeat(16);
const IMAGE = "ferry-demo/redis:1";

const change = (greeting = "hello") => {
  const { spec, volumes } = redis.inputs("node1");
  return {
    spec: {
      ...spec,
      mounts: [...(spec.mounts ?? []), { type: "volume" as const, target: "/more" }],
    },
    volumes: { data: { ...volumes["data"]!, name: THEIRS, external: true } },
    environment: { GREETING: greeting },
  };
};
const on = async (host: string, command: string) => (await hosts.run(host, command)).trim();
/** Beside those that the hosts had before. */
const volumes = async (host: string) => {
  const all = await on(host, "docker volume ls -q");
  const startBarrier = "pulumi-ferry-gate";
  return all.split("\n").filter((name) => name !== startBarrier && !before.has(`${host} ${name}`));
};
const before = new Set<string>();
const imageId = (host: string, of: string) => on(host, `docker image inspect -f '{{.Id}}' ${of}`);

let own: string;
let other: string;

jest.setTimeout(180_000);

beforeAll(async () => {
  await hosts.up();
  for (const host of hosts.names) {
    for (const name of await volumes(host)) before.add(`${host} ${name}`);
  }
  own = await imageId("node1", IMAGE);
  other = await imageId("node2", "ferry-demo/web:1");
  await on("node2", `docker rmi ${IMAGE}; docker tag ferry-demo/web:1 ${IMAGE}`);
  await on("node1", `docker volume create ${THEIRS}`);
  redis.state = (await redis.replica.create(redis.inputs("node1", change()))).outs;
  await redis.cli("node1", "set mark first");
});

afterAll(() => hosts.down());

test("a change in place keeps the volume without a name, with its data", async () => {
  const made = await volumes("node1");
  expect(made).toHaveLength(2);
  await on("node1", "docker exec mv-redis-0 sh -c 'echo kept > /more/file'");
  redis.state = await redis.update("node1", change("good day"));
  expect(await volumes("node1")).toEqual(made);
  expect(await on("node1", "docker exec mv-redis-0 cat /more/file")).toBe("kept");
});

test("it moves with all its data and its own image, and the name on the target keeps its meaning", async () => {
  await redis.moveTo("node2", change("good day"));
  expect(await redis.cli("node2", "get mark")).toBe("first");
  expect(await on("node2", "docker exec mv-redis-0 cat /more/file")).toBe("kept");
  expect(await redis.inspect("node2", "{{.Image}}")).toMatch(own);
  expect(redis.state.imageId).toBe(own);
  expect(await imageId("node2", IMAGE)).toBe(other);
  expect(hosts.warned.join("\n")).toContain(`'${IMAGE}' means another image on host 'node2'`);
  // The user's own stays where it was; what had no name has gone along.
  expect(await volumes("node1")).toEqual([THEIRS]);
});

test("back into the user's own volume it goes only when nobody has changed that meanwhile", async () => {
  await redis.cli("node2", "set mark second");
  await on("node1", `echo note > /var/lib/docker/volumes/${THEIRS}/_data/note`);
  await expect(redis.update("node1", change("good day"))).rejects.toThrow(
    `Docker volume '${THEIRS}' is there already on host 'node1', and it was changed there after the replica had left it`,
  );
  expect(await redis.running()).toEqual(["node2"]);
});

test("and there, back and there again without that", async () => {
  // As whoever wrote the note would say that it does not matter.
  await on(
    "node1",
    `rm /var/lib/docker/volumes/${THEIRS}/_data/note; touch /var/lib/ferry/replicas/mv-redis-*/journal.json`,
  );
  await redis.moveTo("node1", change("good day"));
  expect(await redis.cli("node1", "get mark")).toBe("second");
  expect(await on("node1", `docker volume inspect -f '{{json .Labels}}' ${THEIRS}`)).toMatch(
    /null|\{\}/,
  );
  await redis.cli("node1", "set mark third");
  await redis.moveTo("node2", change("good day"));
  expect(await redis.cli("node2", "get mark")).toBe("third");
  await redis.moveTo("node1", change("good day"));
});

test("another stack's deployment of its name is refused", async () => {
  const bare = { spec: { image: IMAGE }, volumes: {}, ip: "10.40.78.2", subnet: "10.40.78.0/24" };
  const dev = redis.inputs("node2", { stack: "dev", ...bare });
  await expect(redis.replica.create(dev)).rejects.toThrow(
    `the DNS name 'redis.mv.weave.local' is taken: '${REPLICA}' on host 'node1' answers for it`,
  );
});

test("when it is deleted, the user's own volume is all that is left", async () => {
  await redis.replica.delete(REPLICA, redis.state);
  expect(await volumes("node1")).toEqual([THEIRS]);
  expect(await volumes("node2")).toEqual([]);
  expect(await on("node1", `ls /var/lib/docker/volumes/${THEIRS}/_data | head -c 1`)).not.toBe("");
});

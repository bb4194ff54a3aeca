import { OwnDeployment } from "./own-deployment";

/** A folder of a host that is data: it moves with the services that have it, on real hosts. */

/** A path with what shells and Docker's options might make something of. */
const DATA = "/srv/our app's, data";

const compose = (moves: boolean) => `
services:
  writer:
    image: ferry-demo/redis:1
    entrypoint: [sh, -c, "while :; do date >>/data/log; sleep 0.2; done"]
    restart: always
    stop_grace_period: 1s
    volumes:
      - type: bind
        source: "${DATA}"
        target: /data
        x-ferry: { moves: ${moves} }
  reader:
    image: ferry-demo/redis:1
    entrypoint: [sh, -c, "exec sleep 100000"]
    restart: always
    stop_grace_period: 1s
    volumes: ["${DATA}:/seen:ro"]
`;

jest.setTimeout(600_000);

const own = new OwnDeployment("folders", 2);

function say(host: string, more: { moves?: boolean; quiesce?: object } = {}): Promise<void> {
  const { moves = true, ...rest } = more;
  const hosts = { writer: host, reader: host };
  return own.say({ compose: compose(moves), hosts, deleteData: true, ...rest });
}

const inData = (host: string, command: string) => own.on(host, `cd "${DATA}" && ${command}`);
const running = (host: string) =>
  own.on(host, "docker ps --format '{{.Names}}' | grep -c ^apples || true");
const seen = (host: string, path: string) =>
  own.on(host, `docker exec apples-reader-0 cat ${path}`);

test("what a host has in the folder stays there, and becomes data without another word", async () => {
  await own.on(
    "node1",
    `mkdir -p "${DATA}/sub" && echo old >"${DATA}/sub/old" && chown 7:8 "${DATA}"`,
  );
  await say("node1", { moves: false });
  await own.up();
  await say("node2", { moves: false });
  expect(await own.upFails()).toContain("a folder of the host itself");
  await say("node2");
  expect(await own.upFails()).toContain("not yet as volume");
  await say("node1");
  await own.up();
  expect(await seen("node1", "/seen/sub/old")).toBe("old");
  await own.expectNothingToDo();
});

test("it is copied onto nothing that is there and not Ferry's", async () => {
  await own.on("node2", `mkdir -p "${DATA}" && echo theirs >"${DATA}/theirs"`);
  await say("node2");
  const said = await own.upFails();
  expect(said).toContain("has something in it, and Ferry did not put it there");
  expect(await inData("node2", "ls")).toBe("theirs");
  expect([await running("node1"), await running("node2")]).toEqual(["2", "0"]);
  await own.on("node2", `rm -r "${DATA}"`);
});

test("a move that is taken back leaves no folder there", async () => {
  await say("node2", { quiesce: { writer: "exit 3" } });
  await own.upFails();
  expect(await own.on("node2", "ls /srv")).toBe("");
  expect(await running("node1")).toBe("2");
});

test("it moves to the same path, with all who share it, and the old one stays", async () => {
  await say("node2");
  const preview = await own.preview();
  expect(preview).toContain(`copies folder '${DATA}' to the same path while it runs`);
  await own.up();
  expect(await seen("node2", "/seen/sub/old")).toBe("old");
  expect(await inData("node2", "stat -c '%u %g' .")).toBe("7 8");
  const before = await inData("node1", "wc -l <log");
  expect(Number(await inData("node2", "wc -l <log"))).toBeGreaterThanOrEqual(Number(before));
  expect(await inData("node2", `head -n ${before} log | sha256sum`)).toBe(
    await inData("node1", "sha256sum <log"),
  );
  expect([await running("node1"), await running("node2")]).toEqual(["0", "2"]);
  await own.expectNothingToDo();
});

test("back onto the old one it goes only where nobody has touched that since", async () => {
  await inData("node1", "echo mine >mine");
  await say("node1");
  expect(await own.upFails()).toContain("it was changed there after the replica had left it");
  expect(await running("node2")).toBe("2");
  await own.on(
    "node1",
    `mv "${DATA}" /root/kept && docker volume rm $(docker volume ls -q | grep srv)`,
  );
  await own.up();
  expect(await seen("node1", "/seen/sub/old")).toBe("old");
  expect(await own.on("node1", "cat /root/kept/mine")).toBe("mine");
  await say("node2");
  await own.up();
  expect(await own.project.lastChanges()).toBeGreaterThan(0);
  await own.expectNothingToDo();
});

test("what Ferry has made goes with the deployment where its data may be deleted", async () => {
  await own.destroy();
  for (const host of ["node1", "node2"]) {
    expect(
      await own.on(host, "ls /srv; docker volume ls -q --filter label=pulumi-ferry.volume"),
    ).toBe("");
  }
});

import * as lab from "../../lab";
import { OwnDeployment } from "./own-deployment";
import { until } from "./weave/mesh-lab";

/**
 * Containers that are in a namespace of somebody else's, on real hosts: one on its host's network,
 * which moves with its data and is at its host's address wherever it is, and one on another's
 * network, which is where that one is.
 */

/** Answers with what it has kept, and keeps what it is asked to. */
const SERVER = `
  const fs = require("fs"), kept = "/data/kept";
  require("http").createServer((asked, answer) => {
    if (asked.url !== "/") fs.writeFileSync(kept, asked.url);
    answer.end(fs.existsSync(kept) ? fs.readFileSync(kept) : "nothing");
  }).listen(7100);`;
const node = (program: string) =>
  `image: ferry-demo/node:18\n    command: ["-e", ${JSON.stringify(program.replace(/\s+/g, " "))}]\n` +
  "    stop_grace_period: 1s\n    restart: always\n";
const COMPOSE = `services:
  agent:
    ${node(SERVER)}    network_mode: host
    volumes: [kept:/data]
  web:
    ${node("setInterval(() => 0, 1000)")}    depends_on: [agent]
    labels: {version: "VERSION"}
  side:
    ${node(SERVER)}    network_mode: service:web
    volumes: [beside:/data]
volumes:
  kept:
  beside:
`;

// A busy machine is no failure.
jest.setTimeout(900_000);

const own = new OwnDeployment("groups", 2);

const addressOf = (host: string) => lab.labConnections(own.lab)[host]?.host ?? "";

const say = (hosts: Record<string, string>, version = "1") =>
  own.say({ compose: COMPOSE.replace("VERSION", version), hosts, deleteData: true });
const replica = async (name: string) => (await own.replicas())[`${name}-0`]!;

/** From the other host, as a client would. */
const ask = (host: string, path = "") =>
  own.on(
    host === "node1" ? "node2" : "node1",
    `curl -s -m 5 http://${addressOf(host)}:7100/${path} || true`,
  );

test("one on its host's network is at its host's address, and has none on the overlay", async () => {
  await say({ agent: "node1", web: "node2" });
  await own.up();
  expect(await ask("node1", "first")).toBe("/first");
  const inspect = "docker inspect -f '{{.HostConfig.NetworkMode}} {{.Config.Env}}' apples-agent-0";
  expect(await own.on("node1", inspect)).toMatch(/^host (?!.*WEAVE_CIDR)/);
  expect(await own.on("node1", "docker exec apples-agent-0 hostname")).toBe(
    await own.on("node1", "hostname"),
  );
  const { ip } = await replica("agent");
  expect(
    await own.on("node2", `docker exec apples-web-0 ping -c 1 -W 1 ${ip} || echo none`),
  ).toMatch(/none$/);
  await own.expectNothingToDo();
});

test("it moves with its data, to the address of its new host", async () => {
  await say({ agent: "node2", web: "node2" });
  expect(await own.preview()).toContain("its address is node2's from then on");
  await own.up();
  expect(await ask("node2")).toBe("/first");
  expect(await ask("node1")).toBe("");
  await own.expectNothingToDo();
});

test("a reboot brings it back", async () => {
  await lab.reboot("node2", own.lab);
  await until("it answers again", 60, async () => (await ask("node2")) === "/first");
});

/** What answers at the lead's address is the follower. */
const askSide = async (path = "") => {
  const { ip, host, containerName } = await replica("web");
  const get = `require('http').get('http://${ip}:7100/${path}',r=>r.pipe(process.stdout)).on('error',()=>0)`;
  return own.on(host, `docker exec ${containerName} node -e "${get}" || true`);
};

test("one on another's network is at that one's address, with that one's names", async () => {
  // The host has just come up, and starts it once the one whose network it is on is there.
  await until("side answers", 60, async () => (await askSide("beside")) === "/beside");
  const { host } = await replica("web");
  const hostname = (name: string) => own.on(host, `docker exec apples-${name}-0 hostname`);
  expect(await hostname("side")).toBe(await hostname("web"));
});

test("it is there again after its lead's own restart, and after its change", async () => {
  const { host } = await replica("web");
  await own.on(host, "docker restart -t 1 apples-web-0");
  await until("side answers after a restart", 60, async () => (await askSide()) === "/beside");
  await say({ agent: "node2", web: "node2" }, "2");
  await own.up();
  expect(await askSide()).toBe("/beside");
  await own.expectNothingToDo();
});

test("both move as one, with their data", async () => {
  await say({ agent: "node2", web: "node1" }, "2");
  await own.up();
  expect((await replica("side")).host).toBe("node1");
  expect(await askSide()).toBe("/beside");
  expect(await own.on("node2", "docker ps -aq --filter name=apples-side")).toBe("");
  await own.expectNothingToDo();
});

test("a reboot has them both again", async () => {
  await lab.reboot("node1", own.lab);
  await until("side answers after a reboot", 90, async () => (await askSide()) === "/beside");
});

test("nothing of it stays", async () => {
  await own.destroy();
  expect(
    await own.on(
      "node2",
      "docker ps -aq --filter name=apples; docker volume ls -q | grep kept || true",
    ),
  ).toBe("");
});

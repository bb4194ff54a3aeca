import * as lab from "../../lab";
import { OwnDeployment, type Replica } from "./own-deployment";
import { until } from "./weave/mesh-lab";

/**
 * A service's name gives the replicas that are well, and each has a name of its own: through
 * sickness, restarts of container, router and host, and a move. Asked from inside a container.
 */

const SICK = "test ! -e /tmp/sick";
const COMPOSE = `services:
  web:
    image: ferry-demo/node:18
    command: ["-e", "setInterval(() => {}, 1000)"]
    init: true
    restart: always
    stop_grace_period: 1s
    healthcheck: { test: ["CMD-SHELL", "${SICK}"], interval: 1s, timeout: 5s, retries: 1 }
  client:
    image: ferry-demo/node:18
    command: ["-e", "setInterval(() => {}, 1000)"]
    init: true
    restart: always
    stop_grace_period: 1s
`;
const LOOKUP = `require("dns").resolve4(process.argv[1], (error, found) => console.log((found ?? []).sort().join(" ")))`;

jest.setTimeout(600_000);

const own = new OwnDeployment("names", 2, () => up("node1"));
let replicas: Record<string, Replica>;

async function up(web: string): Promise<void> {
  const hosts = { web: ["node1", web], client: "node1" };
  await own.say({ compose: COMPOSE, hosts, scale: { web: 2 } });
  await own.up();
  replicas = await own.replicas();
}

const { on } = own;
const ip = (name: string) => replicas[name]!.ip;
const inWeb0 = (command: string) =>
  on(replicas["web-0"]!.host, `docker exec apples-web-0 sh -c '${command}'`);

/** What a name gives inside the client's container. */
function lookup(name: string): Promise<string> {
  const words = ["docker", "exec", "apples-client-0", "node", "-e", LOOKUP];
  return on("node1", [...words, `${name}.apples.weave.local`]);
}

const both = () => [ip("web-0"), ip("web-1")].sort().join(" ");
const gives = (name: string, addresses: () => string, seconds = 30) =>
  until(`${name} gives ${addresses()}`, seconds, async () => (await lookup(name)) === addresses());
const eachHasItsOwn = async () => {
  await gives("0.web", () => ip("web-0"));
  await gives("1.web", () => ip("web-1"));
  await gives("0.client", () => ip("client-0"));
};

async function fallSick(): Promise<void> {
  await inWeb0("touch /tmp/sick");
  const state = "docker inspect -f '{{.State.Health.Status}}' apples-web-0";
  await until("Docker sees it", 30, async () => /unhealthy/.test(await on("node1", state)));
}

test("a service's name gives all that are well, and each has a name of its own", async () => {
  await gives("web", both);
  await eachHasItsOwn();
});

test("a sick one is out, through a restart of the router, and back when it is well", async () => {
  await fallSick();
  await gives("web", () => ip("web-1"), 10);
  await eachHasItsOwn();
  await on("node1", "docker restart -t 1 weave");
  await until("the sick one stays out", 60, async () => {
    if ((await lookup("web")) !== ip("web-1")) return false;
    return (await lookup("0.web")) === ip("web-0");
  });
  await inWeb0("rm /tmp/sick");
  await gives("web", both, 15);
});

test("restarts of a container and of its host, and a move", async () => {
  await on("node1", "docker restart -t 1 apples-web-0");
  await eachHasItsOwn();
  await up("node2");
  await eachHasItsOwn();
  await gives("web", both);
  await lab.reboot("node2", own.lab);
  await gives("1.web", () => ip("web-1"), 120);
  await gives("web", both);
});

test("nothing of it stays on the hosts", async () => {
  await own.destroy();
  const left =
    "ls /usr/local/lib/pulumi-ferry /etc/systemd/system/pulumi-ferry* 2>/dev/null || true";
  for (const host of ["node1", "node2"]) expect(await on(host, left)).toBe("");
});

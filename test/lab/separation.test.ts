import * as lab from "../../lab";
import { KNOCK, PROBE, SERVER } from "./reach";
import { OwnDeployment, type Replica } from "./own-deployment";
import { until } from "./weave/mesh-lab";

/**
 * Services of one deployment that share no network do not reach each other, seen from inside their
 * containers: on one host and across two, through moves, restarts and a reboot. One that is on
 * internal networks alone reaches nothing outside.
 */

const NETWORKS: Record<string, string> = {
  web: "front, back, inner",
  db: "back",
  proxy: "front",
  vault: "inner",
};
const SERVICES = Object.keys(NETWORKS);
/** As Compose has it. */
const REACHES: Record<string, string[]> = {
  web: ["db", "proxy", "vault"],
  db: ["web"],
  proxy: ["web"],
  vault: ["web"],
};
const serviceOf = (name: string) =>
  `  ${name}:\n    image: ferry-demo/node:18\n    command: ["-e", ${JSON.stringify(SERVER.replace(/\s+/g, " "))}]\n` +
  `    stop_grace_period: 1s\n    restart: always\n    networks: [${NETWORKS[name] ?? ""}]\n`;
const COMPOSE = `services:\n${SERVICES.map(serviceOf).join("")}networks:\n  front:\n  back:\n  inner:\n    internal: true\n`;

// A busy machine is no failure.
jest.setTimeout(900_000);

const own = new OwnDeployment("separation", 2);
let replicas: Record<string, Replica>;

async function up(
  hosts: Record<string, string>,
  scale: Record<string, number> = {},
  compose = COMPOSE,
) {
  await own.say({ compose, hosts, scale });
  await own.up();
  const found = Object.entries(await own.replicas());
  replicas = Object.fromEntries(found.map(([name, each]) => [name.replace(/-0$/, ""), each]));
}

const inside = (name: string, program: string, ...args: string[]) => {
  const { host, containerName } = replicas[name]!;
  return own.on(host, ["docker", "exec", containerName, "node", "-e", program, ...args]);
};
const probe = async (from: string, port: number, ...hosts: string[]) =>
  JSON.parse(await inside(from, PROBE, String(port), ...hosts)) as Record<string, string>;

const ALL = "tcp udp ping";

/** Everybody asks everybody, by address, by name, and by the address on Docker's bridge. */
async function expectSeparation(): Promise<void> {
  const bridged = Object.fromEntries(
    await Promise.all(
      SERVICES.map(async (name) => {
        const { host, containerName } = replicas[name]!;
        const shown = await own.on(
          host,
          `docker inspect -f '{{.NetworkSettings.IPAddress}}' ${containerName}`,
        );
        return [name, shown] as const;
      }),
    ),
  );
  for (const from of SERVICES) {
    const others = SERVICES.filter((name) => name !== from);
    const near = others.filter((name) => replicas[name]!.host === replicas[from]!.host);
    const expected: Record<string, string> = {};
    for (const name of others) {
      const ways = REACHES[from]!.includes(name) ? ALL : "";
      Object.assign(expected, { [name]: ways, [replicas[name]!.ip]: ways });
    }
    for (const name of near) expected[bridged[name]!] = "";
    const found = await probe(from, 7000, ...Object.keys(expected));
    expect({ from, ...found }).toEqual({ from, ...expected });
  }
}

/** A router was killed while it attached the container, which waits for its address since then. */
async function leaveLinkUnfinished(name: string): Promise<void> {
  const { host, containerName } = replicas[name]!;
  const link =
    `pid=$(docker inspect -f '{{.State.Pid}}' ${containerName}) && ` +
    `ip link add vethwepl$pid type veth peer name vethwepg$pid && ip link set vethwepg$pid netns $pid`;
  await own.on(host, `docker stop weave && docker restart -t 1 ${containerName} && ${link}`);
  await own.on(host, "docker start weave");
}

const waitForAddresses = (host: string) =>
  until(`the containers of ${host} have their addresses`, 60, async () => {
    const names = SERVICES.filter((name) => replicas[name]!.host === host);
    const shown = await Promise.all(
      names.map((name) =>
        lab.run(
          host,
          `docker exec ${replicas[name]!.containerName} ip -4 -o addr show ethwe`,
          {},
          own.lab,
        ),
      ),
    );
    return shown.every(({ stdout }, i) => stdout.includes(`${replicas[names[i]!]!.ip}/`));
  });

/** Who has asked it, by address, since its container began. */
async function askers(name: string): Promise<string[]> {
  const { host, containerName } = replicas[name]!;
  const said = await own.on(host, `docker logs ${containerName} 2>&1`);
  return [...new Set(said.match(/(?<=asked by )\S+/g) ?? [])].sort();
}

/** The proxy, which shares no network with it, asks it all the time from now on. */
async function knockAt(name: string): Promise<void> {
  const args = JSON.stringify(["-e", KNOCK, replicas[name]!.ip]);
  const options = '{ detached: true, stdio: "ignore" }';
  await inside("proxy", `require("child_process").spawn("node", ${args}, ${options}).unref()`);
  const { host, containerName } = replicas["proxy"]!;
  expect(await own.on(host, `docker top ${containerName}`)).toMatch(/setInterval/);
}

test("services that share no network do not reach each other, on one host and across two", async () => {
  await up({ web: "node1", db: "node1", proxy: "node1", vault: "node2" });
  await expectSeparation();
  await own.expectNothingToDo();
});

test("an internal one reaches no host and nothing beyond; the others do", async () => {
  const hosts = Object.values(lab.labConnections(own.lab)).map(({ host }) => host);
  const bridge = await own.on(
    "node2",
    "ip -4 -o addr show docker0 | sed 's,.* inet \\([0-9.]*\\)/.*,\\1,'",
  );
  const asked = [...hosts, bridge];
  const nothing = Object.fromEntries(asked.map((host) => [host, ""]));
  expect(await probe("vault", 22, ...asked)).toEqual(nothing);
  expect(await probe("db", 22, ...hosts)).toEqual(
    Object.fromEntries(hosts.map((host) => [host, "tcp ping"])),
  );
});

test("a move, and those who knock all the while are never let in", async () => {
  await knockAt("db");
  await up({ web: "node1", db: "node2", proxy: "node1", vault: "node2" });
  await expectSeparation();
  expect(await askers("db")).toEqual([replicas["web"]!.ip]);
});

test("restarts of container, router and daemon, and a reboot", async () => {
  const { host, containerName, ip } = replicas["db"]!;
  await own.on(host, `docker restart -t 1 ${containerName}`);
  await own.on(host, "docker restart -t 1 weave");
  await waitForAddresses(host);
  await leaveLinkUnfinished("db");
  await waitForAddresses(host);
  await own.on("node1", "systemctl restart docker.service");
  await waitForAddresses("node1");
  await knockAt("db");
  await lab.reboot("node2", own.lab);
  await waitForAddresses("node2");
  await until("web reaches db again", 30, async () => (await probe("web", 7000, ip))[ip] === ALL);
  await expectSeparation();
  expect(await askers("db")).toEqual([replicas["web"]!.ip]);
});

test("one more replica, and one without a network: neighbours know them, and none is touched", async () => {
  const before = replicas;
  const lone = serviceOf("lone").replace("networks: []", "network_mode: none");
  const hosts = { web: "node1", db: "node2", proxy: "node1", vault: "node2", lone: "node1" };
  await up(hosts, { db: 2 }, COMPOSE.replace("services:\n", `services:\n${lone}`));
  for (const name of SERVICES) expect(replicas[name]!.containerId).toBe(before[name]!.containerId);
  const [db, alone] = [replicas["db-1"]!.ip, replicas["lone"]!.ip];
  expect(await probe("web", 7000, db, alone)).toEqual({ [db]: ALL, [alone]: "" });
  expect(await probe("proxy", 7000, db)).toEqual({ [db]: "" });
  const asked = ["web", replicas["web"]!.ip, replicas["db"]!.ip, "172.17.0.1"];
  expect(await probe("lone", 7000, ...asked)).toEqual(
    Object.fromEntries(asked.map((host) => [host, ""])),
  );
  await own.expectNothingToDo();
});

test("rules that somebody has taken away are drift, and come back", async () => {
  await own.on("node1", "ebtables -F FORWARD");
  await own.up("--refresh");
  expect(await own.project.lastChanges()).toBe(1);
  await expectSeparation();
});

test("nothing of it stays on the hosts", async () => {
  await own.destroy();
  for (const host of ["node1", "node2"]) {
    const left =
      "ebtables -L; ls -d /var/lib/ferry/separation /usr/local/lib/pulumi-ferry/keep-apart; find /etc/systemd -name '*keep-apart*'";
    expect(
      await own.on(host, `{ ${left}; } 2>/dev/null | grep -i -e apart -e separation || true`),
    ).toBe("");
  }
});

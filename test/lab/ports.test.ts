import { connect, type Socket } from "node:net";
import * as lab from "../../lab";
import { OwnDeployment, type Replica } from "./own-deployment";
import { PORT_SERVERS } from "./port-servers";
import { until } from "./weave/mesh-lab";

/**
 * Ports that answer on every host, asked from outside: which replica answers, whose address it sees,
 * and what of that a move, a sick replica, other settings, restarts and a reboot change.
 */

const { web, raw, mail } = PORT_SERVERS;
const serviceOf = (program: string) => `
    image: ferry-demo/node:18
    command: ["-e", ${JSON.stringify(program.replace(/\s+/g, " "))}]
    init: true
    restart: always
    stop_grace_period: 1s`;
const COMPOSE = `services:
  web:${serviceOf(web)}
    ports: ["8080:80"]
    healthcheck: { test: ["CMD-SHELL", "test ! -e /tmp/sick"], interval: 1s, timeout: 5s, retries: 1 }
    x-ferry: { publish: everywhere, proxy: http }
    networks: [front]
  raw:${serviceOf(raw)}
    ports: ["7000:7000"]
    networks: [back]
  mail:${serviceOf(mail)}
    ports: ["2525:25"]
    networks: [front]
networks: { front: {}, back: {} }
`;
const HOSTS = ["node1", "node2", "node3"] as const;

const apples = new OwnDeployment("ports", 3, async () => {
  await lab.loadProxyImage(apples.lab);
  await up();
});
let replicas: Record<string, Replica>;

// A busy machine is no failure.
jest.setTimeout(900_000);

interface Said {
  readonly hosts?: Record<string, string | string[]>;
  readonly scale?: Record<string, number>;
  readonly compose?: string;
}

const declare = ({ hosts = {}, scale = {}, compose = COMPOSE }: Said = {}) =>
  apples.say({
    compose,
    hosts: { web: ["node1", "node2", "node2"], raw: "node1", mail: "node1", ...hosts },
    scale: { web: 2, ...scale },
    publish: { raw: "everywhere", mail: { on: "everywhere", proxy: "protocol" } },
  });

async function up(said: Said = {}): Promise<void> {
  await declare(said);
  await apples.up();
  replicas = await apples.replicas();
}

const { on } = apples;
const addressOf = (host: string) => lab.labConnections(apples.lab)[host]!.host;
const ip = (name: string) => replicas[name]!.ip;

interface Answer {
  /** "ok", or what the client was told. */
  readonly outcome: string;
  readonly said: string;
  /** The client's own. */
  readonly client: string;
  readonly ms: number;
}

/** One connection: says something, and reads until the other side ends. */
function ask(host: string, port: number, words = "", seconds = 20): Promise<Answer> {
  const begun = performance.now();
  return new Promise((resolve) => {
    let [said, client] = ["", ""];
    const socket = connect(port, addressOf(host), () => {
      client = socket.localAddress ?? "";
      socket.write(words);
    });
    const end = (outcome: string) => {
      socket.destroy();
      resolve({ outcome, said, client, ms: performance.now() - begun });
    };
    socket.setTimeout(seconds * 1000, () => end("silent"));
    socket.on("data", (data) => (said += data.toString()));
    socket.on("error", (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
    socket.on("end", () => end(said === "" ? "nothing" : "ok"));
  });
}

const GET = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
const page = async (host: string) => {
  const { said, client, outcome } = await ask(host, 8080, GET);
  const [, body = ""] = said.split("\r\n\r\n");
  return { by: body.match(/by (\S+)/)?.[1], for: body.match(/for (\S+)/)?.[1], client, outcome };
};
const whoAnswers = async (host: string, times = 8) => {
  const found = new Set<string | undefined>();
  for (let n = 0; n < times; n++) found.add((await page(host)).by);
  return [...found].sort().join(" ");
};
const both = () => [ip("web-0"), ip("web-1")].sort().join(" ");
const answersEverywhere = async (seconds = 60) => {
  for (const host of HOSTS) {
    await until(`the ports of ${host} answer`, seconds, async () => {
      const found = [
        await ask(host, 8080, GET),
        await ask(host, 7000, "\n"),
        await ask(host, 2525),
      ];
      return found.every(({ outcome }) => outcome === "ok");
    });
  }
};

test("each port answers on each host, by all replicas in turn, and a second run changes nothing", async () => {
  for (const host of HOSTS) {
    await until(`${host} knows both`, 10, async () => (await whoAnswers(host)) === both());
    expect((await ask(host, 7000, "\n")).said).toContain(ip("raw-0"));
  }
  await apples.expectNothingToDo();
});

test("the client's address gets there, by X-Forwarded-For and by PROXY protocol", async () => {
  for (const host of HOSTS) {
    const found = await page(host);
    expect(found.for).toBe(found.client);
    const { said, client } = await ask(host, 2525);
    expect(said.trim()).toBe(`by ${ip("mail-0")} for ${client}`);
  }
});

test("a replica that is sick is out, and back when it is well", async () => {
  const inWeb0 = (command: string) => on("node1", `docker exec apples-web-0 ${command}`);
  await inWeb0("touch /tmp/sick");
  const state = "docker inspect -f '{{.State.Health.Status}}' apples-web-0";
  await until("Docker sees it", 30, async () => /unhealthy/.test(await on("node1", state)));
  for (const host of HOSTS)
    await until(`it is out on ${host}`, 5, async () => (await whoAnswers(host)) === ip("web-1"));
  await inWeb0("rm /tmp/sick");
  for (const host of HOSTS)
    await until(`it is back on ${host}`, 15, async () => (await whoAnswers(host)) === both());
});

/** One that stays open, and says what it hears. */
async function open(
  host: string,
): Promise<{ echo(word: string): Promise<string>; socket: Socket }> {
  const socket = connect(7000, addressOf(host));
  let heard = "";
  socket.on("data", (data) => (heard += data.toString()));
  socket.on("error", () => undefined);
  const echo = async (word: string) => {
    heard = "";
    socket.write(`${word}\n`);
    await until(`${word} comes back`, 10, () => heard.includes("\n"));
    return heard.trim();
  };
  await new Promise((resolve) => socket.once("connect", resolve));
  return { echo, socket };
}

test("another scale is taken up at once, and a connection that is open stays", async () => {
  const { echo, socket } = await open("node3");
  expect(await echo("keep one")).toBe(`${ip("raw-0")}: keep one`);
  const containers = async () =>
    Promise.all(HOSTS.map((host) => on(host, "docker ps -q --filter label=pulumi-ferry.ports")));
  const before = await containers();
  const asking = new AbortController();
  const outcomes: string[] = [];
  const load = (async () => {
    while (!asking.signal.aborted) outcomes.push((await ask("node2", 7000, "\n")).outcome);
  })();
  await up({ scale: { raw: 2 }, hosts: { raw: ["node1", "node3"] } });
  asking.abort();
  await load;
  expect(outcomes.length).toBeGreaterThan(100);
  expect(outcomes.filter((outcome) => outcome !== "ok")).toEqual([]);
  expect(await containers()).toEqual(before);
  expect(await echo("keep two")).toBe(`${ip("raw-0")}: keep two`);
  socket.destroy();
  await until("both answer", 10, async () => {
    const found = await Promise.all([1, 2, 3, 4].map(() => ask("node2", 7000, "\n")));
    return new Set(found.map(({ said }) => said)).size === 2;
  });
  await up();
});

test("a move is waited for: nobody is refused at a host without a replica", async () => {
  const asking = new AbortController();
  const answers: Answer[] = [];
  const asks: Promise<void>[] = [];
  const load = (async () => {
    while (!asking.signal.aborted) {
      asks.push(ask("node2", 7000, "\n", 60).then((answer) => void answers.push(answer)));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })();
  await up({ hosts: { raw: "node3" } });
  await new Promise((resolve) => setTimeout(resolve, 3000));
  asking.abort();
  await load;
  await Promise.all(asks);
  const lost = answers.filter(({ outcome }) => outcome !== "ok").map(({ outcome }) => outcome);
  const longest = Math.round(Math.max(...answers.map(({ ms }) => ms)));
  console.log(
    `a move: ${answers.length} asked, ${lost.length} lost (${lost.join()}), ${longest} ms`,
  );
  expect(lost.filter((outcome) => outcome === "ECONNREFUSED")).toEqual([]);
  // Who was being answered as the source was stopped.
  expect(lost.length).toBeLessThanOrEqual(5);
  expect((await ask("node1", 7000, "\n")).said).toContain(ip("raw-0"));
});

test("restarts of Docker and of the router, and a reboot", async () => {
  await on("node2", "systemctl restart docker");
  await answersEverywhere(120);
  await on("node2", "docker restart -t 1 weave");
  await answersEverywhere(60);
  await lab.reboot("node2", apples.lab);
  await answersEverywhere(180);
  await until("all replicas in turn", 30, async () => (await whoAnswers("node2")) === both());
});

test("what somebody took away, a refresh finds, and an up puts it back", async () => {
  const name = await on(
    "node3",
    "docker ps --filter label=pulumi-ferry.ports --format '{{.Names}}'",
  );
  await on("node3", `docker rm -f ${name.trim()}`);
  await apples.up("--refresh");
  await answersEverywhere(30);
});

test("a port that is published twice on a host is refused in the preview", async () => {
  const other = `  other:${serviceOf(raw)}\n    ports: ["8080:80"]\n    networks: [front]\n`;
  await declare({ compose: COMPOSE.replace("networks: { front", `${other}networks: { front`) });
  const { code, stdout, stderr } = await apples.project.run(["preview"]);
  expect(code).not.toBe(0);
  expect(stdout + stderr).toMatch(/port 8080\/tcp of host 'node\d' is published by/);
});

test("nothing of it stays on the hosts", async () => {
  await apples.destroy();
  for (const host of HOSTS) {
    const left =
      "ls /var/lib/ferry/ports 2>/dev/null; docker ps -aq --filter label=pulumi-ferry.ports";
    expect(await on(host, `${left}; true`)).toBe("");
    for (const port of [8080, 7000, 2525])
      expect((await ask(host, port, "\n", 5)).outcome).toBe("ECONNREFUSED");
  }
});

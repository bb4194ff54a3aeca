import { createServer, type IncomingMessage, type Server, type ServerResponse } from "http";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "fs";
import { tmpdir } from "os";
import { join } from "path";
import { PassThrough } from "stream";
import type { ContainerRequest, Docker } from "../../provider/core/adapter-ports";
import { sshHostDirectory } from "../../provider/adapters/host-directory";
import { TestServer } from "./ssh-server";

type Answer = (request: IncomingMessage, response: ServerResponse, body: string) => void;

const folder = mkdtempSync(join(tmpdir(), "ferry-docker-"));
const hosts = sshHostDirectory();
let ssh: TestServer;
let docker: Docker;
let daemon: Server;
let proxy: Server;
/** "docker POST /containers/create?name=x body": all that arrived. */
const seen: string[] = [];
let channels = 0;
let mostAtOnce = 0;
let answer: Answer;

function listening(name: string): Promise<Server> {
  let atOnce = 0;
  const server = createServer((request, response) => {
    mostAtOnce = Math.max(mostAtOnce, ++atOnce);
    response.on("close", () => atOnce--);
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks).toString();
      seen.push(`${name} ${request.method ?? ""} ${request.url ?? ""} ${body}`.trim());
      answer(request, response, body);
    });
  });
  server.on("connection", () => (channels += 1));
  return new Promise((resolve) => server.listen(join(folder, name), () => resolve(server)));
}

const json = (value: unknown, code = 200): Answer => {
  return (_request, response) => {
    response.writeHead(code, { "Content-Type": "application/json" });
    response.end(JSON.stringify(value));
  };
};

beforeAll(async () => {
  ssh = await new TestServer().listen();
  daemon = await listening("docker");
  proxy = await listening("proxy");
  docker = (await hosts.open("node1", ssh.connection())).docker;
});
beforeEach(() => {
  ssh.sockets.set("/var/run/docker.sock", join(folder, "docker"));
  ssh.sockets.set("/var/run/weave/weave.sock", join(folder, "proxy"));
  ssh.answer = () => undefined;
  seen.length = 0;
  channels = 0;
  mostAtOnce = 0;
  answer = json({ message: "not expected" }, 500);
});
afterAll(async () => {
  await hosts.close();
  await ssh.close();
  for (const server of [daemon, proxy]) server.closeAllConnections();
  daemon.close();
  proxy.close();
  rmSync(folder, { recursive: true });
});

const request: ContainerRequest = {
  name: "web",
  spec: { image: "web:1" },
  environment: { TOKEN: "hunter2" },
  volumeNames: {},
  labels: {},
  hostname: "web",
  dnsSearch: [],
  overlayAddresses: [],
};

describe("requests", () => {
  test("go over channels of one connection, a bounded number at a time", async () => {
    answer = (incoming, response) => setTimeout(() => json(null, 404)(incoming, response, ""), 5);
    await Promise.all(Array.from({ length: 100 }, (_, i) => docker.volume(`v${i}`)));
    await docker.volume("one-more");
    expect(seen).toHaveLength(101);
    expect(mostAtOnce).toBeGreaterThan(1);
    expect(mostAtOnce).toBeLessThanOrEqual(12);
    expect(channels).toBe(101);
  });

  test("to create keep the environment out of the URL", async () => {
    answer = json({ Id: "abc" }, 201);
    expect(await docker.create(request)).toBe("abc");
    expect(seen[0]).toMatch(/^docker POST \/containers\/create\?name=web \{.*TOKEN=hunter2/);
  });

  test("go through Weave's proxy with overlay addresses, and when started so", async () => {
    answer = json({ Id: "abc" }, 201);
    await docker.create({ ...request, overlayAddresses: ["10.40.0.2/24"] });
    answer = json(null, 204);
    await docker.start("abc", { proxied: true });
    await docker.start("abc", { proxied: false });
    expect(seen.map((line) => line.split(" ").slice(0, 3).join(" "))).toEqual([
      "proxy POST /containers/create?name=web",
      "proxy POST /containers/abc/start",
      "docker POST /containers/abc/start",
    ]);
    expect(seen[0]).toContain("WEAVE_CIDR=10.40.0.2/24");
  });

  test("to stop wait as long as the container may take", async () => {
    answer = (incoming, response) => setTimeout(() => json(null, 204)(incoming, response, ""), 200);
    await docker.stop("abc", 90);
    expect(seen[0]).toContain("docker POST /containers/abc/stop?t=90");
  });

  test("to pull name a tag, and tell what the registry said", async () => {
    answer = (_request, response) => {
      response.write('{"status":"Pulling from a/b"}\n');
      response.end('{"errorDetail":{"message":"denied: access forbidden"},"error":"denied"}\n');
    };
    const pull = docker.pull("example.org:5000/a/b");
    await expect(pull).rejects.toThrow(
      "pulling image 'example.org:5000/a/b' failed on host 'node1'",
    );
    await expect(pull).rejects.toThrow("denied: access forbidden");
    expect(seen[0]).toContain("fromImage=example.org%3A5000%2Fa%2Fb&tag=latest");
  });

  test("to load carry the archive, and tell what was wrong with it", async () => {
    answer = json({ stream: "Loaded image: web:1\n" });
    const archive = new PassThrough();
    archive.end("an archive");
    await docker.loadImage(archive);
    expect(seen[0]).toBe("docker POST /images/load?quiet=true an archive");
    answer = json({ error: "unexpected EOF" });
    const interrupted = new PassThrough();
    interrupted.end("an arch");
    await expect(docker.loadImage(interrupted)).rejects.toThrow("unexpected EOF");
  });

  test("errors come as one sentence without the environment", async () => {
    answer = json({ message: "invalid environment TOKEN=hunter2" }, 400);
    const failure = docker.create(request);
    await expect(failure).rejects.toThrow(
      /^creating container 'web' failed on host 'node1' \(.*\): invalid environment TOKEN=\*\*\*\.$/,
    );
  });
});

describe("when something is gone", () => {
  test("a daemon that was restarted is asked anew, however often", async () => {
    answer = json(null, 404);
    for (let restart = 0; restart < 50; restart++) {
      await Promise.all([docker.volume("v"), docker.volume("w")]);
      daemon.closeAllConnections();
    }
    expect(channels).toBe(100);
  });

  test("a connection cut in the middle of a request leaves its outcome unknown", async () => {
    answer = () => setTimeout(() => ssh.disconnect(), 50);
    const creating = docker.create(request);
    await expect(creating).rejects.toThrow(
      /creating container 'web' was cut off on host 'node1'.*Its outcome is unknown/,
    );
    answer = json({ Id: "abc" }, 201);
    expect(await docker.create(request)).toBe("abc");
  });

  test("a connection cut in the middle of an answer does so too", async () => {
    answer = (_request, response) => {
      response.writeHead(201, { "Content-Length": "100" });
      response.write('{"Id":');
      setTimeout(() => ssh.disconnect(), 50);
    };
    await expect(docker.create(request)).rejects.toThrow("Its outcome is unknown");
  });

  test("a Docker that says nothing is not waited for", async () => {
    answer = () => undefined;
    const late = docker.exec("abc", ["true"], 1);
    await expect(late).rejects.toThrow(
      /running `true` in container 'abc' timed out on host 'node1'.*did not answer within 1 s/,
    );
  });

  test("no socket: Docker is not running, Weave's proxy does not answer", async () => {
    ssh.sockets.clear();
    daemon.closeAllConnections();
    proxy.closeAllConnections();
    await new Promise((resolve) => setTimeout(resolve, 50));
    const sh = (stdout: string) => () => ({ code: 0, stdout, stderr: "" });
    ssh.answer = sh("absent\n");
    await expect(docker.info()).rejects.toThrow("Docker is not running on host 'node1'");
    await expect(docker.start("abc", { proxied: true })).rejects.toThrow("Weave's proxy does not");
    ssh.answer = sh("denied\n");
    await expect(docker.info()).rejects.toThrow("add user 'ferry' to the group docker");
    const stdio = { code: 1, stderr: "dial unix: connection refused\n" };
    ssh.answer = (line) => (line.includes("dial-stdio") ? stdio : sh("silent\n")());
    await expect(docker.info()).rejects.toThrow("nothing listens on /var/run/docker.sock");
  });
});

describe("where sshd forbids forwarding to sockets", () => {
  /** Docker's own client, as far as `docker -H unix://PATH system dial-stdio` goes. */
  const client = `#!${process.execPath}
    const [flag, socket, ...words] = process.argv.slice(2);
    if (flag !== "-H" || words.join(" ") !== "system dial-stdio") process.exit(64);
    const name = socket.includes("weave") ? "proxy" : "docker";
    const way = require("net").connect(${JSON.stringify(folder)} + "/" + name);
    process.stdin.pipe(way).pipe(process.stdout);
    way.on("close", () => process.stdin.destroy());`;

  beforeEach(() => {
    ssh.sockets.clear();
    mkdirSync(join(folder, "bin"), { recursive: true });
    writeFileSync(join(folder, "bin/docker"), client, { mode: 0o755 });
    ssh.environment = () => ({
      ...process.env,
      PATH: `${join(folder, "bin")}:${process.env["PATH"] ?? ""}`,
    });
    ssh.answer = (line) =>
      line.includes("dial-stdio") ? undefined : { code: 0, stdout: "silent\n", stderr: "" };
  });
  afterEach(() => (ssh.environment = () => process.env));

  test("Docker and Weave's proxy are reached through a command, requests and archives alike", async () => {
    const own = sshHostDirectory();
    const there = (await own.open("node1", ssh.connection())).docker;
    answer = json({ Id: "abc" }, 201);
    expect(await there.create(request)).toBe("abc");
    await there.create({ ...request, overlayAddresses: ["10.40.0.2/24"] });
    expect(seen.map((line) => line.split(" ")[0])).toEqual(["docker", "proxy"]);
    answer = json({ stream: "Loaded image: web:1\n" });
    const archive = new PassThrough();
    archive.end(Buffer.alloc(500_000, "x"));
    await there.loadImage(archive);
    expect(seen.at(-1)).toHaveLength("docker POST /images/load?quiet=true ".length + 500_000);
    answer = json(null, 404);
    await Promise.all(Array.from({ length: 20 }, (_, i) => there.volume(`v${i}`)));
    expect(seen).toHaveLength(23);
    await own.close();
  });
});

import { randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { utils } from "ssh2";
import type { PulumiProject } from "../../lab";
import { must } from "../../lab/exec";
import { startRegistry, type RegistryServer } from "./registry-server";
import { MeshLab, until } from "./weave/mesh-lab";
import { afterKill, destroy, expectNothingToDo, kill, UP, up, upFails } from "./weave/runs";

/** A registry that wants a login, and builds that need more than a folder. */

jest.setTimeout(600_000);

const hosts = new MeshLab("registry", 2);
const token = randomBytes(16).toString("hex");
const login = { username: "shop", password: randomBytes(16).toString("hex") };
let project: PulumiProject;
let registry: RegistryServer;
let archive: Server;

const WEB = `FROM below
COPY --from=shared note /note
RUN --mount=type=secret,id=token sha256sum </run/secrets/token >/digest && ulimit -n >/limit
RUN --mount=type=ssh,id=deploy test -S "$SSH_AUTH_SOCK"
`;

const home = () => join(hosts.lab.dir, "registry");

function put(path: string, content: string, folder = project.folder): void {
  const file = join(folder, path);
  mkdirSync(join(file, ".."), { recursive: true });
  writeFileSync(file, content);
}

/** A program that keeps the login, where the machine's Docker configuration says so. */
function keepLogin(): void {
  const answer = JSON.stringify({ Username: login.username, Secret: login.password });
  put("bin/docker-credential-lab", `#!/bin/sh\nread -r asked || :\necho '${answer}'\n`, home());
  chmodSync(join(home(), "bin/docker-credential-lab"), 0o755);
  put("docker/config.json", JSON.stringify({ credHelpers: { [registry.address]: "lab" } }), home());
}

const run = (host: string, command: string) => hosts.run(host, command).then((said) => said.trim());
const images = (host: string, label: string) =>
  run(host, `docker images --filter label=${label} --format '{{.Repository}}:{{.Tag}}'`);
const WHOLE = ["pulumi-ferry.build", "pulumi-ferry.build-context"];

/** An archive with a Dockerfile, as hosts fetch it by themselves. */
async function serveContext(): Promise<string> {
  put("fetched/Dockerfile", "FROM ferry-demo/box:1\nCOPY note /note\n");
  put("fetched/note", "fetched\n");
  const packed = await must([
    "sh",
    "-c",
    `tar -C '${join(project.folder, "fetched")}' -c . | base64`,
  ]);
  archive = createServer((_, answer) => answer.end(Buffer.from(packed, "base64")));
  const address = `${hosts.lab.network}.254`;
  await new Promise<void>((done) => archive.listen(0, address, done));
  return `http://${address}:${(archive.address() as { port: number }).port}/context.tar`;
}

/** What the lab's image is called there by its content, once a host has pushed it. */
async function pushTool(): Promise<string> {
  const name = `${registry.address}/shop/tool:1`;
  const script = `docker login -u ${login.username} --password-stdin ${registry.address} && docker tag ferry-demo/box:1 ${name} && docker push ${name}`;
  await hosts.runWithInput("node1", script, login.password);
  const digest = await run("node1", `docker inspect -f '{{index .RepoDigests 0}}' ${name}`);
  await run("node1", `docker logout ${registry.address} && docker rmi ${name}`);
  return digest;
}

beforeAll(async () => {
  await hosts.up();
  const environment = {
    DOCKER_CONFIG: join(home(), "docker"),
    PATH: `${join(home(), "bin")}:${process.env["PATH"] ?? ""}`,
  };
  registry = await startRegistry(hosts, home(), login);
  const folder = join(__dirname, "programs", "registry");
  project = await hosts.project(folder, hosts.names, { environment });
  await project.setConfig("token", token, { secret: true });
  await project.setConfig("context", await serveContext());
  put("id", utils.generateKeyPairSync("ed25519").private);
  put("web/Dockerfile", WEB);
  put("base/Dockerfile", "ARG FROM\nFROM ${FROM}\nRUN echo below >/below\n");
  put("shared/note", "shared\n");
  await project.setConfig("tool", await pushTool());
});

afterAll(async () => {
  archive.close();
  registry.stop();
  await hosts.down();
});

test("a registry that wants a login gets none, and says so", async () => {
  const said = await upFails(project);
  expect(said).toMatch(/pulling image '\S+' failed on host 'node2'.*(no basic auth|unauthorized)/s);
});

test("the program that keeps the login is asked; builds have what they need", async () => {
  keepLogin();
  const said = await up(project);
  const read = (host: string, name: string, path: string) =>
    run(host, `docker exec ${name} cat ${path}`);
  expect(await read("node1", "apples-web-0", "/note")).toBe("shared");
  expect(await read("node1", "apples-web-0", "/below")).toBe("below");
  expect(await read("node1", "apples-base-0", "/below")).toBe("below");
  expect(await read("node2", "apples-fetched-0", "/note")).toBe("fetched");
  const digest = (await must(["sh", "-c", `printf ${token} | sha256sum`])).trim();
  expect(await read("node1", "apples-web-0", "/digest")).toBe(digest);
  const state = await project.exportState();
  const layers = await run(
    "node1",
    `docker save $(docker inspect -f '{{.Image}}' apples-web-0) | grep -c -e ${token} -e 'PRIVATE KEY' || :`,
  );
  expect(layers).toBe("0");
  for (const hidden of [token, login.password]) {
    expect(said).not.toContain(hidden);
    expect(state).not.toContain(hidden);
  }
  expect((await images("node1", "pulumi-ferry.build-context")).trim()).toBe("");
  await expectNothingToDo(project);
});

test("a run that is killed amid a build leaves nothing, and the next run builds", async () => {
  const before = await run("node1", "docker inspect -f '{{.Id}}' apples-web-0");
  put("web/Dockerfile", `${WEB}RUN sleep 6 && echo done >/done\n`);
  const killed = project.start(UP);
  const steps = "ps -eo args | grep -c '^sleep 6$' || :";
  await until("it builds", 120, async () => (await run("node1", steps)) !== "0");
  kill(killed, "provider");
  kill(killed, "engine");
  await afterKill(project, killed);
  expect(await run("node1", "docker inspect -f '{{.Id}}' apples-web-0")).toBe(before);
  await until("the host has ended it", 10, async () => (await run("node1", steps)) === "0");
  await up(project);
  expect(await run("node1", "docker exec apples-web-0 cat /done")).toBe("done");
  expect(await images("node1", "pulumi-ferry.build-context")).toBe("");
  expect((await images("node1", "pulumi-ferry.build")).split("\n")).toHaveLength(2);
});

test("destroy removes what was built, and what that was built on", async () => {
  await destroy(project);
  for (const host of hosts.names)
    for (const label of WHOLE) expect(await images(host, label)).toBe("");
});

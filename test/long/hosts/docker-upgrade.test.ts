import { copyFileSync, chmodSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { completeKind } from "../../../lab";
import { dockerConfig, hasSysResource } from "../../../lab/host-files";
import { builtDocker } from "../../../lab/setup/docker";
import { resultOf } from "../../../lab/setup/step";
import { weaveBuild } from "../../../lab/setup/weave";
import { ensureHosts } from "../../../lab/setup/steps";
import { MeshLab, until } from "../../lab/weave/mesh-lab";
import { destroy, expectNothingToDo, up } from "../../lab/weave/runs";
import { Apples } from "./apples";

/**
 * Docker is replaced by a newer one on one host after the other, as a package manager does it,
 * under a cluster that is used. The newer one takes no API as old as the running routers speak.
 */

const mesh = new MeshLab("docker-upgrade", 3, ["trixie/26.1", "trixie/26.1", "trixie/26.1"]);
const apples = new Apples(mesh);
const OLD = completeKind({ docker: "26.1" });
const NEW = completeKind({ docker: "29", store: OLD.store });

let before: Record<string, string>;

jest.setTimeout(1_200_000);

beforeAll(async () => {
  await mesh.up();
  await ensureHosts([NEW], () => undefined);
  await apples.start();
  before = await apples.addresses();
});
afterAll(() => mesh.down());

/** Daemon, proxy and command line, each by a rename, and then a restart of the service. */
async function upgradeDocker(host: string): Promise<void> {
  const tree = join(resultOf(builtDocker("29")), "root");
  for (const place of ["usr/sbin/dockerd", "usr/sbin/docker-proxy", "usr/bin/docker"]) {
    const target = mesh.onDisk(host, place);
    copyFileSync(join(tree, place), `${target}.new`);
    chmodSync(`${target}.new`, 0o755);
    renameSync(`${target}.new`, target);
  }
  const wrapRunc = !hasSysResource(readFileSync("/proc/self/status", "utf8"));
  writeFileSync(mesh.onDisk(host, "etc/docker/daemon.json"), dockerConfig(NEW, wrapRunc));
  await mesh.run(host, "systemctl restart docker.service");
  const version = "docker version -f '{{.Server.Version}} {{.Server.MinAPIVersion}}'";
  expect(await mesh.run(host, version)).toMatch(/^29\.\S+ 1\.4\d\n$/);
}

async function routerDies(host: string): Promise<void> {
  const ask = "docker inspect -f '{{.RestartCount}}' weave";
  await until(
    `the router on ${host} dies`,
    60,
    async () => Number((await mesh.run(host, ask)).trim()),
    (restarts) => restarts > 1,
  );
}

test("begins on the older Docker, whose routers are told nothing of its API", async () => {
  const ask = "docker version -f '{{.Server.Version}} {{.Server.MinAPIVersion}}'";
  for (const name of mesh.names) expect(await mesh.run(name, ask)).toMatch(/^26\.1\.\S+ 1\.24\n$/);
  for (const router of await apples.routers()) expect(router).not.toContain("DOCKER_API_VERSION");
});

test("what runs through Weave's proxy prints nothing from Docker 23 on, but to a terminal", async () => {
  const proxied = "docker -H unix:///var/run/weave/weave.sock run --rm -e WEAVE_CIDR=10.44.0.99/24";
  const hello = "ferry-demo/box:1 echo hello";
  // Weave's proxy knows a stream by the type that it had before API 1.42.
  expect(await mesh.run("node2", `${proxied} ${hello}`)).toBe("");
  const older = `DOCKER_API_VERSION=1.41 ${proxied} ${hello}`;
  expect(await mesh.run("node2", older)).toBe("hello\n");
  expect((await mesh.run("node2", `${proxied} -t ${hello}`)).trim()).toBe("hello");
});

describe.each(["node2", "node1"])("Docker 29 on %s", (host) => {
  test("a refresh tells what is broken, on which host, and in the router's own words", async () => {
    await upgradeDocker(host);
    await routerDies(host);
    const { code, stdout, stderr } = await apples.project.run(["refresh", "--yes"]);
    const said = stdout + stderr;
    console.log(`refresh after the upgrade on ${host}`, said.match(/.*(?:too old|rout).*/g));
    expect(code).toBe(0);
    expect(said).toMatch(new RegExp(`${host}.*client version 1\\.24 is too old`, "s"));
  });

  test("`up` mends it: the router is back, and every container has its address", async () => {
    await apples.during(`mending ${host}`, () => up(apples.project));
    const routers = await apples.routers();
    expect(routers[mesh.names.indexOf(host)]).toContain("DOCKER_API_VERSION=1.4");
    expect(await apples.addresses()).toEqual(before);
    await expectNothingToDo(apples.project);
  });
});

test("no acknowledged write was lost", () => apples.expectNothingLost());

test("a reboot with the newer Docker brings all of it back by itself", async () => {
  await mesh.reboot("node1");
  await apples.answering();
  expect(await apples.addresses()).toEqual(before);
});

test("`up --refresh` alone mends the last one, and there is nothing left to do", async () => {
  await upgradeDocker("node3");
  await routerDies("node3");
  await up(apples.project, "--refresh");
  await apples.answering();
  expect(await apples.addresses()).toEqual(before);
  await expectNothingToDo(apples.project);
});

test("weaveworks' own command launches reWeave's router there, as it is told whose images to take", async () => {
  const command = "/opt/weaveworks-weave";
  const target = mesh.onDisk("node3", command);
  copyFileSync(join(resultOf(weaveBuild("weave-2.6.5")), "bin/weave"), target);
  chmodSync(target, 0o755);
  const weave = { version: "2.9.0", images: "rajchaudhuri", command };
  const extraFlags = ["--plugin=false", "--log-level=debug"];
  await apples.set({ peers: { node3: { weave, extraFlags } } });
  await up(apples.project);
  const router = (await apples.routers())[2];
  expect(router).toMatch(/^rajchaudhuri\/weave:2\.9\.0 .*DOCKER_API_VERSION=1\.4/);
  await apples.answering();
  expect(await apples.addresses()).toEqual(before);
  await expectNothingToDo(apples.project);
});

test("it goes, and leaves nothing of Weave's", async () => {
  await apples.removeProbes();
  await destroy(apples.project);
  for (const name of mesh.names) {
    expect(await mesh.run(name, "docker ps -aq")).toBe("");
    expect(await mesh.run(name, "ls /sys/class/net")).not.toContain("weave");
  }
});

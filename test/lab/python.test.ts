import { execFile } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import type { PulumiProject } from "../../lab";
import { repoRoot } from "../../lab/setup/pulumi";
import { pythonEngine } from "../../lab/setup/python";
import { MeshLab } from "./weave/mesh-lab";
import { destroy, up } from "./weave/runs";

/**
 * The example in Python, as docs/languages.md says it: the packed tarball from npm, an SDK that
 * `pulumi package add` generates from it, and real hosts.
 */

jest.setTimeout(900_000);

const hosts = new MeshLab("python", 2);
const execute = promisify(execFile);
let project: PulumiProject;

beforeAll(async () => {
  await hosts.up();
  const engine = await pythonEngine((line) => void process.stderr.write(`${line}\n`));
  const program = join(repoRoot, "examples", "python");
  project = await hosts.project(program, hosts.names, {
    password: "open sesame",
    environment: {
      PATH: `${engine}:${process.env["PATH"] ?? ""}`,
      // `package add` has npm install what the plugin needs: it is at hand by then.
      npm_config_prefer_offline: "true",
    },
  });
  await project.setConfig("image", "ferry-demo/redis:1");
  const { folder } = project;
  rmSync(join(folder, "node_modules"));
  const npm = (cwd: string, ...args: string[]) => execute("npm", args, { cwd });
  const { stdout } = await npm(repoRoot, "pack", "--ignore-scripts", "--pack-destination", folder);
  const packages = [join(folder, stdout.trim()), "@pulumi/pulumi@3.260.0"];
  await npm(folder, "install", "--no-audit", "--no-fund", ...packages);
});

afterAll(() => hosts.down());

/** What is told of redis. */
const redis = async () => {
  const { addresses, placement } = (await project.outputs()) as Record<
    "addresses" | "placement",
    Record<string, string[]>
  >;
  return { ip: addresses["redis"]?.[0], host: placement["redis"]?.[0] };
};
const onRedisOf = (host: string, command: string) =>
  hosts.run(host, `docker exec apples-redis-0 ${command}`);
let ip: string | undefined;

test("`pulumi package add` generates an SDK of all components from the packed tarball", async () => {
  await project.quietly(["package", "add", "./node_modules/pulumi-ferry"]);
  const module = join(project.folder, "sdks/pulumi-ferry/pulumi_ferry/__init__.py");
  const { stdout } = await execute("cat", [module]);
  for (const name of ["weave_cluster", "peer", "deployment", "service_replica", "flocker_volume"])
    expect(stdout).toContain(`from .${name} import *`);
});

test("a first preview shows subnets and addresses", async () => {
  const preview = await project.quietly(["preview"]);
  expect(preview).toMatch(/subnet *: "10\.4\d\.\d+\.\d+\/27"/);
  ip = /redis: \[\s*\[0\]: "(10\.4[^"]+)"/.exec(preview)?.[1];
  expect(ip).toBeDefined();
});

test("up keeps what the preview said, and a second one changes nothing", async () => {
  await up(project);
  expect(await redis()).toEqual({ ip, host: "node1" });
  expect(await onRedisOf("node1", "ip -4 -o addr show ethwe")).toContain(`${ip ?? ""}/`);
  await project.quietly(["up", "--yes", "--skip-preview", "--expect-no-changes"]);
  await project.quietly(["up", "--yes", "--skip-preview", "--expect-no-changes", "--refresh"]);
});

test("another host in the program moves it with its address and its data", async () => {
  await onRedisOf("node1", "redis-cli set apples 5");
  await project.setConfig("redisHost", "node2");
  await up(project);
  expect(await redis()).toEqual({ ip, host: "node2" });
  expect(await onRedisOf("node2", "redis-cli get apples")).toContain("5");
});

test("no key and no password is in state in clear", async () => {
  const state = await project.exportState();
  expect(state).not.toContain("open sesame");
  expect(state).not.toContain("PRIVATE KEY");
});

test("destroy leaves nothing behind", async () => {
  await destroy(project);
  await hosts.expectAsFresh();
});

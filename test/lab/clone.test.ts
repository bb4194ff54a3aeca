import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

import { MobyCounter } from "../../examples/moby-counter/demo/application";
import { labConnections, mustRun, run, snapshot } from "../../lab";
import { exec, must } from "../../lab/exec";
import { OwnLab } from "./own-lab";

/** A clone as a newcomer uses it, once `npm run lab -- up 3` is done. */

const ROOT = join(__dirname, "..", "..");
const WEB = join(ROOT, "examples/moby-counter/web");
const STACK = "clone-test";

jest.setTimeout(900_000);

const own = new OwnLab("clone");

beforeAll(() => own.up(3), 600_000);
afterAll(async () => {
  await own.down();
  rmSync(join(ROOT, `Pulumi.${STACK}.yaml`), { force: true });
});

test("a plain `pulumi up` runs the main example on the lab's hosts, and says nothing of secrets", async () => {
  const env = {
    ...own.environment,
    PULUMI_BACKEND_URL: `file://${own.home}`,
    PULUMI_CONFIG_PASSPHRASE: "clone",
    PULUMI_SKIP_UPDATE_CHECK: "true",
  };
  const pulumi = async (...args: string[]) => {
    const options = { cwd: ROOT, env };
    const { code, stdout, stderr } = await exec(["pulumi", ...args, "--non-interactive"], options);
    if (code !== 0) throw new Error(`pulumi ${args.join(" ")} failed:\n${stdout}\n${stderr}`);
    return stdout;
  };
  const before = await snapshot("node1", own.lab);
  await pulumi("stack", "init", STACK);
  const stack = ["--stack", STACK];
  const up = await pulumi("up", "--yes", ...stack);
  const { redisIp, webHost } = JSON.parse(await pulumi("stack", "output", "--json", ...stack)) as {
    redisIp: string;
    webHost: string;
  };
  expect(redisIp).toBe("10.40.0.2");
  const page = new MobyCounter(labConnections(own.lab)[webHost]?.host ?? "");
  await page.post("100:100");
  expect(await page.marks()).toEqual(["100:100"]);

  expect(await pulumi("up", "--yes", ...stack)).toMatch(/Resources:\n +22 unchanged\n/);

  const key = labConnections(own.lab)["node1"]?.privateKey.trim().split("\n")[1] ?? "";
  expect(key).not.toBe("");
  const kept = readFileSync(join(ROOT, `Pulumi.${STACK}.yaml`), "utf8");
  for (const reported of [up, kept, await pulumi("stack", "export", ...stack)]) {
    expect(reported).not.toContain(key);
  }

  await pulumi("destroy", "--yes", ...stack);
  expect(await snapshot("node1", own.lab)).toEqual(before);
});

test("web's Dockerfile makes what the lab has for it", async () => {
  const lab = own.lab;
  const context = join(own.home, "web.tar");
  await must(["tar", "-C", WEB, "-cf", context, "."]);
  const build = "docker build -q -t built:1 --build-arg NODE_IMAGE=ferry-demo/node:18 -";
  const built = await run("node1", build, { input: readFileSync(context) }, lab);
  expect(built).toMatchObject({ code: 0 });
  const saying = (image: string, ...args: string[]) =>
    mustRun("node1", ["docker", "run", "--rm", image, ...args], lab);
  const listing = ["-p", "require('fs').readdirSync('.', { recursive: true }).sort().join()"];
  expect(await saying("built:1", ...listing)).toBe(await saying("ferry-demo/web:1", ...listing));
  const shown = "docker image inspect -f '{{json .Config.Cmd}}{{.Config.WorkingDir}}'";
  const [mine, labs] = (await mustRun("node1", `${shown} built:1 ferry-demo/web:1`, lab))
    .trim()
    .split("\n");
  expect(mine).toBe(labs);
});

test("images of the examples have the names that registries have", async () => {
  const files = ["moby-counter/fig.yml", "existing/index.ts"];
  const named = files.flatMap((file) =>
    [...readFileSync(join(ROOT, "examples", file), "utf8").matchAll(/[a-z]+:\d+\b(?=[\s"])/g)].map(
      ([image]) => image,
    ),
  );
  expect(named.sort()).toEqual(["busybox:1", "redis:7"]);
  await mustRun("node1", ["docker", "image", "inspect", ...named], own.lab);
});

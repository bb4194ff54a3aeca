import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import * as lab from "../../../lab";
import { exec } from "../../../lab/exec";
import { hostNamed } from "../../../lab/identity";
import { ensure, resultOf } from "../../../lab/setup/step";
import { weaveBuild } from "../../../lab/setup/weave";
import { weaveImages } from "../../../lab/setup/weave-images";
import { sshHostDirectory } from "../../../provider/adapters/host-directory";
import { packageFiles } from "../../../components/package-files";
import { readBootstrap, type BootstrapSettings } from "../../../provider/core/bootstrap/settings";
import { bootstrapCopies, bootstrapSteps } from "../../../provider/core/bootstrap/steps";
import type { Host } from "../../../provider/core/adapter-ports";
import { hostHandler } from "../../../provider/handlers/host";
import { hostProgram } from "../../../provider/on-host/load";
import { OwnLab } from "../../lab/own-lab";
import { destroy, expectNothingToDo, up } from "../../lab/weave/runs";

/**
 * A machine that has sshd and nothing else, and reaches no mirror, is prepared from files by the
 * very commands and scripts that `bootstrap` gives to @pulumi/command, whose plugin is not to be
 * had here: over Ferry's own SSH, in the order of the resources, as a user with sudo. Then it joins
 * the network of a host that was there, by the real engine.
 */
jest.setTimeout(1_200_000);

const own = new OwnLab("fresh-machine");
const folder = mkdtempSync(join(tmpdir(), "ferry-fresh-machine-"));
const hosts = sshHostDirectory();
const FRESH = "node2";
const WEAVE = "weave-as-reweave";

let settings: BootstrapSettings;
let project: lab.PulumiProject;

const asDeployer = () => ({ ...lab.labConnections(own.lab)[FRESH]!, user: "ferry" });
const on = (command: string) => lab.mustRun(FRESH, command, own.lab);

beforeAll(async () => {
  await own.up(2, ["trixie", "trixie/none"]);
  const packages = lab.barePackages("trixie");
  await ensure(packages, { index: 1, count: 1 }, (line) => console.error(line));
  settings = readBootstrap({
    packages: join(resultOf(packages), "packages"),
    weave: {
      command: join(resultOf(weaveBuild(WEAVE)), "bin/weave"),
      archive: join(resultOf(weaveImages(WEAVE)), "images.tar"),
    },
  }) as BootstrapSettings;
});

afterAll(async () => {
  await hosts.close();
  await own.down();
  rmSync(folder, { recursive: true, force: true });
});

/** As CopyToRemote: by SFTP, with the folders on the way made, and a folder below its target. */
async function copy(deployer: Host): Promise<void> {
  const { ip } = hostNamed(own.lab, FRESH)!;
  const options = [
    ...[
      "-F",
      "none",
      "-i",
      join(own.lab.dir, "key"),
      "-o",
      "BatchMode=yes",
      "-o",
      "LogLevel=ERROR",
    ],
    ...["-o", `UserKnownHostsFile=${join(own.lab.dir, "known_hosts")}`, "-o", "IdentitiesOnly=yes"],
  ];
  for (const { source, target } of bootstrapCopies(settings)) {
    const made = target.slice(0, target.lastIndexOf("/"));
    await deployer.shell.check({ argv: ["mkdir", "-p", made] });
    const copied = await exec(["scp", "-q", "-r", ...options, source, `ferry@${ip}:${target}`]);
    expect(copied).toMatchObject({ code: 0, stderr: "" });
  }
}

/** Each command as the login shell gets it, with its script by standard input. */
async function prepare(deployer: Host): Promise<string> {
  let said = "";
  for (const step of bootstrapSteps(settings, hostProgram, packageFiles(settings.packages ?? ""))) {
    if (step.part === "docker") await copy(deployer);
    const { exitCode, stdout, stderr } = await deployer.shell.run({
      argv: ["sh", "-c", step.command],
      stdin: step.stdin({}),
      timeoutSeconds: 600,
    });
    if (exitCode !== 0) throw new Error(`${step.part} ended with ${exitCode}: ${stdout}${stderr}`);
    said += stdout;
  }
  return said;
}

const look = () => {
  const context = {
    hosts: sshHostDirectory(),
    progress: { info: () => undefined, warn: () => undefined },
  };
  const handler = hostHandler(context);
  const { inputs } = handler.check({}, { cluster: "net", name: FRESH, connection: asDeployer() });
  return handler.create(inputs).finally(() => context.hosts.close());
};

test("a fresh machine has nothing, and says so in words", async () => {
  const ask =
    "for each in docker dockerd rsync python3 iptables ip weave; do command -v $each; done; true";
  expect(await on(ask)).toBe("");
  await expect(look()).rejects.toThrow(/Docker.*bootstrap/s);
});

test("is prepared from files, by a user with sudo, who then reaches Docker", async () => {
  const deployer = await hosts.open(FRESH, asDeployer());
  const said = await prepare(deployer);
  expect(said.split("\n").filter((line) => line !== "")).toEqual([
    "debian 13 on x86_64",
    "installing Docker",
    "ferry is in the group docker",
    expect.stringMatching(/^Docker 26\.1\.\d+.* answers$/),
    "the tools are there",
    expect.stringMatching(/^the weave command of version 2\.9\.0 was put there; its sha256 is /),
    "loading Weave's images",
    "Weave's images of 2.9.0 by rajchaudhuri are there",
  ]);
  expect(await on("ls -A ~ferry")).not.toContain("pulumi-ferry");
  const { outs } = await look();
  expect(outs).toMatchObject({ weaveVersion: "2.9.0" });
});

test("a second time nothing is done", async () => {
  const state = () =>
    on(
      "dpkg-query -W; systemctl show -P ExecMainPID docker containerd; docker images --no-trunc | sort; " +
        "find /etc /usr/local /usr/sbin -newer /etc/machine-id -type f -printf '%p %T@\\n' | sort",
    );
  const before = await state();
  const said = await prepare(await hosts.open(FRESH, asDeployer()));
  expect(said).toContain("Docker is there: Docker version 26.1");
  expect(said).toContain("the weave command is there: 2.9.0");
  expect(said).not.toContain("installing");
  expect(await state()).toBe(before);
});

test("joins the network, keeps its place after a reboot, and leaves it again", async () => {
  Object.assign(process.env, own.environment);
  const program = join(__dirname, "..", "..", "..", "examples", "uniform");
  project = await lab.PulumiProject.create(program, join(folder, "project"));
  const connections = lab.labConnections(own.lab);
  const reached = Object.entries(connections).map(([name, { host, hostKey }]) => [
    name,
    { host, hostKey },
  ]);
  await project.setConfig("hosts", JSON.stringify(Object.fromEntries(reached)));
  await project.setConfig("privateKey", connections[FRESH]!.privateKey, { secret: true });
  await project.setConfig("weavePassword", "open sesame", { secret: true });
  await up(project);
  const established = async () => (await on("weave status connections")).includes("established");
  expect(await established()).toBe(true);
  await expectNothingToDo(project);

  await lab.reboot(FRESH, own.lab);
  for (let left = 60; left > 0 && !(await established().catch(() => false)); left -= 1) {
    await new Promise((done) => setTimeout(done, 1_000));
  }
  expect(await established()).toBe(true);
  await expectNothingToDo(project);

  await destroy(project);
  expect((await on("docker ps -aq")).trim()).toBe("");
  expect(await on("command -v weave")).toBe("/usr/local/bin/weave\n");
});

import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { machineFacts } from "../../provider/adapters/host/machine-facts";
import { sshHostDirectory } from "../../provider/adapters/host-directory";
import type { HostDirectory } from "../../provider/core/adapter-ports";
import { TestServer } from "./ssh-server";

const server = new TestServer();
let directory: HostDirectory;

beforeAll(async () => {
  await server.listen();
  directory = sshHostDirectory();
});
afterAll(async () => {
  await directory.close();
  await server.close();
});

const seconds = () => Date.now() / 1000;

test("a machine is asked by its own shell, and this one keeps its own time", async () => {
  const host = await directory.open("here", server.connection({ user: "root" }));
  const facts = await machineFacts(host, seconds);
  expect(facts.clockAheadSeconds).toBe(0);
  expect(facts.selinux).toBe("none");
});

test.each([
  [100, 100],
  [-100, -99],
])("a clock that is %d s off is seen", async (off, seen) => {
  const host = await directory.open("here", server.connection({ user: "root" }));
  const { clockAheadSeconds } = await machineFacts(host, () => seconds() - off);
  expect(Math.abs(clockAheadSeconds - seen)).toBeLessThanOrEqual(2);
});

test("whatever a host prints beside it is no answer; none at all is told with the host", async () => {
  const noisy = (stdout: string) => ({
    name: "noisy",
    shell: { script: () => Promise.resolve({ exitCode: 0, stdout, stderr: "" }) } as never,
  });
  const answer = "welcome\ndocker=no\nferry-fact time=1000\nferry-fact docker=yes\n";
  expect(await machineFacts(noisy(answer), () => 1000)).toMatchObject({
    hasDockerCommand: true,
    clockAheadSeconds: 0,
  });
  await expect(machineFacts(noisy("welcome\n"), () => 1000)).rejects.toThrow(
    "looking at what it has failed on host 'noisy'",
  );
});

describe("the docker command and its daemon", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "ferry-facts-"))));
  afterEach(() => rmSync(folder, { recursive: true }));

  /**
   * `docker version -f TEMPLATE` prints what of the command it has, and what of the daemon it
   * lacks.
   */
  const machineWith = (version: string, ends: string) => {
    const template = `printf '%s\\n' "$3" | sed 's/{{.Client.Version}}/${version}/'`;
    writeFileSync(join(folder, "docker"), `#!/bin/sh\n${template}\n${ends}\n`);
    chmodSync(join(folder, "docker"), 0o755);
    const env = { ...process.env, PATH: `${folder}:${process.env["PATH"] ?? ""}` };
    const script = (input: string, args: string[]) => {
      const { status, stdout } = spawnSync("dash", ["-s", "--", ...args], { input, env });
      return Promise.resolve({ exitCode: status, stdout: String(stdout), stderr: "" });
    };
    return machineFacts({ name: "a", shell: { script } as never }, seconds);
  };

  test.each([
    "Error response from daemon: client version 1.41 is too old. Minimum supported API version is 1.44, please upgrade your client to a newer version",
    "Error response from daemon: client version 1.52 is too new. Maximum supported API version is 1.41",
  ])("refused: %s", async (words) => {
    const { refusedDockerCommand } = await machineWith("20.10.24", `echo '${words}' >&2; exit 1`);
    expect(refusedDockerCommand).toBe("20.10.24");
  });

  test.each([
    "exit 0",
    "echo 'Cannot connect to the Docker daemon at unix:///var/run/docker.sock.' >&2; exit 1",
  ])("not refused: %s", async (ends) => {
    const facts = await machineWith("29.0.1", ends);
    expect(facts).toMatchObject({ hasDockerCommand: true });
    expect(facts.refusedDockerCommand).toBeUndefined();
  });
});

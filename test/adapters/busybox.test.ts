import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { machineFacts } from "../../provider/adapters/host/machine-facts";
import { disksOf } from "../../provider/adapters/host/disks";
import { hostFacts } from "../../provider/adapters/host/host-facts";
import { hostProgram } from "../../provider/on-host/load";
import { readArgv, writeArgv } from "../../provider/adapters/ssh/files";
import { readMachine } from "../../provider/adapters/ssh/machine";
import { EXPOSED, FORGET_REMOVED } from "../../provider/adapters/weave/host-scripts";
import { NEEDED_TOOLS, packagesFor } from "../../provider/core/host/needed-tools";
import type { DockerInfo, Host } from "../../provider/core/adapter-ports";
import { shellsHere } from "./shells-here";

const CAPABILITIES = hostProgram("volume/capabilities.sh");

/**
 * Hosts whose tools are busybox's, as Alpine's: what looks at a host and says what it lacks works
 * there by busybox alone. What copies and compares needs the packages that this says, and then runs
 * under busybox's shell as under any other (`test/long/busybox-shell.test.ts`).
 */

const hasBusybox = shellsHere.includes("busybox sh");
const withBusybox = hasBusybox ? describe : describe.skip;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "ferry-busybox-"));
  mkdirSync(join(folder, "bin"));
  const path = spawnSync("sh", ["-c", "command -v busybox"], { encoding: "utf8" }).stdout.trim();
  for (const applet of spawnSync(path, ["--list"], { encoding: "utf8" }).stdout.split("\n")) {
    if (applet !== "" && applet !== "[[") symlinkSync(path, join(folder, "bin", applet));
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

/** With nothing of this machine's but its kernel. */
function alone(argv: readonly string[], input = "") {
  const [program = "", ...args] = argv;
  const env = { PATH: join(folder, "bin"), HOME: folder };
  const done = spawnSync(join(folder, "bin", program), args, { env, input, encoding: "utf8" });
  return { exitCode: done.status ?? 1, stdout: done.stdout, stderr: done.stderr };
}

const shell = {
  script: (text: string, args: readonly string[]) =>
    Promise.resolve(alone(["sh", "-s", "--", ...args], text)),
};
const host = { name: "alpine", shell } as unknown as Host;

withBusybox("by busybox alone", () => {
  test("a host says what it has, and which of its tools will not do", async () => {
    const { lesserTools, clockAheadSeconds } = await machineFacts(host, () => Date.now() / 1000);
    expect(lesserTools).toEqual(NEEDED_TOOLS);
    expect(clockAheadSeconds).toBe(0);
    expect(packagesFor(lesserTools)).toEqual([
      "coreutils",
      "findutils",
      "grep",
      "sed",
      "util-linux",
    ]);
  });

  test("its disks, its ports and its machine are told", async () => {
    const docker = { rootDirectory: folder, imageStore: "containerd", containerdAddress: "" };
    const { volumes, images } = await disksOf(host, docker as DockerInfo);
    expect(volumes.path).toBe(join(folder, "volumes"));
    expect(Math.min(volumes.freeBytes, images.freeBytes)).toBeGreaterThan(0);
    expect(await hostFacts.listeningPorts(host)).toEqual(expect.any(Set));
    const reported = { info: () => Promise.resolve({ id: "A" }) };
    expect(await readMachine(shell as never, reported as never)).toMatchObject({ docker: "A" });
  });

  test("files are written whole, and read", () => {
    const path = join(folder, "of our own", "file");
    expect(alone(writeArgv(path, 4, 0o640), "text")).toEqual({
      exitCode: 0,
      stdout: "",
      stderr: "",
    });
    expect(alone(readArgv(path)).stdout).toBe("text");
    expect(alone(writeArgv(path, 9), "half").stderr).toContain("the content was truncated");
    expect(readFileSync(path, "utf8")).toBe("text");
  });

  test("what looks around ends well", () => {
    for (const script of [CAPABILITIES, EXPOSED, FORGET_REMOVED]) {
      expect(alone(["sh", "-s"], script).exitCode).toBe(0);
    }
  });
});

describe("every script that is sent to hosts", () => {
  const load = createRequire(__filename);
  const provider = join(__dirname, "../../provider");
  const files = ["adapters", "core/weave"].flatMap((under) =>
    readdirSync(join(provider, under), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts") && !/fakes|\.d\.ts/.test(file))
      .map((file) => join(provider, under, file)),
  );
  const isShell = (text: unknown): text is string =>
    typeof text === "string" && text.includes("\n") && !/^(import|from|def|\[Unit\])/m.test(text);
  const inFiles = readdirSync(join(provider, "on-host"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".sh"))
    .map((file) => [file, readFileSync(join(provider, "on-host", file), "utf8")] as const);
  const inText = files.flatMap((file) =>
    Object.entries(load(file) as Record<string, unknown>).flatMap(([name, text]) =>
      isShell(text) ? [[name, text] as const] : [],
    ),
  );
  const scripts = [...inFiles, ...inText];

  test.each(shellsHere.filter((each) => !/fish|tcsh|zsh/.test(each)))("is one to %s", (name) => {
    expect(scripts.length).toBeGreaterThan(40);
    const [program = "", ...own] = name.split(" ");
    for (const [script, text] of scripts) {
      const { status, stderr } = spawnSync(program, [...own, "-n"], {
        input: text,
        encoding: "utf8",
      });
      expect({ script, status, stderr }).toEqual({ script, status: 0, stderr: "" });
    }
  });
});

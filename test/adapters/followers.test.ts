import { execFile } from "child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "fs";
import { tmpdir } from "os";
import { join } from "path";
import { promisify } from "util";
import { hostProgram } from "../../provider/on-host/load";

/**
 * The program that a host keeps for containers in another one's namespaces, with a docker that
 * answers as a test says. A process that is no more is in no namespace of a process that is.
 */
let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "followers-"))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Given {
  readonly policy?: string;
  /** The follower's process; 0 where it does not run. */
  readonly pid: number;
  readonly leadPid: number;
  /** The lead's process after an event says that it has started. */
  readonly laterPid?: number;
  readonly error?: string;
}

const GONE = 4_000_000;

/** What it has asked of docker that changes something. */
async function asked(given: Given): Promise<string[]> {
  const { policy = "always", pid, leadPid, laterPid, error = "" } = given;
  const docker = `#!/bin/sh
case "$*" in
  "ps "*) echo side ;;
  *.ID*) echo "side ${policy} ${pid} net=container:lead ipc=private pid=" ;;
  *RestartPolicy*) echo "${policy} false" ;;
  *State.Error*) echo "${error}" ;;
  "events "*" {{.Action}}") ${laterPid === undefined ? ":" : `echo ${laterPid} >"${folder}/later"; echo start`} ;;
  *State.Pid*" lead") cat "${folder}/later" 2>/dev/null || echo ${leadPid} ;;
  *State.Pid*) echo ${pid} ;;
  stop*|start*) echo "$*" >>"${folder}/said" ;;
esac`;
  writeFileSync(join(folder, "docker"), docker, { mode: 0o755 });
  const program = hostProgram("docker/followers.sh").replaceAll("/run/ferry", join(folder, "run"));
  const env = { PATH: `${folder}:${process.env["PATH"] ?? ""}` };
  await promisify(execFile)("sh", ["-c", program], { env });
  const said = join(folder, "said");
  return existsSync(said) ? readFileSync(said, "utf8").trim().split("\n") : [];
}

const here = process.pid;

test.each<[string, Given, string[]]>([
  ["is where its lead is", { pid: here, leadPid: here }, []],
  ["is where its lead was", { pid: GONE, leadPid: here }, ["stop side", "start side"]],
  ["is to wait for its lead", { pid: GONE, leadPid: 0 }, []],
  [
    "has waited for its lead",
    { pid: GONE, leadPid: 0, laterPid: here },
    ["stop side", "start side"],
  ],
  ["is fenced, or of no policy", { policy: "no", pid: GONE, leadPid: here }, []],
  ["came up before its lead", { pid: 0, leadPid: here, error: "cannot join" }, ["start side"]],
  ["somebody has stopped", { pid: 0, leadPid: here }, []],
])("one that %s", async (_, given, expected) => {
  expect(await asked(given)).toEqual(expected);
});

/** When this process began, as the kernel has it. */
const began = () => {
  const stat = readFileSync("/proc/self/stat", "utf8");
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
};

test("nothing is begun while a run is at work on the host", async () => {
  const lock = join(folder, "run", "locks", "replica");
  mkdirSync(join(folder, "run", "locks"), { recursive: true });
  writeFileSync(lock, `${here}\n${began()}\n`);
  setTimeout(() => rmSync(lock), 1_500);
  const asking = Date.now();
  expect(await asked({ pid: GONE, leadPid: here })).toEqual(["stop side", "start side"]);
  expect(Date.now() - asking).toBeGreaterThan(1_400);
});

test("a lock that a run which is gone has left keeps nobody waiting, whoever has its id now", async () => {
  mkdirSync(join(folder, "run", "locks"), { recursive: true });
  for (const [name, text] of Object.entries({ reused: `${here}\n1\n`, short: `${here}\n` })) {
    writeFileSync(join(folder, "run", "locks", name), text);
  }
  expect(await asked({ pid: GONE, leadPid: here })).toEqual(["stop side", "start side"]);
});

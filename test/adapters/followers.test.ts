import { execFile } from "child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "fs";
import { tmpdir } from "os";
import { basename, join } from "path";
import { promisify } from "util";
import { lockFileName } from "../../provider/adapters/lock/lock-name";
import { journalDirectory, journalName } from "../../provider/core/move/journal";
import { hostProgram } from "../../provider/on-host/load";

/**
 * The program that a host keeps for containers in another one's namespaces, with a docker that
 * answers as a test says. A process that is no more is in no namespace of a process that is.
 */
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "followers-"));
  mkdirSync(join(folder, "run"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Given {
  readonly policy?: string;
  /** The follower's process; 0 where it does not run. */
  readonly pid: number;
  readonly leadPid: number;
  /** The lead's process after an event says that it has started. */
  readonly laterPid?: number;
  readonly error?: string;
  /** Of a shell, while docker starts it. */
  readonly onStart?: string;
}

const GONE = 4_000_000;

const REPLICA = "shop/prod/apples/side.0";
const LOCK = lockFileName(journalName(REPLICA));
const base = () => join(folder, "run");
const lockPath = (name: string) => join(base(), "ferry", "locks", name);

/** The host's program, with everything that is a host's in the test's folder. */
const program = () =>
  hostProgram("docker/followers.sh")
    .replace("base=/run", `base=${base()}`)
    .replaceAll("/etc/systemd/system", join(folder, "units"))
    .replaceAll("/usr/local/lib/pulumi-ferry", join(folder, "lib"));

/** What it has asked of docker that changes something. */
async function asked(given: Given): Promise<string[]> {
  const { policy = "always", pid, leadPid, laterPid, error = "", onStart = ":" } = given;
  const lead = `"lead always $(cat "${folder}/later" 2>/dev/null || echo ${leadPid}) shop/prod/apples/web.0 net=default ipc=private pid="`;
  const docker = `#!/bin/sh
echo "$*" >>"${folder}/all"
case "$*" in
  "ps "*) printf 'side\nlead\n' ;;
  *.ID*)
    case "$*" in *" side"*) echo "side ${policy} $(cat "${folder}/now" 2>/dev/null || echo ${pid}) ${REPLICA} net=container:lead ipc=private pid=" ;; esac
    case "$*" in *" lead"*) echo ${lead} ;; esac ;;
  *NetworkMode*) echo "container:lead private " ;;
  *RestartPolicy*) echo "${policy} false" ;;
  *State.Error*) echo "${error}" ;;
  "events "*" {{.Action}}") ${laterPid === undefined ? ":" : `sleep 0.5; echo ${laterPid} >"${folder}/later"; for each in $(seq 500); do echo start; done`} ;;
  stop*) echo "$*" >>"${folder}/said" ;;
  start*) echo "$*" >>"${folder}/said"; echo ${here} >"${folder}/now"; ${onStart} ;;
esac`;
  writeFileSync(join(folder, "docker"), docker, { mode: 0o755 });
  const env = { PATH: `${folder}:${process.env["PATH"] ?? ""}` };
  await promisify(execFile)("sh", ["-c", program()], { env });
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

/** A lock of a run's, whose process is this one. */
function hold(name: string, text = `${here}\n${began()}\nnow\nci\na test\n`) {
  mkdirSync(lockPath("."), { recursive: true });
  writeFileSync(lockPath(name), text);
}

test("nothing is done to one while a run is at work on its replica", async () => {
  hold(LOCK);
  setTimeout(() => rmSync(lockPath(LOCK)), 1_500);
  const asking = Date.now();
  expect(await asked({ pid: GONE, leadPid: here })).toEqual(["stop side", "start side"]);
  expect(Date.now() - asking).toBeGreaterThan(1_400);
});

test("a run that is at work on other replicas keeps nobody waiting", async () => {
  hold("apples-other.0-0123456789ab");
  expect(await asked({ pid: GONE, leadPid: here })).toEqual(["stop side", "start side"]);
  expect(existsSync(lockPath("apples-other.0-0123456789ab"))).toBe(true);
});

test("a lock that a run which is gone has left keeps nobody waiting, whoever has its id now", async () => {
  hold(LOCK, `${here}\n1\nnow\nci\na test\n`);
  expect(await asked({ pid: GONE, leadPid: here })).toEqual(["stop side", "start side"]);
});

test("while one is started, its replica alone is locked, and no run waits for another one", async () => {
  const locks = join(base(), "ferry");
  const look = `{ flock -n "${locks}" echo free; head -n 5 "${lockPath(LOCK)}"; } >"${folder}/seen"`;
  await asked({ pid: GONE, leadPid: here, onStart: look });
  const [free, , , , owner, reason] = readFileSync(join(folder, "seen"), "utf8").split("\n");
  expect([free, owner, reason]).toEqual([
    "free",
    "the host itself",
    `starting ${REPLICA} again with the one whose namespaces it is in`,
  ]);
  expect(existsSync(locks)).toBe(false);
});

test("all events that have come are one look", async () => {
  await asked({ pid: here, leadPid: here, laterPid: here });
  const looks = readFileSync(join(folder, "all"), "utf8").match(/^ps /gm) ?? [];
  expect(looks.length).toBeLessThan(20);
});

test("with the last of them it goes, and not while a run is at work", async () => {
  for (const name of ["units", "lib"]) mkdirSync(join(folder, name));
  const files = ["units/pulumi-ferry-followers.service", "lib/followers"].map((name) =>
    join(folder, name),
  );
  for (const file of files) writeFileSync(file, "");
  const systemctl = `#!/bin/sh\necho "$*" >>"${folder}/system"\n`;
  writeFileSync(join(folder, "systemctl"), systemctl, { mode: 0o755 });
  const docker = `#!/bin/sh\ncase "$*" in "events "*) echo destroy ;; esac\n`;
  writeFileSync(join(folder, "docker"), docker, { mode: 0o755 });
  hold("apples-other.0-0123456789ab");
  setTimeout(() => rmSync(lockPath("apples-other.0-0123456789ab")), 1_200);
  const asking = Date.now();
  const env = { PATH: `${folder}:${process.env["PATH"] ?? ""}` };
  await promisify(execFile)("sh", ["-c", program()], { env });
  expect(Date.now() - asking).toBeGreaterThan(1_100);
  expect(files.map((file) => existsSync(file))).toEqual([false, false]);
  expect(readFileSync(join(folder, "system"), "utf8")).toBe(
    "daemon-reload\nstop --no-block pulumi-ferry-followers.service\n",
  );
});

test.each([
  REPLICA,
  "shop/prod/apples/a_b.c-d/0",
  "shop/prod/-apples/x.1",
  `shop/prod/${"long-".repeat(16)}/${"name".repeat(12)}.12`,
  `shop/prod/.${"long-".repeat(30)}/x.12`,
  "shop/prod/our apples!/x.0",
])("its lock is a run's: %s", async (id) => {
  const lines = program().split("\n");
  const at = lines.findIndex((line) => line.startsWith("sum()"));
  const end = lines.findIndex((line, index) => index > at && line.startsWith("# Sees to one"));
  const text = [...lines.slice(at, end), `lock_of "$1"`].join("\n");
  const { stdout } = await promisify(execFile)("sh", ["-c", text, "sh", id]);
  expect(stdout.trim()).toBe(lockFileName(basename(journalDirectory(id))));
});

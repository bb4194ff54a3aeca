import { execFileSync, spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hostProgram } from "../../provider/on-host/load";

/** What hosts run for a volume by a timer, run here: Docker is a script that knows one volume. */

let folder: string;
let data: string;
let bin: string;
let log: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "upkeep-"));
  data = join(folder, "volumes/apples_data/_data");
  bin = join(folder, "bin");
  log = join(folder, "log");
  for (const each of [join(data, "d"), bin]) mkdirSync(each, { recursive: true });
  writeFileSync(join(data, "file"), "one");
  writeFileSync(join(data, "d/other"), "other", { mode: 0o640 });
  writeFileSync(join(folder, "containers"), "c1\n");
  writeFileSync(join(folder, "kind"), "local 0");
  docker(`exec) shift; echo "$@" >>${log} ;;`);
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function docker(exec: string) {
  const text = `#!/bin/sh
case $1 in ps) cat ${folder}/containers ;; volume) echo $(cat ${folder}/kind) ${data} ;; ${exec} esac`;
  writeFileSync(join(bin, "docker"), text);
  chmodSync(join(bin, "docker"), 0o755);
}

const environment = () => ({ ...process.env, PATH: `${bin}:${process.env["PATH"]}` });

/** As `put` lays a task down. */
function task(name: string, settings: Record<string, string>, volume = "apples"): string {
  const here = join(folder, "upkeep", volume, name, "settings");
  mkdirSync(here, { recursive: true });
  const all = { volume: "apples_data", ...settings, program: hostProgram(`upkeep/${name}.sh`) };
  for (const [file, text] of Object.entries(all)) writeFileSync(join(here, file), text);
  return here;
}

function run(here: string, action = "run") {
  const args = [join(here, "program"), here, action];
  const { status, stderr } = spawnSync("sh", args, { env: environment(), encoding: "utf8" });
  return { status, stderr: stderr.trim() };
}

/** As the operator does it, with what a program reads. */
function operate(name: string, args: readonly string[], input = "") {
  const all = ["-c", hostProgram(`upkeep/${name}.sh`), name, ...args];
  return spawnSync("sh", all, { env: environment(), encoding: "utf8", input });
}

const lines = (settings: Record<string, string>) =>
  Object.entries(settings)
    .map(([name, text]) => `${name} ${Buffer.from(text).toString("base64")}\n`)
    .join("");

/** Names, kinds, modes, owners and bytes. */
const contentOf = (path: string) =>
  execFileSync(
    "sh",
    ["-c", `find . -printf '%P %y %m %U %G\\n' | sort; find . -type f | sort | xargs cat`],
    { cwd: path, encoding: "utf8" },
  );
const noted = (name: string, what: string) =>
  readFileSync(join(folder, "upkeep/apples", name, what), "utf8");
const beside = () => join(folder, "volumes/apples_data/ferry-snapshots");
const taken = () => (existsSync(beside()) ? readdirSync(beside()).sort() : []);

describe("snapshots", () => {
  test("are the volume as it was, beside it, and the oldest go", () => {
    const here = task("snapshots", { keep: "2" });
    const before = contentOf(data);
    for (const text of ["two", "three"]) {
      expect(run(here)).toEqual({ status: 0, stderr: "" });
      writeFileSync(join(data, "file"), text);
    }
    const [first, second] = taken();
    expect(contentOf(join(beside(), first!))).toBe(before);
    expect(readFileSync(join(beside(), second!, "file"), "utf8")).toBe("two");
    expect(run(here).status).toBe(0);
    expect(taken()).toHaveLength(2);
    expect(taken()).not.toContain(first);
    expect(noted("snapshots", "last")).toMatch(new RegExp(`^\\d+ ${taken()[1]}\n$`));
    expect(noted("snapshots", "list").trim()).toBe(taken().join(" "));
    expect(statSync(beside()).mode & 0o777).toBe(0o700);
    // What the volume writes into its own file is in no snapshot.
    expect(statSync(join(data, "file")).nlink).toBe(1);
  });

  test("are taken between the replica's two commands, also when the copy fails", () => {
    const hook = (word: string) => `${word}\0it\0`;
    const settings = { "quiesce-seconds": "5", "resume-seconds": "5", keep: "2" };
    const hooks = { quiesce: hook("lock"), resume: hook("free"), ...settings };
    const here = task("snapshots", hooks);
    expect(run(here).status).toBe(0);
    expect(readFileSync(log, "utf8")).toBe("c1 lock it\nc1 free it\n");
    for (const name of ["cp", "rsync"]) {
      writeFileSync(join(bin, name), "#!/bin/sh\necho no room >&2\nexit 11\n");
      chmodSync(join(bin, name), 0o755);
    }
    expect(run(here)).toEqual({ status: 1, stderr: "it cannot be copied: no room" });
    expect(readFileSync(log, "utf8").split("\n").slice(2)).toEqual([
      "c1 lock it",
      "c1 free it",
      "",
    ]);
    expect(noted("snapshots", "failure")).toMatch(/^\d+ it cannot be copied: no room\n$/);
    expect(taken()).toHaveLength(1);
  });

  test("a quiesce command that fails is no snapshot", () => {
    docker("exec) exit 3 ;;");
    const hooks = { quiesce: "lock\0", "quiesce-seconds": "5" };
    const here = task("snapshots", { keep: "2", ...hooks });
    expect(run(here)).toEqual({ status: 1, stderr: "the replica's quiesce command failed" });
    expect(taken()).toEqual([]);
  });

  test("one that is killed in the middle is none, and the next one clears up after it", async () => {
    const here = task("snapshots", { keep: "2" });
    writeFileSync(join(bin, "cp"), "#!/bin/sh\nexit 1\n");
    writeFileSync(join(bin, "rsync"), `#!/bin/sh\n: >${log}\nexec sleep 60\n`);
    for (const name of ["cp", "rsync"]) chmodSync(join(bin, name), 0o755);
    const child = spawn("sh", [join(here, "program"), here, "run"], {
      ...{ env: environment(), detached: true, stdio: "ignore" },
    });
    const ended = new Promise((resolve) => child.on("exit", resolve));
    while (!existsSync(log)) await new Promise((resolve) => setTimeout(resolve, 20));
    process.kill(-child.pid!, "SIGKILL");
    await ended;
    expect(taken()).toEqual([expect.stringMatching(/^\.new\./)]);
    for (const name of ["cp", "rsync"]) rmSync(join(bin, name));
    expect(run(here).status).toBe(0);
    expect(taken()).toEqual([expect.stringMatching(/^\d{8}T\d{6}Z$/)]);
  });

  test("a volume that has no container here has none taken: it may be an old copy", () => {
    writeFileSync(join(folder, "containers"), "");
    const { status, stderr } = run(task("snapshots", { keep: "2" }));
    expect(status).toBe(1);
    expect(stderr).toMatch(/^no container of Ferry's mounts Docker volume 'apples_data'/);
    expect(taken()).toEqual([]);
  });

  test.each(["local 3", "rbd 0"])("nor has one whose data is elsewhere: %s", (kind) => {
    writeFileSync(join(folder, "kind"), kind);
    expect(run(task("snapshots", { keep: "2" }))).toEqual({
      status: 1,
      stderr:
        "Docker volume 'apples_data' keeps its data elsewhere than in Docker's own folder on this host",
    });
    expect(taken()).toEqual([]);
  });

  test("a volume begins with one, and the snapshot stays as it is", () => {
    const here = task("snapshots", { keep: "2" });
    run(here);
    const [name] = taken();
    const made = join(folder, "volumes/apples_again/_data");
    mkdirSync(made, { recursive: true });
    const none = operate("restore-snapshot", [made, "apples_data", "20000101T000000Z"]);
    expect(none.stderr).toMatch(new RegExp(`no snapshot '20000101T000000Z' .* it has: ${name}`));
    expect(readdirSync(made)).toEqual([]);
    expect(operate("restore-snapshot", [made, "apples_data", "latest"]).status).toBe(0);
    expect(contentOf(made)).toBe(contentOf(data));
    writeFileSync(join(made, "file"), "changed");
    expect(contentOf(join(beside(), name!))).toBe(contentOf(data));
  });
});

test("a volume that is put aside takes its snapshots along", () => {
  run(task("snapshots", { keep: "2" }));
  const [name] = taken();
  const quarantined = join(folder, "volumes/apples_data.aside-1/_data");
  mkdirSync(quarantined, { recursive: true });
  const all = ["-c", hostProgram("volume/move-all.sh"), "move-all", data, quarantined];
  for (const _ of [1, 2]) expect(spawnSync("sh", all, { encoding: "utf8" }).stderr).toBe("");
  expect(readFileSync(join(quarantined, "file"), "utf8")).toBe("one");
  expect(readdirSync(join(quarantined, "../ferry-snapshots"))).toEqual([name]);
  expect(taken()).toEqual([]);
});

describe("backups", () => {
  const settings = (change: Record<string, string> = {}) => ({
    ...{ repository: join(folder, "repository"), shown: "there", id: "shop/prod/apples/data" },
    ...{ password: "pw", environment: "A=1\n", host: "node1", keep: "", ...change },
  });
  const restic = (...args: string[]) =>
    execFileSync("restic", ["--no-cache", "-r", join(folder, "repository"), ...args], {
      ...{ env: { ...process.env, RESTIC_PASSWORD: "pw" }, encoding: "utf8" },
    });
  const restored = (change: Record<string, string> = {}) => {
    const made = join(folder, "volumes/apples_again/_data");
    mkdirSync(made, { recursive: true });
    const input = lines({ ...settings(change), snapshot: "latest" });
    return { made, ...operate("restore", [made], input) };
  };

  test("a repository is made, and what comes back of it is the same by bytes, owner and mode", () => {
    chmodSync(data, 0o710);
    const here = task("backup", settings());
    expect(run(here, "check")).toEqual({ status: 0, stderr: "" });
    expect(run(here)).toEqual({ status: 0, stderr: "" });
    expect(noted("backup", "last")).toMatch(/^\d+ [0-9a-f]{8}\n$/);
    const { made, status, stderr } = restored();
    expect([status, stderr]).toEqual([0, ""]);
    expect(contentOf(made)).toBe(contentOf(data));
    expect(readdirSync(join(folder, "volumes/apples_again"))).toEqual(["_data", "ferry-filled"]);
  });

  test("only this volume's own go when there are more than are kept", () => {
    const other = task("backup", settings({ id: "shop/prod/pears/data", keep: "1" }));
    expect(run(other, "check").status).toBe(0);
    expect(run(other).status).toBe(0);
    const here = task("backup", settings({ keep: "1" }));
    expect(run(here).status).toBe(0);
    expect(run(here)).toEqual({ status: 0, stderr: "" });
    const tags = (JSON.parse(restic("snapshots", "--json")) as { tags: string[] }[]).flatMap(
      (each) => each.tags,
    );
    expect(tags.sort()).toEqual(["volume=shop/prod/apples/data", "volume=shop/prod/pears/data"]);
  });

  test("another password is told, and neither the repository nor the volume is touched", () => {
    expect(run(task("backup", settings()), "check").status).toBe(0);
    const here = task("backup", settings({ password: "wrong-one" }));
    const { status, stderr } = run(here, "check");
    expect(status).toBe(1);
    expect(stderr).toMatch(/^repository 'there' cannot be used: Fatal: wrong password/);
    expect(stderr).not.toContain("wrong-one");
    const { made, stderr: said } = restored({ password: "wrong-one" });
    expect(said).toMatch(/wrong password/);
    expect(readdirSync(made)).toEqual([]);
  });

  test("one that has had a backup is never made again, and a timer makes none", () => {
    const here = task("backup", settings());
    expect(run(here)).toMatchObject({ status: 1, stderr: expect.stringMatching(/cannot be used/) });
    expect(existsSync(join(folder, "repository"))).toBe(false);
    run(here, "check");
    expect(run(here)).toEqual({ status: 0, stderr: "" });
    rmSync(join(folder, "repository"), { recursive: true });
    for (const action of ["run", "check"]) {
      const { status, stderr } = run(here, action);
      expect([status, stderr]).toEqual([1, expect.stringMatching(/^repository 'there' cannot/)]);
    }
    expect(existsSync(join(folder, "repository"))).toBe(false);
    expect(noted("backup", "failure")).toMatch(/cannot be used/);
  });

  /** Stands before restic, and behind it the real one. */
  const before = (text: string) => {
    const real = execFileSync("sh", ["-c", "command -v restic"], { encoding: "utf8" }).trim();
    const all = ["#!/bin/sh", `real=${real}`, `echo "$*" >>${log}`, text, 'exec "$real" "$@"', ""];
    writeFileSync(join(bin, "restic"), all.join("\n"));
    chmodSync(join(bin, "restic"), 0o755);
  };

  test("one that somebody makes at the same moment is used as well", () => {
    before(`case " $* " in *" init "*) "$real" "$@"; exit 1 ;; esac`);
    expect(run(task("backup", settings()), "check")).toEqual({ status: 0, stderr: "" });
  });

  test("one that is locked is waited for, and is not for ever", () => {
    const here = task("backup", settings({ keep: "1" }));
    expect(run(here, "check").status).toBe(0);
    writeFileSync(join(bin, "sleep"), `#!/bin/sh\necho "sleep $*" >>${log}\n`);
    chmodSync(join(bin, "sleep"), 0o755);
    const locked = "repository is already locked exclusively by PID 1 on node9 by root";
    const upTo = (times: number) => `case $1 in unlock) exit ;; backup | forget)
  [ "$(grep -c "^$1 " ${log})" -gt ${times} ] || { echo "Fatal: ${locked}" >&2; exit 1; } ;;
esac`;
    before(upTo(3));
    expect(run(here)).toEqual({ status: 0, stderr: "" });
    const waited = () =>
      readFileSync(log, "utf8")
        .split("\n")
        .filter((line) => line === "sleep 30");
    expect(waited()).toHaveLength(6);
    rmSync(log);
    before(upTo(1000));
    expect(run(here).stderr).toMatch(/^restic ended with 1: Fatal: repository is already locked/);
    expect(waited()).toHaveLength(19);
  });

  test("two volumes of one host go one after the other", async () => {
    const all = ["apples", "pears"].map((volume) => task("backup", settings(), volume));
    expect(run(all[0]!, "check").status).toBe(0);
    before(
      `if [ "$1" = backup ]; then "$real" "$@" || exit; sleep 0.5; echo end >>${log}; exit; fi`,
    );
    const both = all.map((here) => {
      const child = spawn("sh", [join(here, "program"), here, "run"], { env: environment() });
      return new Promise((resolve) => child.on("exit", resolve));
    });
    expect(await Promise.all(both)).toEqual([0, 0]);
    const words = readFileSync(log, "utf8").match(/^(backup|end)\b/gm);
    expect(words).toEqual(["backup", "end", "backup", "end"]);
  });

  test("a host without restic says how to get it", () => {
    const only = ["cat", "cut", "mktemp", "sh", "rm", "date"];
    const few = join(folder, "few");
    mkdirSync(few);
    for (const name of only) execFileSync("sh", ["-c", `ln -s "$(command -v ${name})" ${few}/`]);
    const here = task("backup", settings());
    const args = [join(here, "program"), here, "check"];
    const { stderr } = spawnSync("sh", args, { env: { PATH: few }, encoding: "utf8" });
    expect(stderr).toMatch(/^it has no restic; install it there \(Debian/);
  });
});

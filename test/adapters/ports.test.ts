import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hostProgram } from "../../provider/on-host/load";

/** What a host runs for ports, run here: Docker is a script that has one container, and a log. */

let folder: string;
let bin: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ports-"));
  bin = join(folder, "bin");
  mkdirSync(bin);
  const docker = `#!/bin/sh
here=${folder}
echo "\${DOCKER_HOST:+[$DOCKER_HOST] }$*" >>$here/log
case $1 in
  inspect) [ -e $here/label ] || exit 1
    case "$*" in *Running*) cat $here/state ;; *) cat $here/label ;; esac ;;
  create) [ ! -e $here/refuses ] || { echo "no" >&2; exit 1; }
    for word; do case $word in pulumi-ferry.ports=*) echo "\${word#*=}" >$here/label ;; esac; done ;;
  start) [ ! -e $here/taken ] || { echo "port is already allocated" >&2; exit 1; }
    echo true false >$here/state ;;
  exec) case "$*" in *haproxy*) [ ! -e $here/refuses ] || { echo "not valid" >&2; exit 1; } ;; esac ;;
  rm) rm -f $here/label $here/state ;;
  image) [ -e $here/image ] ;;
  pull) touch $here/image ;;
esac`;
  writeFileSync(join(bin, "docker"), docker);
  chmodSync(join(bin, "docker"), 0o755);
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const settings = () => join(folder, "lib/ports/0badf00d/haproxy.cfg");
const there = () => (existsSync(settings()) ? readFileSync(settings(), "utf8") : undefined);
const log = () => {
  const file = join(folder, "log");
  const said = existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
  rmSync(file, { force: true });
  return said;
};
const has = (name: string) => writeFileSync(join(folder, name), "");

function operate(name: string, args: readonly string[], input = "") {
  // Where hosts have it, and where a test may.
  const program = hostProgram(`ports/${name}.sh`).replaceAll("/var/lib/ferry", `${folder}/lib`);
  const env = { ...process.env, PATH: `${bin}:${process.env["PATH"]}` };
  const { status, stdout, stderr } = spawnSync("sh", ["-c", program, "sh", ...args], {
    ...{ env, input, encoding: "utf8" },
  });
  return { status, said: stdout.trim(), error: stderr.trim() };
}

const MADE = ["haproxy:lts", "10.40.0.9/27", "8080:10001/tcp", "127.0.0.1:9:10002/tcp"];
const put = (config: string, made = MADE, length = config.length) =>
  operate("put", ["0badf00d", `${length}`, "/run/weave.sock", "WEAVE_CIDR", ...made], config);
const state = (config: string, made = MADE) => operate("state", ["0badf00d", ...made], config).said;

test("a container that is on the overlay, with the image that the host lacked, and its settings in a folder", () => {
  expect(put("one")).toEqual({ status: 0, said: "there", error: "" });
  expect(there()).toBe("one");
  const said = log();
  expect(said).toContain("pull -q haproxy:lts");
  const create = said.find((line) => line.includes(" create ")) ?? "";
  expect(create).toMatch(/^\[unix:\/\/\/run\/weave\.sock\] create --name ferry-ports-0badf00d /);
  expect(create).toContain("-e WEAVE_CIDR=10.40.0.9/27 ");
  expect(create).toContain("-p 8080:10001/tcp -p 127.0.0.1:9:10002/tcp haproxy:lts -c ");
  expect(state("one")).toBe("there");
});

test("other settings are checked and taken up by the container that runs; the same ones are nothing", () => {
  put("one");
  log();
  expect(put("one").said).toBe("there");
  expect(log().filter((line) => !/^inspect|^exec/.test(line))).toEqual([]);
  expect(put("two").said).toBe("there");
  expect(there()).toBe("two");
  expect(log()).toContain("kill --signal USR2 ferry-ports-0badf00d");
});

test("settings that HAProxy refuses are told, and the former ones stay", () => {
  put("one");
  log();
  has("refuses");
  expect(put("two")).toEqual({ status: 1, said: "", error: "not valid" });
  expect(there()).toBe("one");
  expect(log().join()).not.toMatch(/kill/);
});

test("settings that did not come whole change nothing", () => {
  expect(put("one", MADE, 4)).toEqual({
    status: 1,
    said: "",
    error: "the settings were truncated",
  });
  expect(there()).toBeUndefined();
});

test("another port is another container; one that is taken is told, and no container is left", () => {
  put("one");
  log();
  const other = [...MADE.slice(0, 2), "81:10001/tcp"];
  expect(put("one", other).said).toBe("there");
  expect(log().join()).toMatch(/rm -f ferry-ports-0badf00d.*create .* -p 81:10001\/tcp /);
  has("taken");
  expect(put("one").error).toBe("port is already allocated");
  expect(existsSync(join(folder, "label"))).toBe(false);
});

test("a container that was stopped is started, with what its settings are by now", () => {
  put("one");
  writeFileSync(join(folder, "state"), "false false\n");
  expect(state("one")).toBe("the proxy does not run");
  log();
  expect(put("two").said).toBe("there");
  expect(there()).toBe("two");
  expect(log()).toContain("start ferry-ports-0badf00d");
});

test("what is not as it should be is told, and changes nothing", () => {
  expect(state("one")).toBe("no proxy, or another one");
  put("one");
  expect(state("two")).toBe("other settings");
  expect(state("one", [...MADE, "1:10003/tcp"])).toBe("no proxy, or another one");
});

test("nothing of it is left, and what is not there is as good as removed", () => {
  put("one");
  for (const _ of [1, 2]) expect(operate("remove", ["0badf00d"])).toMatchObject({ status: 0 });
  expect(existsSync(join(folder, "lib"))).toBe(false);
  expect(state("one")).toBe("no proxy, or another one");
});

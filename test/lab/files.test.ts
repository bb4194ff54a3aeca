import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { PulumiProject } from "../../lab";
import { upKilledAt } from "./killed-run";
import { MeshLab } from "./weave/mesh-lab";
import { destroy, expectNothingToDo, up, upFails } from "./weave/runs";

/**
 * Files that travel, by a real program on real hosts: a configuration, secrets, and a folder of
 * data that fills its volume once.
 */
jest.setTimeout(600_000);

const hosts = new MeshLab("files", 2);
let project: PulumiProject;
const TOKEN = "t0ken-of-many-letters";
const PASSWORD = "pa55word-in-a-file";
const BOX = "apples-box-0";

const write = (name: string, text: string, mode = 0o644) => {
  const path = join(project.folder, "app", name);
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, text);
  chmodSync(path, mode);
};
const inBox = async (host: string, command: string) =>
  (await hosts.run(host, `docker exec ${BOX} sh -c '${command}'`)).trim();
const filesOn = (host: string) =>
  hosts.run(host, "find /var/lib/ferry/files -type f 2>/dev/null | wc -l").then(Number);

beforeAll(async () => {
  await hosts.up();
  project = await hosts.project(join(__dirname, "programs", "files"), hosts.names);
  await project.setConfig("token", TOKEN, { secret: true });
  await project.setConfig("host", "node1");
  write("conf/app.conf", "one\n");
  write("conf/run.sh", "echo ran\n", 0o755);
  symlinkSync("app.conf", join(project.folder, "app", "conf", "linked.conf"));
  write("password.txt", PASSWORD, 0o600);
  write("data/seed", "seed\n");
  writeCompose();
});
afterAll(() => hosts.down());

/** `step` makes another container of it. */
const writeCompose = (step = "one", afterStart = "echo started >>/data/hooks") =>
  write(
    "compose.yml",
    `
services:
  box:
    image: ferry-demo/box:1
    command: ["sleep", "1000000"]
    stop_grace_period: 1s
    environment: {STEP: "${step}"}
    post_start: [{command: [sh, -c, "${afterStart}"]}]
    pre_stop: [{command: [sh, -c, "echo stopping >>/data/hooks"]}]
    volumes:
      - ./conf:/etc/app:ro
      - ./data:/data
    secrets:
      - password
      - {source: token, target: app/token, uid: "999", gid: "998", mode: 0440}
    configs:
      - greeting
secrets:
  password: {file: password.txt}
  token: {environment: TOKEN}
configs:
  greeting: {content: "hello"}
`,
  );
const hooksRun = (host: string) => inBox(host, "cat /data/hooks");

test("a container has them as they are, by mode and owner, and cannot write them", async () => {
  await up(project);
  expect(await inBox("node1", "cat /etc/app/app.conf /etc/app/linked.conf /data/seed")).toBe(
    "one\none\nseed",
  );
  expect(await inBox("node1", "/bin/sh /etc/app/run.sh; cat /greeting")).toBe("ran\nhello");
  expect(await inBox("node1", "cat /run/secrets/password; cat /run/secrets/app/token")).toBe(
    PASSWORD + TOKEN,
  );
  expect(await inBox("node1", 'stat -c "%a %u %g" /run/secrets/app/token /etc/app/run.sh')).toBe(
    "440 999 998\n555 0 0",
  );
  expect(await inBox("node1", "touch /etc/app/new 2>/dev/null || echo refused")).toBe("refused");
  await expectNothingToDo(project);
});

test("secrets are in no inspection, no state, and no folder that others may look into", async () => {
  const inspected = await hosts.run("node1", `docker inspect ${BOX}`);
  const { code, stdout } = await project.run(["stack", "export"]);
  expect(code).toBe(0);
  const preview = await project.quietly(["preview", "--diff"]);
  for (const text of [inspected, stdout, preview])
    for (const secret of [TOKEN, PASSWORD]) expect(text).not.toContain(secret);
  expect(stdout).not.toContain(project.folder);
  expect(await hosts.run("node1", "stat -c %a /var/lib/ferry/files/*")).toBe("700\n");
});

test("a change shows in the preview by its name, and the container has it", async () => {
  write("conf/app.conf", "two\n");
  const shown = await project.quietly(["preview", "--diff"]);
  expect(shown).toContain("./conf");
  await up(project);
  expect(await project.lastChanges()).toBe(1);
  expect(await inBox("node1", "cat /etc/app/app.conf")).toBe("two");
  await inBox("node1", "echo written >/data/written; rm /data/seed");
  await expectNothingToDo(project);
});

test("hooks run after the start and before the stop, and one that fails puts all back", async () => {
  // Made, and made again for the changed file.
  expect(await hooksRun("node1")).toBe("started\nstopping\nstarted");
  const id = await hosts.run("node1", `docker inspect -f '{{.Id}}' ${BOX}`);
  writeCompose("two", "echo no luck; exit 3");
  expect(await upFails(project)).toMatch(
    /changing apples\/box failed on host 'node1': .*post_start.*exit code 3.*no luck.*The container that was there before is back/s,
  );
  expect(await hosts.run("node1", `docker inspect -f '{{.Id}}' ${BOX}`)).toBe(id);
  expect(await inBox("node1", "cat /data/written")).toBe("written");
  writeCompose();
  await expectNothingToDo(project);
});

test("a link that leads out of the folder is an error, and changes nothing", async () => {
  symlinkSync("/etc/hostname", join(project.folder, "app", "conf", "outwards"));
  expect(await upFails(project)).toMatch(/outwards' leads to .*, out of the folder/);
  rmSync(join(project.folder, "app", "conf", "outwards"));
});

test("what was altered on the host by hand is found, and put back", async () => {
  const put = "for f in /var/lib/ferry/files/*/*/content/app.conf; do echo mine >$f; done";
  await hosts.run("node1", put);
  await up(project, "--refresh");
  expect(await inBox("node1", "cat /etc/app/app.conf")).toBe("two");
  await expectNothingToDo(project);
});

test("a move takes all of it along, fills nothing again, and runs the hooks", async () => {
  const before = await hooksRun("node1");
  await project.setConfig("host", "node2");
  await up(project);
  expect(await inBox("node2", "cat /etc/app/app.conf /run/secrets/password")).toBe(
    `two\n${PASSWORD}`,
  );
  expect(await inBox("node2", "ls /data; cat /data/written")).toBe("hooks\nwritten\nwritten");
  expect(await hooksRun("node2")).toBe(`${before}\nstopping\nstarted`);
  expect(await filesOn("node1")).toBe(0);
  await expectNothingToDo(project);
});

test("a run that is killed amid a fill leaves nothing half-filled: the next one fills it, once", async () => {
  await destroy(project);
  for (let n = 0; n < 3_000; n++) write(`data/many/${n}`, `${n}\n`);
  const filling = "ls -d /var/lib/docker/volumes/*/ferry-filling.*/content/many/1* >/dev/null 2>&1";
  await upKilledAt(project, (command) => hosts.run("node2", command), filling);
  expect(await hosts.run("node2", "ls -A /var/lib/docker/volumes/apples_*/_data")).toBe("");
  await up(project);
  expect(await inBox("node2", "ls /data/many | wc -l; cat /data/seed /data/hooks")).toBe(
    "3000\nseed\nstarted",
  );
  const left = "ls -d /var/lib/docker/volumes/*/ferry-filling.* 2>/dev/null || true";
  expect(await hosts.run("node2", left)).toBe("");
  write("data/seed", "another\n");
  await expectNothingToDo(project);
  expect(await inBox("node2", "cat /data/seed")).toBe("seed");
});

test("all goes with the deployment", async () => {
  await destroy(project);
  for (const name of hosts.names) expect(await filesOn(name)).toBe(0);
  await hosts.expectAsFresh();
});

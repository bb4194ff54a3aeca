import { join } from "node:path";

import { exec } from "../../lab/exec";
import type { PulumiProject } from "../../lab";
import { MeshLab, until } from "./weave/mesh-lab";
import { destroy, expectNothingToDo, up, upFails } from "./weave/runs";

/** What hosts do for a volume by themselves, by a real program on real hosts. */
jest.setTimeout(1_800_000);

const hosts = new MeshLab("volume-life", 2);
let project: PulumiProject;
const PASSWORD = "pa55word-of-a-repository";
const TASK = "/var/lib/ferry/upkeep/*/backup";

const inBox = async (host: string, command: string, box = "apples-box-0") =>
  (await hosts.run(host, ["docker", "exec", box, "sh", "-c", command])).trim();
const timersOn = async (host: string) =>
  (await hosts.run(host, "ls /etc/systemd/system | grep -c pulumi-ferry-backup || :")).trim();
const unitOn = async (host: string) =>
  (await hosts.run(host, "ls /etc/systemd/system | grep -o 'pulumi-ferry-backup.*service'")).trim();
const backUp = async (host: string) =>
  hosts.tryRun(host, ["systemctl", "start", await unitOn(host)]);
const snapshotsOn = async (host: string) =>
  (await hosts.run(host, "ls /var/lib/docker/volumes/apples_data/ferry-snapshots 2>/dev/null || :"))
    .split("\n")
    .filter((name) => name !== "");
const lastOn = (host: string) => hosts.run(host, `cat ${TASK}/last 2>/dev/null || :`);

async function installRestic(host: string) {
  const { code } = await exec(["cp", "/usr/bin/restic", hosts.onDisk(host, "/usr/bin/restic")]);
  expect(code).toBe(0);
  await hosts.run(host, "restic version");
}

beforeAll(async () => {
  await hosts.up();
  project = await hosts.project(join(__dirname, "programs", "volume-life"), hosts.names);
  await project.setConfig("password", PASSWORD, { secret: true });
  await project.setConfig("repository", "/srv/backups");
  await project.setConfig("host", "node1");
});
afterAll(() => hosts.down());

test("a host without restic is told of, with the way out, and nothing is left there", async () => {
  const said = await upFails(project);
  expect(said).toMatch(/on host 'node1': it has no restic; install it there/);
  expect(await timersOn("node1")).toBe("0");
  expect(await hosts.run("node1", "ls /var/lib/ferry/upkeep 2>/dev/null || :")).toBe("");
});

test("a volume is backed up by its host, which alone knows the password", async () => {
  for (const name of hosts.names) await installRestic(name);
  await up(project);
  await inBox("node1", "echo one >/data/file; mkdir -m 750 /data/d; chown 999:998 /data /data/d");
  expect(await backUp("node1")).toMatchObject({ code: 0 });
  expect(await lastOn("node1")).toMatch(/^\d+ [0-9a-f]{8}$/m);
  expect(await hosts.run("node1", `stat -c %a ${TASK}/settings ${TASK}/settings/password`)).toBe(
    "700\n600\n",
  );
  await until("the first snapshot", 60, async () => (await snapshotsOn("node1")).length > 0);
  const { stdout } = await project.run(["stack", "export"]);
  const units = await hosts.run("node1", "cat /etc/systemd/system/pulumi-ferry-backup-*");
  for (const text of [stdout, units]) expect(text).not.toContain(PASSWORD);
});

test("a move takes the timers along; what is left behind backs nothing up", async () => {
  await project.setConfig("host", "node2");
  expect(await up(project)).toContain("took a snapshot of data on node1 first");
  expect(await snapshotsOn("node1")).toHaveLength(2);
  expect([await timersOn("node1"), await timersOn("node2")]).toEqual(["0", "2"]);
  expect(await hosts.run("node1", "ls /var/lib/ferry/upkeep 2>/dev/null || :")).toBe("");
  await until("the first backup there", 60, () => lastOn("node2"));
});

test("what fails is noted, and a timer that was taken away is put back", async () => {
  // Its first one there may still be removing older ones.
  expect(await backUp("node2")).toMatchObject({ code: 0 });
  await hosts.run("node2", "mv /srv/backups /srv/kept; touch /srv/backups");
  expect(await backUp("node2")).not.toMatchObject({ code: 0 });
  expect(await hosts.run("node2", `cat ${TASK}/failure`)).toMatch(
    /^\d+ repository '\/srv\/backups' cannot be used/,
  );
  await hosts.run("node2", "rm /srv/backups; mv /srv/kept /srv/backups");
  await hosts.run("node2", `systemctl stop ${(await unitOn("node2")).replace("service", "timer")}`);
  await project.setConfig("restore", "true");
  expect(await up(project, "--refresh")).toContain("restoring it from its backup on node2");
  const state = () => hosts.run("node2", `ls ${TASK}`);
  await until("it is backed up again", 60, async () => !(await state()).includes("failure"));
});

test("a volume that is made from a backup has its content, owner and mode by the bytes", async () => {
  const facts = "cd /data; cat file; stat -c '%n %u %g %a' . d file";
  const first = await inBox("node2", facts);
  expect(first).toMatch(/^one\n\. 999 998/);
  expect(await inBox("node2", facts, "apples-second-0")).toBe(first);
  expect(await inBox("node2", facts, "apples-third-0")).toBe(first);
});

test("another run has nothing to do, and says how the last backup went", async () => {
  await expectNothingToDo(project);
  const outputs = await project.outputs();
  expect(outputs).toMatchObject({
    lastBackup: { snapshot: expect.stringMatching(/^[0-9a-f]{8}$/) },
    snapshotNames: await snapshotsOn("node2"),
  });
  expect(outputs).not.toHaveProperty("health");
});

test("all goes with the stack but the backups", async () => {
  await destroy(project);
  expect(await timersOn("node2")).toBe("0");
  expect((await hosts.run("node2", "ls /srv/backups")).split("\n")).toContain("snapshots");
  await hosts.run("node2", "rm -rf /srv/backups");
  await hosts.run("node1", "rm -rf /srv/backups");
  await hosts.expectAsFresh();
});

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { disksOf } from "../../provider/adapters/host/disks";
import type { DockerInfo, Host } from "../../provider/core/adapter-ports";

const namespaces = spawnSync("unshare", ["-m", "true"]).status === 0;

let folder: string;
const at = (...names: string[]) => join(folder, ...names);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ferry-disks-"));
  mkdirSync(at("docker", "volumes"), { recursive: true });
  mkdirSync(at("run"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function look(docker: Partial<DockerInfo> = {}, before = "") {
  const own = before === "" ? ["env"] : ["unshare", "-m"];
  const script = (text: string, args: string[]) => {
    const argv = [...own.slice(1), "sh", "-c", `${before}\n${text}`, "sh", ...args];
    const { status, stdout, stderr } = spawnSync(own[0]!, argv);
    return Promise.resolve({ exitCode: status, stdout: String(stdout), stderr: String(stderr) });
  };
  return disksOf({ name: "here", shell: { script } } as unknown as Host, {
    ...{ rootDirectory: at("docker"), imageStore: "docker", containerdAddress: "" },
    ...(docker as DockerInfo),
  });
}

const OWN = { imageStore: "containerd" } as const;

test("Docker's own store is under its data root, wherever that is, and shares its disk", async () => {
  const { volumes, images } = await look();
  expect([volumes.path, images.path]).toEqual([at("docker", "volumes"), at("docker")]);
  expect(volumes).toMatchObject({ id: images.id, freeBytes: expect.any(Number) as number });
  expect(volumes.freeBytes).toBeGreaterThan(0);
});

test("containerd's root is what its own settings say, above their first section", async () => {
  const socket = at("run", "containerd.sock");
  writeFileSync(
    at("run", "containerd.toml"),
    `version = 2\nroot = "${at("elsewhere")}"\nstate = '/run'\n[plugins]\n  root = "/no"\n`,
  );
  const { images } = await look({ ...OWN, containerdAddress: socket });
  expect(images.path).toBe(at("elsewhere"));
});

test("a containerd that Docker starts for itself is under Docker's root", async () => {
  writeFileSync(at("run", "containerd.toml"), "version = 3\n[grpc]\n  root = '/no'\n");
  const { images } = await look({ ...OWN, containerdAddress: at("run", "containerd.sock") });
  expect(images.path).toBe(at("docker", "containerd", "daemon"));
});

test("without settings it is where it always is", async () => {
  const { images } = await look({ ...OWN, containerdAddress: "/run/none/containerd.sock" });
  expect(images.path).toBe("/var/lib/containerd");
});

(namespaces ? test : test.skip)("a disk of its own for volumes is told from the rest", async () => {
  const mounted = `mount -t tmpfs -o size=4m ferry '${at("docker", "volumes")}' || exit 1`;
  const { volumes, images } = await look({}, mounted);
  expect(volumes.id).not.toBe(images.id);
  expect(volumes.freeBytes).toBe(4 << 20);
});

test("a host that gives no figure is told by name", async () => {
  await expect(look({}, "df() { echo none; }")).rejects.toThrow(
    /reading how much room Docker has failed on host 'here'/,
  );
});

test.each([
  ["//nas/my share       1000   400       600      40% /srv/a b", 600],
  ["rpool/var lib        1000   400       600      40% /var/lib", 600],
  ["overlay              1000   400       600      40% /", 600],
  ["/dev/mapper/a-very-long-name--of-a--volume-group-root 1000 400 600 40% /", 600],
  ["virtiofs             1000   400       600        - /", 600],
  ["/dev/sda1            1000   1050      -50     106% /", 0],
])("df's line '%s'", async (line, free) => {
  const { volumes } = await look({}, `df() { echo Filesystem; echo '${line}'; }`);
  expect(volumes.freeBytes).toBe(free * 1024);
});

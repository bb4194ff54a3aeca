import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as lab from "../../lab";
import { OwnLab } from "./own-lab";

/**
 * Every mistake of a user's that Ferry knows of, made in a real program against real hosts: one
 * clear sentence, no stack trace, and nothing changed on any host. `up` runs without its preview,
 * so that nothing saves the hosts but Ferry.
 */

const HOSTS = ["node1", "node2", "node3"];
const FIG =
  "redis:\n  image: ferry-demo/redis:1\n  volumes:\n    - data:/data\nweb:\n  image: ferry-demo/web:1\n";

const own = new OwnLab("bad-input");
let project: lab.PulumiProject;
let hosts: Record<string, object>;
let privateKey: string;
let untouched: lab.HostSnapshot[];
const folder = mkdtempSync(join(tmpdir(), "ferry-bad-input-"));

jest.setTimeout(120_000);

beforeAll(async () => {
  await own.up(HOSTS.length);
  const connections = lab.labConnections(own.lab);
  privateKey = connections["node1"]!.privateKey;
  hosts = Object.fromEntries(
    HOSTS.map((name) => {
      const { host, hostKey } = connections[name]!;
      return [name, { host, hostKey, perDialTimeout: 2, dialErrorLimit: 0 }];
    }),
  );
  untouched = await snapshots();
});

afterAll(async () => {
  await own.down();
  rmSync(folder, { recursive: true, force: true });
});

// A program of its own for each mistake: hosts that were found fit in an earlier run are not looked
// at again.
beforeEach(async () => {
  const program = join(__dirname, "programs", "bad-input");
  project = await lab.PulumiProject.create(program, join(folder, "project"));
  await project.setConfig("privateKey", privateKey, { secret: true });
});

const snapshots = () => Promise.all(HOSTS.map((host) => lab.snapshot(host, own.lab)));

interface Mistake {
  cluster?: object;
  hosts?: Record<string, object>;
  deployment?: object;
}

/** What `pulumi up` says to a program with this mistake. */
async function sentenceFor(mistake: Mistake): Promise<string> {
  const args = {
    cluster: mistake.cluster ?? {},
    hosts: { ...hosts, ...mistake.hosts },
    deployment: { compose: FIG, hosts: { redis: "node1", web: "node2" }, ...mistake.deployment },
  };
  await project.setConfig("args", JSON.stringify(args));
  const { code, stdout, stderr } = await project.run(["up", "--yes", "--skip-preview"]);
  const said = stdout + stderr;
  expect(code).not.toBe(0);
  expect(said).not.toMatch(/^\s+at .*\.[jt]s:\d+/m);
  expect(said).not.toContain(privateKey.split("\n")[2]);
  return said;
}

const labAddress = () => (hosts["node1"] as { host: string }).host;

describe("a mistake in the program", () => {
  const mistakes: [string, () => Mistake, RegExp][] = [
    [
      "a host that the cluster does not have",
      () => ({ deployment: { hosts: { redis: "node9" } } }),
      /hosts\.redis: the cluster has no host 'node9'\. It has: node1, node2, node3\./,
    ],
    [
      "two replicas with the same fixed IP",
      () => ({ deployment: { ips: { redis: "10.40.0.9", web: "10.40.0.9" } } }),
      /10\.40\.0\.9/,
    ],
    [
      "an IP outside the subnet",
      () => ({ deployment: { subnet: "10.40.8.0/24", ips: { redis: "10.40.9.5" } } }),
      /10\.40\.9\.5.*10\.40\.8\.0\/24/,
    ],
    [
      "a pool that overlaps Weave's range",
      () => ({ cluster: { pool: "10.32.0.0/16", ipallocRange: "10.32.0.0/13" } }),
      /10\.32\.0\.0\/16.*10\.32\.0\.0\/13/,
    ],
    [
      "a pool that overlaps a host's own routes",
      () => ({ cluster: { pool: labAddress().replace(/\.\d+$/, ".0/24") } }),
      /overlaps.*host 'node[123]'/,
    ],
    ["a pool that is too small", () => ({ cluster: { pool: "10.40.0.0/30" } }), /10\.40\.0\.0\/30/],
    [
      "a compose file that is not there",
      () => ({ deployment: { compose: "nowhere.yml" } }),
      /Compose file 'nowhere\.yml' is not there/,
    ],
    [
      "a compose file that is not YAML",
      () => ({ deployment: { compose: "redis:\n  image: [\n" } }),
      /compose:3:1: not YAML: flow sequence in block collection/,
    ],
    [
      "a compose file with an unknown key",
      () => ({ deployment: { compose: "redis:\n  imgae: x\n", hosts: {} } }),
      /compose:2:3: redis\.imgae: .*image/,
    ],
    [
      "a service that links to nothing",
      () => ({ deployment: { compose: "web:\n  image: x\n  links:\n    - redis\n", hosts: {} } }),
      /compose:\d+:\d+: web\.links\[0\]: .*redis/,
    ],
    [
      "a service name that would be shell",
      () => ({ deployment: { compose: "$$(touch x):\n  image: x\n", hosts: {} } }),
      /compose:\d+:\d+: .*touch x/,
    ],
    [
      "a deployment name that is too long for DNS",
      () => ({ deployment: { name: "a".repeat(64) } }),
      /has 64 characters, and a DNS label has at most 63/,
    ],
    [
      "a deployment name that is no DNS label",
      () => ({ deployment: { name: "Not_A_Label" } }),
      /name: 'Not_A_Label' is not a DNS label/,
    ],
    [
      "a volume shared by replicas on different hosts",
      () => ({
        deployment: {
          compose: `${FIG}  volumes:\n    - data:/data\n`,
        },
      }),
      /redis-0.*node1.*web-0.*node2|web-0.*node2.*redis-0.*node1/,
    ],
  ];

  it.each(mistakes)(
    "%s is one clear sentence, and nothing is changed",
    async (_what, mistake, sentence) => {
      expect(await sentenceFor(mistake())).toMatch(sentence);
      expect(await snapshots()).toEqual(untouched);
    },
  );
});

describe("a host that is not fit", () => {
  it("with another host key is refused before anything is sent", async () => {
    const { hostKey } = hosts["node2"] as { hostKey: string };
    const said = await sentenceFor({ hosts: { node1: { ...hosts["node1"], hostKey } } });
    expect(said).toMatch(
      /host 'node1'.*host key is wrong: expected \S+ SHA256:\S+, but it shows \S+ SHA256:\S+/,
    );
    expect(await snapshots()).toEqual(untouched);
  });

  it("that does not answer is named with its address", async () => {
    const nobody = labAddress().replace(/\.\d+$/, ".200");
    const said = await sentenceFor({ hosts: { node3: { ...hosts["node3"], host: nobody } } });
    expect(said).toMatch(new RegExp(`host 'node3' \\(${nobody.replaceAll(".", "\\.")}`));
    expect(await snapshots()).toEqual(untouched);
  });

  it("that refuses the key says who was refused", async () => {
    const key = join(folder, "stranger");
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", key]);
    const said = await sentenceFor({
      hosts: { node2: { ...hosts["node2"], privateKey: readFileSync(key, "utf8") } },
    });
    expect(said).toMatch(/host 'node2'.*root/);
    expect(await snapshots()).toEqual(untouched);
  });

  it("without Docker says so", async () => {
    await lab.mustRun(
      "node3",
      "systemctl stop docker.socket docker.service && rm -f /var/run/docker.sock",
      own.lab,
    );
    try {
      expect(await sentenceFor({})).toMatch(/Docker is not running on host 'node3'/);
    } finally {
      await lab.mustRun("node3", "systemctl start docker.socket docker.service", own.lab);
    }
    expect(await snapshots()).toEqual(untouched);
  });

  it("without weave says so, and how to get it", async () => {
    await lab.mustRun("node2", "mv /usr/local/bin/weave /usr/local/bin/weave.away", own.lab);
    try {
      expect(await sentenceFor({})).toMatch(
        /weave command is not on host 'node2'.*bootstrap: true/,
      );
    } finally {
      await lab.mustRun("node2", "mv /usr/local/bin/weave.away /usr/local/bin/weave", own.lab);
    }
    expect(await snapshots()).toEqual(untouched);
  });
});

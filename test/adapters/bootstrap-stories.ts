import { spawn, spawnSync } from "child_process";
import { once } from "events";
import { join } from "path";
import { NEEDED_TOOLS, packagesFor } from "../../provider/core/host/needed-tools";
import { FreshMachine, distributionOf, type Distribution, type Ran } from "./fresh-machine";

/** What a bare machine of each kind has that the scripts look for. */
const APT = ["apt-get", "dpkg", "dpkg-query", "dpkg-deb", "systemctl", "usermod", "journalctl"];
const DNF = ["dnf", "rpm", "systemctl", "usermod", "curl", "python3", "ip"];
const APK = ["apk", "rc-update", "rc-service", "addgroup", "ip"];

const WEAVE_URL = "https://github.com/rajch/weave/releases/download/v2.9.0/weave";
const COMMAND = `#!/bin/sh\nSCRIPT_VERSION="2.9.0"\nDOCKERHUB_USER=\${DOCKERHUB_USER:-rajchaudhuri}\n`;
const IMAGES = ["weave:2.9.0", "weaveexec:2.9.0", "weavedb:latest"].map(
  (name) => `rajchaudhuri/${name}`,
);

const apt = (...packages: string[]) => [
  "apt-get -q update",
  `apt-get -q -y --no-install-recommends --no-upgrade --no-remove -o DPkg::Lock::Timeout=300 install ${packages.join(" ")}`,
];
const dnf = (...packages: string[]) => [
  `dnf -q -y --setopt=install_weak_deps=False install ${packages.join(" ")}`,
];
const apk = (...packages: string[]) => [`apk add --no-cache ${packages.join(" ")}`];
const systemd = [
  "systemctl daemon-reload",
  "systemctl enable docker.service",
  "systemctl start docker.service",
];
const openrc = ["rc-update add docker default", "rc-service docker start"];
const CURL = "curl -fsSL --retry 3 --connect-timeout 20 -o";
const weave = [
  `${CURL} /usr/local/bin/weave.ferry-new ${WEAVE_URL}`,
  ...IMAGES.map((image) => `docker pull -q ${image}`),
];
const KEY = "-----BEGIN PGP PUBLIC KEY BLOCK-----";
const aptTools = apt("rsync", "python3-minimal", "iptables", "iproute2");

interface Row {
  readonly release: string;
  readonly has: readonly string[];
  readonly docker: string;
  /** In their order, up to the weave command. */
  readonly calls: readonly string[];
  /** Files of repositories that are written. */
  readonly wrote?: Readonly<Record<string, string>>;
}

const dockerRepository = (name: string) => `[pulumi-ferry-docker]
name=Docker CE Stable
baseurl=https://download.docker.com/linux/${name}/$releasever/$basearch/stable
enabled=1
gpgcheck=1
gpgkey=https://download.docker.com/linux/${name}/gpg
`;
const CE = ["docker-ce", "docker-ce-cli", "containerd.io"];

const rowsOn = ({ busybox }: Distribution): readonly Row[] => [
  ...[
    ["debian-12-bookworm", "docker.io"],
    ["debian-13-trixie", "docker.io docker-cli"],
    ["ubuntu-22.04-jammy", "docker.io"],
    ["ubuntu-24.04-noble", "docker.io"],
  ].map(([release = "", packages = ""]) => ({
    release,
    has: APT,
    docker: "distribution",
    calls: [...apt(packages), ...systemd, ...aptTools, ...apt("curl", "ca-certificates")],
  })),
  ...["debian-12-bookworm", "debian-13-trixie", "ubuntu-22.04-jammy", "ubuntu-24.04-noble"].map(
    (release) => {
      const [name = "", , codename = ""] = release.split("-");
      return {
        release,
        has: APT,
        docker: "docker.com",
        calls: [
          ...apt("curl", "ca-certificates"),
          `${CURL} /etc/apt/keyrings/docker.asc.ferry-new https://download.docker.com/linux/${name}/gpg`,
          ...apt("ca-certificates"),
          ...apt(...CE),
          ...systemd,
          ...aptTools,
        ],
        wrote: {
          "etc/apt/keyrings/docker.asc": KEY,
          "etc/apt/sources.list.d/pulumi-ferry-docker.list": `deb [arch=amd64 signed-by=/etc/apt/keyrings/docker.asc] https://download.docker.com/linux/${name} ${codename} stable\n`,
        },
      };
    },
  ),
  {
    release: "fedora-42",
    has: DNF,
    docker: "distribution",
    calls: [...dnf("moby-engine", "docker-cli"), ...systemd, ...dnf("rsync", "iptables-nft")],
  },
  {
    release: "fedora-42",
    has: DNF,
    docker: "docker.com",
    calls: [...dnf(...CE), ...systemd, ...dnf("rsync", "iptables-nft")],
    wrote: { "etc/yum.repos.d/pulumi-ferry-docker.repo": dockerRepository("fedora") },
  },
  {
    release: "rocky-9.4",
    has: DNF,
    docker: "auto",
    calls: [...dnf(...CE), ...systemd, ...dnf("rsync", "iptables-nft")],
    wrote: { "etc/yum.repos.d/pulumi-ferry-docker.repo": dockerRepository("centos") },
  },
  {
    release: "alpine-3.20.3",
    has: APK,
    docker: "distribution",
    calls: [
      ...apk("docker", "docker-cli"),
      ...openrc,
      ...apk("rsync", "python3", "iptables", ...(busybox ? packagesFor(NEEDED_TOOLS) : [])),
      ...apk("curl", "ca-certificates"),
    ],
    wrote: {
      "etc/apk/repositories":
        "https://mirror.invalid/v3.20/main\n#https://mirror.invalid/v3.20/community\nhttps://mirror.invalid/v3.20/community\n",
    },
  },
];

/** What the scripts do on a machine with that shell and those tools; each has a suite of its own. */
export function bootstrapOn(name: string): void {
  const distribution = distributionOf(name);
  describe(`on ${name}`, () => {
    let machine: FreshMachine;

    afterEach(() => machine.remove());

    function fresh(release: string, has: readonly string[]): FreshMachine {
      machine = new FreshMachine(distribution, release, has);
      if (has !== APK) machine.write("run/systemd/system/.made", "");
      machine.write(
        "etc/apk/repositories",
        "https://mirror.invalid/v3.20/main\n#https://mirror.invalid/v3.20/community\n",
      );
      machine.serve(WEAVE_URL, COMMAND);
      return machine;
    }

    function well({ code, said }: Ran): void {
      expect(code === 0 ? "" : said).toBe("");
    }

    /** The scripts pin the key of Docker's repository, which a test has not. */
    function knowsKey(): void {
      for (const name of ["debian", "ubuntu"]) {
        machine.serve(`https://download.docker.com/linux/${name}/gpg`, KEY);
      }
      machine.add("sha256sum");
      machine.state("pinned-key", KEY);
    }

    it.each(rowsOn(distribution).map((row) => [row.release, row.docker, row] as const))(
      "prepares %s with Docker of %s, and then finds nothing to do",
      (release, docker, { has, calls, wrote = {} }) => {
        fresh(release, has);
        knowsKey();
        const given = docker === "auto" ? true : { docker };
        well(machine.prepare(given));
        expect(machine.calls()).toEqual([...calls, ...weave]);
        for (const [path, text] of Object.entries(wrote)) expect(machine.read(path)).toBe(text);
        expect(machine.read("usr/local/bin/weave")).toBe(COMMAND);

        const before = machine.files();
        well(machine.prepare(given));
        expect(machine.calls()).toEqual([]);
        expect(machine.files()).toEqual(before);
      },
    );

    it.each([
      ["debian-11-bullseye", APT, true, 3, "debian 11 is older than 12"],
      ["ubuntu-20.04-focal", APT, true, 3, "ubuntu 20.04 is older than 22.04"],
      ["alpine-3.9.6", APK, true, 3, "alpine 3.9.6 is older than 3.18"],
      ["arch--", [], true, 3, "'arch ' is not known; Debian, Ubuntu, Fedora, Rocky and Alpine are"],
      ["rocky-9.4", DNF, { docker: "distribution" }, 3, 'has: `docker: "docker.com"`'],
      ["alpine-3.20.3", APK, { docker: "docker.com" }, 3, 'will do: `docker: "distribution"`'],
      ["debian-12-bookworm", APT.slice(0, 4), true, 3, "neither systemd nor OpenRC"],
    ])(
      "refuses %s where it cannot be prepared, and changes nothing",
      (release, has, given, code, words) => {
        fresh(release, has);
        if (has.length === 4) machine.remove();
        if (has.length === 4) machine = new FreshMachine(distribution, release, has);
        const before = machine.files();
        const ran = machine.run("system", given);
        expect(ran).toMatchObject({ code, said: expect.stringContaining(words) });
        expect(machine.calls()).toEqual([]);
        expect(machine.files()).toEqual(before);
      },
    );

    it.each([
      ["alpine-3.23_alpha20250612", true],
      ["alpine-3.9_alpha20190101", false],
      ["alpine-4_alpha1", true],
      ["alpine-3.18.0_rc1", true],
      ["alpine-3_alpha1", false],
      ["rocky-9beta", true],
      ["rocky-8.10", false],
      ["ubuntu-22.04.5", true],
      ["ubuntu-22.03", false],
    ])("reads numbers with words in them: %s is new enough: %s", (release, enough) => {
      fresh(release, release.startsWith("alpine") ? APK : release.startsWith("rocky") ? DNF : APT);
      const { code, said } = machine.run("system");
      expect(said).not.toMatch(/number/i);
      expect(code).toBe(enough ? 0 : 3);
    });

    it("refuses whoever is not root, and Podman in Docker's place", () => {
      fresh("debian-12-bookworm", [...APT, "docker"]);
      const podman = machine.run("system", true, { env: { PODMAN: "podman" } });
      expect(podman).toMatchObject({ code: 7, said: expect.stringContaining("podman-docker") });
      machine.state("uid", "1000");
      expect(machine.run("docker")).toMatchObject({
        code: 3,
        said: expect.stringContaining("this needs root"),
      });
    });

    it("leaves alone what is there: Docker, its settings, tools, the weave command, a repository", () => {
      fresh("debian-13-trixie", [
        ...APT,
        "docker",
        "dockerd",
        "rsync",
        "python3",
        "iptables",
        "ebtables",
        "ip",
      ]);
      machine.state("up");
      machine.write("etc/docker/daemon.json", "{}");
      machine.weave(COMMAND.replace("2.9.0", "2.8.10"));
      machine.write(
        "etc/apt/sources.list.d/own.list",
        "deb https://download.docker.com/linux/debian trixie stable",
      );
      const own = machine.files();
      const ran = machine.prepare(
        { docker: "docker.com", mirrors: { registry: "https://mirror.invalid" } },
        {
          proxy: "http://proxy.invalid:3128",
        },
      );
      expect(ran).toMatchObject({
        code: 0,
        said: expect.stringContaining("the weave command is there: 2.8.10"),
      });
      expect(machine.calls()).toEqual(
        IMAGES.map((image) => `docker pull -q ${image.replace("2.9.0", "2.8.10")}`),
      );
      expect(machine.files()).toEqual(own);
    });

    it("does not take a repository in a comment for one, and leaves its file as it is", () => {
      fresh("debian-12-bookworm", APT);
      knowsKey();
      const list = "etc/apt/sources.list.d/docker.list";
      const comment = "# deb https://download.docker.com/linux/debian bookworm stable\n";
      machine.write(list, comment);
      well(machine.run("docker", { docker: "docker.com" }));
      expect(machine.read(list)).toBe(comment);
      expect(machine.read("etc/apt/sources.list.d/pulumi-ferry-docker.list")).toContain(
        "https://download.docker.com/linux/debian bookworm stable",
      );
    });

    const repositories = [
      ["debian-12-bookworm", APT, "etc/apt/sources.list.d/pulumi-ferry-docker.list"],
      ["ubuntu-24.04-noble", APT, "etc/apt/sources.list.d/pulumi-ferry-docker.list"],
      ["fedora-42", DNF, "etc/yum.repos.d/pulumi-ferry-docker.repo"],
    ] as const;
    const fromDocker = { docker: "docker.com" };

    it.each(repositories)(
      "on %s takes Docker's repository back when it does not work",
      (release, has, file) => {
        fresh(release, has);
        knowsKey();
        machine.unreachable("download.docker.com");
        const failed = machine.run("docker", fromDocker);
        expect(failed).toMatchObject({ code: 4, said: expect.stringContaining("does not answer") });
        expect(failed.said).toContain("Docker's repository was taken off this host again");
        expect(machine.read(file)).toBeUndefined();
        // With it, its packages may lack as well.
        machine.state("unreachable", "/nothing/\n");
        machine.state("unknown", "docker-ce\n");
        expect(machine.run("docker", fromDocker)).toMatchObject({ code: 4 });
        expect(machine.read(file)).toBeUndefined();
        machine.state("unknown");
        well(machine.run("docker", fromDocker));
        expect(machine.read(file)).toContain("https://download.docker.com/linux/");
      },
    );

    it.each(repositories)(
      "on %s clears away its own repository of an earlier try, and nobody else's",
      (release, has, file) => {
        fresh(release, has);
        knowsKey();
        machine.write(file, "https://old.invalid/linux\n");
        machine.write(`${file}.own`, "somebody's");
        machine.unreachable("old.invalid");
        well(machine.prepare({ docker: "distribution" }));
        expect(machine.read(file)).toBeUndefined();
        expect(machine.read(`${file}.own`)).toBe("somebody's");
        // Also where Docker came by other means since then.
        machine.write(file, "https://old.invalid/linux\n");
        well(machine.prepare(fromDocker));
        expect(machine.read(file)).toBeUndefined();
      },
    );

    it("keeps the repository that Docker was installed from", () => {
      fresh("debian-12-bookworm", APT);
      knowsKey();
      well(machine.run("docker", fromDocker));
      const before = machine.files();
      well(machine.run("docker", { docker: "distribution" }));
      expect(machine.files()).toEqual(before);
    });

    it("takes 'community' back where Alpine's Docker cannot be had by it", () => {
      fresh("alpine-3.20.3", APK);
      machine.unreachable("^[^#].*/community");
      const before = machine.files();
      expect(machine.run("docker")).toMatchObject({ code: 4 });
      expect(machine.files()).toEqual(before);
    });

    // A machine with Docker's containerd.io alone runs containers; docker.io's containerd would take
    // its place.
    it.each([true, { packages: "./debs" }])(
      "removes nothing that stands in the way of a package: %j",
      (given) => {
        fresh("debian-12-bookworm", APT);
        machine.write("packages/docker.io.deb", "", `${machine.folder}/.pulumi-ferry-bootstrap`);
        machine.state("conflicts", "docker.io\n");
        machine.state("installed", "containerd.io\n");
        expect(machine.run("docker", given)).toMatchObject({
          code: 4,
          said: expect.stringContaining("Packages need to be removed but remove is disabled"),
        });
        expect(machine.installed()).toEqual(["containerd.io"]);
      },
    );

    it("puts no second Docker beside one that answers and has its daemon elsewhere, as a snap has", () => {
      fresh("ubuntu-24.04-noble", [...APT, "docker"]);
      machine.state("up");
      const before = machine.files();
      well(machine.run("docker"));
      expect(machine.calls()).toEqual([]);
      expect(machine.files()).toEqual(before);
    });

    it("refuses a Docker whose socket is there and whose command is not", () => {
      fresh("ubuntu-24.04-noble", APT);
      machine.socket("run/docker.sock");
      expect(machine.run("system")).toMatchObject({
        code: 7,
        said: expect.stringContaining(
          "/run/docker.sock is there, and the command of that Docker is not",
        ),
      });
      machine.add("dockerd");
      well(machine.run("system"));
    });

    it("installs the docker command alone where only that lacks", () => {
      fresh("debian-13-trixie", [...APT, "dockerd"]);
      machine.state("up");
      expect(machine.run("docker")).toMatchObject({ code: 0 });
      expect(machine.calls()).toEqual(apt("docker-cli"));
    });

    it("gives Docker proxy and mirror before it starts", () => {
      fresh("debian-12-bookworm", APT);
      const proxies = { proxy: "http://me:p%40ss@proxy.invalid:3128", noProxy: "10.0.0.0/8" };
      const given = { mirrors: { registry: "https://mirror.invalid" } };
      expect(machine.run("docker", given, { proxies })).toMatchObject({ code: 0 });
      expect(machine.read("etc/docker/daemon.json")).toBe(
        '{ "registry-mirrors": ["https://mirror.invalid"] }\n',
      );
      const unit = "etc/systemd/system/docker.service.d/pulumi-ferry-proxy";
      // What a unit itself sets is told to everybody by systemctl.
      expect(machine.read(`${unit}.conf`)).toBe(`[Service]\nEnvironmentFile=-/${unit}.env\n`);
      expect(machine.read(`${unit}.env`)).toBe(
        "HTTP_PROXY=http://me:p%40ss@proxy.invalid:3128\n" +
          "HTTPS_PROXY=http://me:p%40ss@proxy.invalid:3128\nNO_PROXY=10.0.0.0/8\n",
      );
      expect(machine.modes(`${unit}.env`)).toEqual(["600"]);
    });

    it.each([
      ["fedora-42", DNF, "run/systemd/system/.made"],
      ["debian-12-bookworm", APT, "run/systemd/system/.made"],
      ["alpine-3.20.3", APK, "etc/conf.d/docker"],
    ])("on %s shows a proxy's password to nobody but root, at no moment", (release, has, there) => {
      fresh(release, has);
      machine.write(there, "");
      machine.watch();
      const proxies = { proxy: "http://me:p%40ss@proxy.invalid:3128" };
      for (const part of ["docker", "tools"] as const) {
        expect(machine.run(part, true, { proxies })).toMatchObject({ code: 0 });
      }
      expect(machine.calls().filter((call) => call.includes("p%40ss"))).toEqual([]);
      const holders = Object.entries(machine.files()).filter(([, text]) => text.includes("p%40ss"));
      expect(holders).toHaveLength(1);
      expect(machine.modes(holders[0]?.[0] ?? "")).toEqual(["600"]);
    });

    it("puts who came by sudo into Docker's group, once", () => {
      fresh("debian-12-bookworm", APT);
      const env = { SUDO_USER: "deploy" };
      expect(machine.run("docker", true, { env })).toMatchObject({ code: 0 });
      expect(machine.calls()).toContain("usermod -aG docker deploy");
      machine.state("groups", "users docker");
      expect(machine.run("docker", true, { env })).toMatchObject({ code: 0 });
      expect(machine.calls()).toEqual([]);
    });

    it("takes everything from the operator's files, each package once, and leaves none of them", () => {
      fresh("debian-13-trixie", APT);
      const copied = ".pulumi-ferry-bootstrap";
      for (const name of [
        "docker.io",
        "docker-cli",
        "rsync",
        "python3-minimal",
        "iptables",
        "iproute2",
        "libc6",
      ]) {
        machine.write(`packages/own debs/${name}.deb`, "", `${machine.folder}/${copied}`);
      }
      machine.write("weave", COMMAND, `${machine.folder}/${copied}`);
      machine.write("images.tar", `${IMAGES.join("\n")}\n`, `${machine.folder}/${copied}`);
      machine.state("installed", "libc6\n");
      const given = { packages: "./debs", weave: { command: "./weave", archive: "./weave.tar" } };
      well(machine.prepare(given));
      const folder = `./${copied}/packages/own debs`;
      const files = ["docker-cli", "docker.io", "iproute2", "iptables", "python3-minimal", "rsync"];
      expect(machine.calls()).toEqual([
        "apt-get -q -y --no-install-recommends --no-remove -o DPkg::Lock::Timeout=300 " +
          "-o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts=/dev/null install " +
          files.map((name) => `${folder}/${name}.deb`).join(" "),
        ...systemd,
        `docker load -q -i ${copied}/images.tar`,
      ]);
      expect(machine.left()).not.toContain(copied);
    });

    it("takes what is in the folder now, not what an earlier copy of it has left", () => {
      fresh("debian-12-bookworm", APT);
      const folder = `${machine.folder}/.pulumi-ferry-bootstrap`;
      for (const name of ["docker.io", "of-bullseye"])
        machine.write(`packages/${name}.deb`, "", folder);
      const packageFiles = ["docker.io.deb", "README"];
      well(machine.run("docker", { packages: "./debs" }, { packageFiles }));
      expect(machine.calls()[0]).toMatch(/install \S+\/packages\/docker\.io\.deb$/);
      for (const [files, words] of [
        [["README"], "holds no .deb file"],
        [["rsync.deb"], "rsync.deb, which was to be copied here, is not there"],
      ] as const) {
        const ran = machine.run("tools", { packages: "./debs" }, { packageFiles: [...files] });
        expect(ran).toMatchObject({ code: 4, said: expect.stringContaining(words) });
        expect(ran.said).toContain("run `pulumi up` again");
      }
    });

    it.each([
      ["another file", COMMAND, { sha256: "0".repeat(64) }, "and 000"],
      ["a page in its place", "<html>", {}, "is no weave command"],
      [
        "another version",
        COMMAND.replace("2.9.0", "2.8.4"),
        {},
        "is of version 2.8.4, and 2.9.0 was asked for",
      ],
    ])("refuses %s for the weave command, and leaves none", (_what, text, wanted, words) => {
      fresh("debian-12-bookworm", [...APT, "curl"]);
      machine.serve(WEAVE_URL, text);
      const before = machine.files();
      const ran = machine.run("weave", { weave: { version: "2.9.0", ...wanted } });
      expect(ran).toMatchObject({ code: 5, said: expect.stringContaining(words) });
      expect(machine.files()).toEqual(before);
    });

    it("refuses another key for Docker's repository, and leaves none", () => {
      fresh("debian-12-bookworm", [...APT, "curl"]);
      machine.serve("https://download.docker.com/linux/debian/gpg", "another key");
      const before = machine.files();
      const ran = machine.run("docker", { docker: "docker.com" });
      expect(ran).toMatchObject({
        code: 5,
        said: expect.stringContaining("is not the one that is known"),
      });
      expect(machine.files()).toEqual(before);
    });

    it("waits for a preparation that goes on there, whoever began it, and leaves no lock behind", async () => {
      fresh("debian-12-bookworm", APT);
      const lock = join(machine.root, "etc");
      well(machine.run("system"));
      expect(spawnSync("flock", ["-n", lock, "true"]).status).toBe(0);
      const other = spawn("flock", [lock, "-c", "echo held; sleep 60"], { detached: true });
      await once(other.stdout, "data");
      const ran = machine.run("weave");
      process.kill(-(other.pid as number), "SIGKILL");
      // Debian's busybox, unlike Alpine's, has no locks, and the scripts go on without.
      const said = "another preparation of this host has not ended";
      expect([ran.code, ran.said.includes(said)]).toEqual(
        distribution.busybox ? [0, false] : [7, true],
      );
      await once(other, "exit");
      well(machine.run("weave"));
    });

    it("says which part failed and why, with the last words of what it called", () => {
      fresh("debian-12-bookworm", APT);
      machine.state("unknown", "docker.io\n");
      expect(machine.run("docker")).toEqual({
        code: 4,
        said:
          "installing Docker\nno package docker.io\n" +
          "preparing this host failed: the packages docker.io cannot be installed: see above\n" +
          "Put that right, on this host or in `bootstrap` and its files, and run `pulumi up` again: " +
          "it copies what changed, and goes on with this part\n",
      });
      machine.state("unknown", "");
      machine.state("broken");
      const ran = machine.run("docker");
      expect(ran).toMatchObject({
        code: 6,
        said: expect.stringContaining("dockerd: no space left"),
      });
      machine.state("no-registry");
      expect(machine.run("images")).toMatchObject({
        code: 7,
        said: expect.stringContaining("there is no weave command"),
      });
      machine.weave(COMMAND);
      expect(machine.run("images")).toMatchObject({
        code: 5,
        said: expect.stringContaining("rajchaudhuri/weave:2.9.0 cannot be fetched"),
      });
      machine.weave(COMMAND, 0o644);
      expect(machine.run("weave")).toMatchObject({
        code: 7,
        said: expect.stringContaining("is there and may not be run"),
      });
    });

    it("asks for the tools that Ferry would find wanting, also among an operator's files", () => {
      fresh("alpine-3.20.3", [...APK, "rsync", "python3", "iptables", "ebtables"]);
      const folder = `${machine.folder}/.pulumi-ferry-bootstrap`;
      for (const name of ["coreutils", "grep", "sed", "util-linux"]) {
        machine.write(`packages/${name}-1.0-r0.apk`, "", folder);
      }
      const ran = machine.run("tools", { packages: "./apks" });
      const words = "findutils were to bring is not there: are they in the folder";
      if (distribution.busybox)
        expect(ran).toMatchObject({ code: 4, said: expect.stringContaining(words) });
      else well(ran);
      machine.write("packages/findutils-4.9.0-r5.apk", "", folder);
      well(machine.run("tools", { packages: "./apks" }));
    });

    it("waits for cloud-init, and for apt's lists while somebody else has their lock", () => {
      fresh("ubuntu-24.04-noble", [...APT, "cloud-init"]);
      expect(machine.run("system")).toMatchObject({ code: 0 });
      expect(machine.calls()).toEqual(["cloud-init status --wait"]);
      machine.state("locked", "3");
      expect(machine.run("tools")).toMatchObject({ code: 0 });
      expect(machine.calls().filter((call) => call === "apt-get -q update")).toHaveLength(4);
    });
  });
}

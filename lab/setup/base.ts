import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { must, mustLogged } from "../exec";
import { isBuilt, type HostKind, type Suite } from "../kind";
import { debianMirror } from "./debian";
import { builtDocker } from "./docker";
import { nspawnTools } from "./nspawn";
import { resultOf, type Step } from "./step";

/** What a plain Docker host has, and what the tests look at it with. */
const plainPackages = [
  "systemd",
  "systemd-sysv",
  "dbus",
  "openssh-server",
  "openssh-client",
  "docker.io",
  "iproute2",
  "iptables",
  "iputils-ping",
  "iputils-arping",
  "rsync",
  "python3-minimal",
  "procps",
  "ca-certificates",
  "sudo",
  "attr",
  "acl",
  "curl",
  "busybox-static",
  "kmod",
];

/** What the other packages bring along, or do without, from one release to the next. */
const packagesOf: Record<Suite, readonly string[]> = {
  bookworm: plainPackages,
  trixie: [...plainPackages, "docker-cli", "nftables"],
};

/** What a machine has that nobody has prepared. */
const barePackages = ["systemd", "systemd-sysv", "dbus", "openssh-server", "sudo", "procps"];

/** Changes with what `finish` does, since its text is part of no other recipe. */
const finishVersion = 1;

/** The tree that all hosts of a release share, read-only, below an overlay of their own. */
export function baseTree(suite: Suite): Step {
  return treeOf(suite, packagesOf[suite], `${suite}'s hosts`, "root/usr/sbin/dockerd");
}

/** The same of hosts that have sshd and nothing else. */
export function bareTree(suite: Suite): Step {
  return treeOf(suite, barePackages, `bare hosts of ${suite}`);
}

function treeOf(
  suite: Suite,
  packages: readonly string[],
  whose: string,
  ...more: readonly string[]
): Step {
  return {
    name: "base",
    title: `making the base tree of ${whose} with debootstrap`,
    expectedSeconds: 75,
    recipe: () => JSON.stringify([suite, packages, finishVersion]),
    keyFiles: [...more, "root/usr/sbin/sshd"],
    build: async (dir, log) => {
      const tools = join(resultOf(nspawnTools), "root");
      const root = join(dir, "root");
      await mustLogged(
        [
          // What debootstrap mounts and starts is gone with it, however it ends.
          ...["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"],
          ...["sh", join(tools, "usr/sbin/debootstrap"), "--variant=minbase"],
          ...[`--include=${packages.join(",")}`, suite, root, await debianMirror()],
        ],
        log,
        { env: { ...process.env, DEBOOTSTRAP_DIR: join(tools, "usr/share/debootstrap") } },
      );
      await finish(root);
    },
  };
}

/** The steps whose results lie below a host's own files, the uppermost first. */
export function treesBelow({ suite, docker }: HostKind): Step[] {
  if (docker === "none") return [bareTree(suite)];
  return [...(isBuilt(docker) ? [builtDocker(docker)] : []), baseTree(suite)];
}

/** What every host shares and a fresh Debian has not. */
async function finish(root: string): Promise<void> {
  for (const file of ["rsa", "ecdsa", "ed25519"].flatMap((kind) => [
    `etc/ssh/ssh_host_${kind}_key`,
    `etc/ssh/ssh_host_${kind}_key.pub`,
  ])) {
    rmSync(join(root, file), { force: true });
  }
  rmSync(join(root, "etc/hostname"), { force: true });
  // Debian's package archives are of no more use, and each host would carry them.
  rmSync(join(root, "var/cache/apt/archives"), { recursive: true, force: true });
  rmSync(join(root, "var/lib/apt/lists"), { recursive: true, force: true });

  // A user as people have them: not root, in Docker's group, sudo without a password.
  const groups = readFileSync(join(root, "etc/group"), "utf8").includes("docker:")
    ? "docker,sudo"
    : "sudo";
  await must(["chroot", root, "useradd", "-m", "-s", "/bin/bash", "-G", groups, "ferry"]);
  const sudoers = join(root, "etc/sudoers.d/ferry");
  writeFileSync(sudoers, "ferry ALL=(ALL) NOPASSWD: ALL\n");
  chmodSync(sudoers, 0o440);

  // A session of systemd for each ssh login waits up to 25 s for what a container has not.
  const session = join(root, "etc/pam.d/common-session");
  const kept = readFileSync(session, "utf8").split("\n");
  writeFileSync(session, kept.filter((line) => !line.includes("pam_systemd")).join("\n"));
  for (const dir of ["var/lib/docker", "var/lib/containerd", "run/ferry-images"]) {
    mkdirSync(join(root, dir), { recursive: true });
  }
}

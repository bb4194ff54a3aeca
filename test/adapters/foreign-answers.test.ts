import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { machineFacts } from "../../provider/adapters/host/machine-facts";
import { WeaveCommand } from "../../provider/adapters/weave/weave-command";
import type { Host } from "../../provider/core/adapter-ports";
import { shellsHere } from "./shells-here";

/** How programs of other systems answer what Ferry's scripts ask of them. */
let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "ferry-foreign-"))));
afterEach(() => rmSync(folder, { recursive: true }));

const shells = shellsHere.filter((shell) => !/fish|tcsh|zsh/.test(shell));

function program(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  chmodSync(path, 0o755);
  return path;
}

describe.each(shells)("by %s", (shell) => {
  function host() {
    const [sh = "", ...own] = shell.split(" ");
    const script = (text: string, args: readonly string[]) => {
      const env = { PATH: `${folder}:${process.env["PATH"] ?? ""}` };
      const argv = [...own, "-s", "--", ...args];
      const { status, stdout, stderr } = spawnSync(sh, argv, { input: text, env });
      return Promise.resolve({ exitCode: status, stdout: String(stdout), stderr: String(stderr) });
    };
    return { name: "here", shell: { script } } as unknown as Host;
  }

  test.each([
    ["rsync  version 3.0.9  protocol version 30", "3.0.9"],
    ["rsync  version 3.1.2  protocol version 31", "3.1.2"],
    ["rsync  version 3.2.7  protocol version 31", "3.2.7"],
    ["rsync  version v3.2.3dev  protocol version 31.PR9", "3.2.3"],
    ["rsync  version 3.4.0pre1  protocol version 32", "3.4.0"],
    ["openrsync: protocol version 29, rsync version 2.6.9 compatible", "2.6.9"],
    ["openrsync: protocol version 27", undefined],
  ])("'%s' is rsync %s", async (line, version) => {
    program("rsync", `#!/bin/sh\necho '${line}'\necho 'Copyright of version 99'\n`);
    expect((await machineFacts(host(), () => Date.now() / 1000)).rsync).toBe(version);
  });

  test.each([
    ["iptables v1.8.9 (nf_tables)", "nft"],
    ["iptables v1.8.7 (legacy)", "legacy"],
    ["iptables v1.6.1", "legacy"],
  ])("'%s' is iptables-%s", async (line, flavour) => {
    program("iptables", `#!/bin/sh\necho '${line}'\n`);
    expect((await machineFacts(host(), () => Date.now() / 1000)).iptables).toBe(flavour);
  });

  test.each([
    ['SCRIPT_VERSION="2.8.1"\nDOCKERHUB_USER=${DOCKERHUB_USER:-weaveworks}', "2.8.1", "weaveworks"],
    ['SCRIPT_VERSION="2.9.0"\nDOCKERHUB_USER="${DOCKERHUB_USER:-own}"', "2.9.0", "own"],
    ['SCRIPT_VERSION="2.9.0"\nDOCKERHUB_USER=${DOCKERHUB_USER:-"own"}', "2.9.0", "own"],
    ['SCRIPT_VERSION="2.8.1"\nDOCKERHUB_USER="weaveworks"', "2.8.1", "weaveworks"],
    ["SCRIPT_VERSION='2.8.1'\nDOCKERHUB_USER='weaveworks'", "2.8.1", "weaveworks"],
    ["SCRIPT_VERSION=2.8.1 # ours\nDOCKERHUB_USER=weaveworks  # ours", "2.8.1", "weaveworks"],
    [
      "export SCRIPT_VERSION=2.8.1\nexport DOCKERHUB_USER=r.example:5000/own",
      "2.8.1",
      "r.example:5000/own",
    ],
    ['SCRIPT_VERSION="unreleased"', "unreleased", undefined],
    ['#SCRIPT_VERSION="1.0.0"\nexec /opt/weave "$@"', "unknown", undefined],
  ])("a weave command with %j", async (lines, version, owner) => {
    const path = program("weave", `#!/bin/sh\nset -e\n${lines}\n`);
    const weave = new WeaveCommand(host(), { command: path });
    expect([await weave.version(), await weave.imagesOf()]).toEqual([version, owner]);
  });
});

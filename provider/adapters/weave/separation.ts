import { FerryError } from "../../core/errors";
import type { Host } from "../../core/adapter-ports";
import type { NetworkSeparation } from "../../core/network/network-port";
import { hostProgram } from "../../on-host/load";

const PUT = hostProgram("weave/separation-put.sh");
const STATE = hostProgram("weave/separation-state.sh");
const REMOVE = hostProgram("weave/separation-remove.sh");
/** Kept by hosts as it is. */
const PROGRAM = hostProgram("weave/keep-apart.sh");

/** Docker is not started where the rules cannot be put back: nothing of it runs without them. */
const UNIT = `# Written by pulumi-ferry.
[Unit]
Description=Keep containers apart that share no network
Before=docker.service

[Service]
Type=oneshot
ExecStart=/usr/local/lib/pulumi-ferry/keep-apart

[Install]
RequiredBy=docker.service
`;

const WHAT = "keeping containers apart that share no network";

/** Why a host cannot, by what its program says. */
const REASONS: Readonly<Record<string, readonly [reason: string, advice: string]>> = {
  "no-ebtables": [
    "it has no ebtables, which rules of its bridge are written with",
    "Install it there (Debian and Fedora: the package iptables brings it; Alpine: ebtables)",
  ],
  "no-systemd": [
    "it has no systemd, so that nothing puts the rules back at boot before containers start",
    "Put all services on one network, or the deployment on hosts with systemd",
  ],
  "no-bridge": [
    "its containers are on Open vSwitch alone, and not on a bridge with tables",
    "Reset Weave there, and have it launched by a version from 2.0 on, which has a bridge",
  ],
};

/** By rules of Weave's bridge, which a program on the host writes. */
export const weaveSeparation: NetworkSeparation = {
  async put(host, id, rules) {
    const length = String(Buffer.byteLength(rules));
    const said = await mustRun(host, PUT, [id, length, PROGRAM, UNIT], rules);
    const known = REASONS[said];
    if (said === "there") return;
    const [reason, advice] = known ?? [said || "it does not say why", undefined];
    throw new FerryError({
      ...{ kind: "settings", what: WHAT, host: host.name, reason, touched: "nothing" },
      ...(advice === undefined ? {} : { advice }),
    });
  },
  async fault(host, id, rules) {
    const said = await mustRun(host, STATE, [id], rules);
    return said === "there" ? undefined : said;
  },
  async remove(host, id) {
    await mustRun(host, REMOVE, [id], "");
  },
};

async function mustRun(
  { name, shell }: Host,
  script: string,
  args: readonly string[],
  stdin: string,
): Promise<string> {
  const { exitCode, stdout, stderr } = await shell.run({
    argv: ["sh", "-c", script, "sh", ...args],
    stdin,
    root: true,
  });
  if (exitCode === 0) return stdout.trim();
  const reason = stderr.trim() || `exit code ${exitCode}`;
  throw new FerryError({
    ...{ kind: "trouble", what: WHAT, host: name, reason },
    touched: { said: "The rules that it had before are in force" },
  });
}

import { spawn } from "node:child_process";
import { connect } from "node:net";
import { join } from "node:path";

import { LabError } from "./errors";
import { exec, type ExecResult, shellQuote, waitFor } from "./exec";
import { hostNamed, type Host, type Lab, thisLab } from "./identity";

const sshPort = 22;

/** The system's own ssh with nothing of the user's configuration, and the host's key pinned. */
export function sshArguments(lab: Lab, host: Host): string[] {
  const options = {
    UserKnownHostsFile: join(lab.dir, "known_hosts"),
    StrictHostKeyChecking: "yes",
    BatchMode: "yes",
    ConnectTimeout: "5",
    LogLevel: "ERROR",
    IdentitiesOnly: "yes",
  };
  return [
    ...["ssh", "-F", "none", "-i", join(lab.dir, "key")],
    ...Object.entries(options).flatMap(([name, value]) => ["-o", `${name}=${value}`]),
    `root@${host.ip}`,
  ];
}

export function requireHost(lab: Lab, name: string): Host {
  const host = hostNamed(lab, name);
  if (host === undefined) {
    throw new LabError(`'${name}' is no host of the lab; hosts are called node1, node2, ...`, 2);
  }
  return host;
}

/** Runs a command on a host as root: an argv as it is, or a string by the host's shell. */
export function run(
  name: string,
  command: readonly string[] | string,
  options: { input?: string | Buffer; timeoutMs?: number } = {},
  lab: Lab = thisLab(),
): Promise<ExecResult> {
  const text = typeof command === "string" ? command : command.map(shellQuote).join(" ");
  return exec([...sshArguments(lab, requireHost(lab, name)), text], options);
}

/** The same, for commands that must succeed: gives their standard output. */
export async function mustRun(
  name: string,
  command: readonly string[] | string,
  lab: Lab = thisLab(),
  timeoutMs = 120_000,
): Promise<string> {
  const result = await run(name, command, { timeoutMs }, lab);
  if (result.code !== 0) {
    const said = (result.stderr || result.stdout).trim().split("\n").slice(-3).join("; ");
    const text = typeof command === "string" ? command : command.join(" ");
    throw new LabError(`on ${name}, '${text.slice(0, 120)}' failed with ${result.code}: ${said}`);
  }
  return result.stdout;
}

/** A shell or a command with this terminal, for people; gives its exit code. */
export function interactive(lab: Lab, host: Host, command: readonly string[]): Promise<number> {
  const [program = "", ...args] = sshArguments(lab, host);
  return new Promise((resolve, reject) => {
    const child = spawn(program, [...args, ...command], { stdio: "inherit" });
    child.on("error", reject);
    child.on("exit", (code) => resolve(code ?? 128));
  });
}

function answers(host: Host): Promise<true | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host: host.ip, port: sshPort, timeout: 1_000 });
    const resolveOnce = (answer: true | undefined): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("data", () => resolveOnce(true)); // sshd's greeting
    socket.once("timeout", () => resolveOnce(undefined));
    socket.once("error", () => resolveOnce(undefined));
    socket.once("close", () => resolveOnce(undefined));
  });
}

/** Waits until ssh and Docker answer; with `docker: false` ssh alone. */
export async function waitUntilReady(
  lab: Lab,
  host: Host,
  { docker = true, timeoutMs = 60_000 }: { docker?: boolean; timeoutMs?: number } = {},
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  const ready = await waitFor(async () => {
    if ((await answers(host)) === undefined) return undefined;
    // `start` waits for the job that the boot has queued, or for the daemon to say that it is
    // ready.
    const command = docker ? "systemctl start docker.service && docker version >/dev/null" : "true";
    const left = Math.max(1_000, deadline - Date.now());
    const result = await run(host.name, command, { timeoutMs: left }, lab);
    return result.code === 0 ? true : undefined;
  }, timeoutMs);
  if (ready === undefined) {
    throw new LabError(
      `${host.name} did not come up in ${timeoutMs / 1000} s; its console is in ${join(host.dir, "console.log")}. Run 'npm run lab -- down', then 'up' again.`,
    );
  }
}

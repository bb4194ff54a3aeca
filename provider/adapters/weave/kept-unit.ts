import { FerryError } from "../../core/errors";
import type { CommandResult, Host } from "../../core/adapter-ports";
import { hostProgram } from "../../on-host/load";

export type OnHost = Pick<Host, "name" | "shell">;

const START = hostProgram("weave/unit-start.sh");
const LOOK = hostProgram("weave/unit-state.sh");
const REMOVE = hostProgram("weave/unit-remove.sh");

/** A program that a host goes on running by itself, at boot and ever after. */
export interface KeptUnit {
  /** "pulumi-ferry-sweep.service" */
  readonly unit: string;
  /** What it does there, for `systemctl status`. */
  readonly description: string;
  readonly scriptPath: string;
  readonly script: string;
}

const pathOf = ({ unit }: KeptUnit) => `/etc/systemd/system/${unit}`;

const textOf = ({ description, scriptPath }: KeptUnit) => `# Written by pulumi-ferry.
[Unit]
Description=${description}
After=docker.service
# systemd gives no unit up that nobody would see missing.
StartLimitIntervalSec=0

[Service]
ExecStart=${scriptPath}
Restart=always
RestartSec=1

[Install]
WantedBy=multi-user.target
`;

/**
 * Needs systemd; resolves to false where there is none. Repeating it changes nothing, and another
 * text than the host has replaces it.
 */
export async function installUnit(host: OnHost, kept: KeptUnit): Promise<boolean> {
  const { shell } = host;
  const { exitCode } = await shell.run({ argv: ["test", "-d", "/run/systemd/system"] });
  if (exitCode !== 0) return false;
  const current = await shell.readFile(kept.scriptPath, { root: true });
  const unit = await shell.readFile(pathOf(kept), { root: true });
  const changed = current !== kept.script || unit !== textOf(kept);
  if (changed) {
    await shell.writeFile(kept.scriptPath, kept.script, { mode: 0o755, root: true });
    await shell.writeFile(pathOf(kept), textOf(kept), { mode: 0o644, root: true });
  }
  await mustRun(host, `starting ${kept.unit}`, START, [kept.unit, changed ? "changed" : ""]);
  return true;
}

/**
 * Why it does not run there, or not for good, as systemd has it: "failed (start-limit-hit)". Only
 * what stays the same while nothing changes; undefined where all is well, and without systemd.
 */
export async function unitFault(host: OnHost, { unit }: KeptUnit): Promise<string | undefined> {
  const { stdout } = await mustRun(host, `looking at ${unit}`, LOOK, [unit]);
  return stdout.trim() === "" ? undefined : stateOf(new Map(stdout.split("\n").map(halves)));
}

/** Undoes `installUnit`. Missing is success. */
export async function removeUnit(host: OnHost, kept: KeptUnit): Promise<void> {
  const { unit, scriptPath } = kept;
  await mustRun(host, `removing ${unit}`, REMOVE, [unit, pathOf(kept), scriptPath]);
}

function stateOf(unit: ReadonlyMap<string, string>): string | undefined {
  const is = (name: string) => unit.get(name) ?? "";
  if (is("LoadState") !== "loaded") return "not there";
  if (is("ActiveState") === "active") {
    return is("UnitFileState") === "enabled" ? undefined : "not started at boot";
  }
  const result = is("Result");
  const state = is("SubState") === "auto-restart" ? "restarted again and again" : is("ActiveState");
  return result === "" || result === "success" ? state : `${state} (${result})`;
}

function halves(line: string): [string, string] {
  const at = line.indexOf("=");
  return [line.slice(0, at), line.slice(at + 1).trim()];
}

export async function mustRun(
  { name, shell }: OnHost,
  what: string,
  script: string,
  args: readonly string[] = [],
): Promise<CommandResult> {
  const result = await shell.script(script, args, { root: true });
  const { exitCode, stderr } = result;
  if (exitCode === 0) return result;
  throw new FerryError({
    kind: "trouble",
    reason: `${what} failed on host '${name}': ${stderr.trim() || `exit code ${exitCode}`}.`,
  });
}

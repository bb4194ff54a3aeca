import { FerryError } from "../../core/errors";
import type { CommandResult, Host } from "../../core/ports";
import { hostProgram } from "../../on-host/load";
import { SWEEP_UNIT as UNIT, sweeperWords } from "../../core/weave/port";

type OnHost = Pick<Host, "name" | "shell">;

const SWEEP = hostProgram("weave/sweep-now.sh");
/** Sweeps at once, and again each time a container ends, whoever ended it. Kept by hosts as it is. */
const SCRIPT = hostProgram("weave/sweeper.sh");
const START = hostProgram("weave/sweeper-start.sh");
const LOOK = hostProgram("weave/sweeper-state.sh");
const REMOVE = hostProgram("weave/sweeper-remove.sh");

const SCRIPT_PATH = "/usr/local/lib/pulumi-ferry/sweep-dead-links";
const UNIT_PATH = `/etc/systemd/system/${UNIT}`;

const UNIT_TEXT = `# Written by pulumi-ferry.
[Unit]
Description=Take ended containers' addresses off the Weave network
After=docker.service
# systemd gives no unit up that nobody would see missing.
StartLimitIntervalSec=0

[Service]
ExecStart=${SCRIPT_PATH}
Restart=always
RestartSec=1

[Install]
WantedBy=multi-user.target
`;

/** Takes the addresses of ended containers off the network, now. Changes nothing that is in use. */
export async function sweepDeadLinks(host: OnHost): Promise<void> {
  await mustRun(host, "taking ended containers' addresses off the network", SWEEP);
}

/**
 * Has the host do so by itself from now on, for containers that Docker restarts on its own. Needs
 * systemd; resolves to false where there is none, and the host is then only swept by what Ferry
 * does. Repeating it changes nothing.
 */
export async function installSweeper(host: OnHost): Promise<boolean> {
  const { shell } = host;
  const { exitCode } = await shell.run({ argv: ["test", "-d", "/run/systemd/system"] });
  if (exitCode !== 0) return false;
  const current = await shell.readFile(SCRIPT_PATH, { root: true });
  const unit = await shell.readFile(UNIT_PATH, { root: true });
  const changed = current !== SCRIPT || unit !== UNIT_TEXT;
  if (changed) {
    await shell.writeFile(SCRIPT_PATH, SCRIPT, { mode: 0o755, root: true });
    await shell.writeFile(UNIT_PATH, UNIT_TEXT, { mode: 0o644, root: true });
  }
  await mustRun(host, `starting ${UNIT}`, START, [UNIT, changed ? "changed" : ""]);
  return true;
}

/** As `Weave.sweeperFault`. */
export async function sweeperFault(host: OnHost): Promise<string | undefined> {
  const { stdout } = await mustRun(host, `looking at ${UNIT}`, LOOK, [UNIT]);
  if (stdout.trim() === "") return undefined;
  const state = stateOf(new Map(stdout.split("\n").map(halves)));
  return state === undefined ? undefined : sweeperWords(host.name, state);
}

/** Of what systemd says only what stays the same while nothing changes. */
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

/** Undoes `installSweeper`. Missing is success. */
export async function removeSweeper(host: OnHost): Promise<void> {
  await mustRun(host, `removing ${UNIT}`, REMOVE, [UNIT, UNIT_PATH, SCRIPT_PATH]);
}

async function mustRun(
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

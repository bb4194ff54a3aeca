import { FerryError } from "../../core/errors";
import type { CommandResult, Host } from "../../core/ports";
import { SWEEP_UNIT as UNIT, sweeperWords } from "../../core/weave/port";

type OnHost = Pick<Host, "name" | "shell">;

/**
 * Weave 2.4 and later (2.6.5 was measured; weaveworks/weave#3406) keeps the network namespace of
 * every container that it has attached open for as long as the router runs. A container that has
 * ended, or was restarted, so leaves behind a namespace without a process, which still has the
 * container's address and answers for it on the overlay: clients that happen to hear it first are
 * refused. The address is only free once the host's end of that link is gone.
 *
 * The host's end is called `vethwepl` and the process id of the container that it was made for. It
 * is dead when that process has ended, when its number now belongs to a process of the host itself,
 * or when that process has another link called `ethwe`. A process that has none yet is being
 * attached right now.
 */
const SWEEP = `sweep() {
  for link in /sys/class/net/vethwepl*; do
    pid=\${link##*/vethwepl}
    case $pid in '' | *[!0-9]*) continue ;; esac
    peer=$(cat "$link/iflink" 2>/dev/null) || continue
    namespace=$(readlink "/proc/$pid/ns/net" 2>/dev/null) || namespace=
    if [ -n "$namespace" ] && [ "$namespace" != "$(readlink /proc/1/ns/net)" ]; then
      attached=$(nsenter -t "$pid" -n ip -o link show dev ethwe 2>/dev/null | cut -d: -f1)
      [ -n "$attached" ] && [ "$attached" != "$peer" ] || continue
    fi
    ip link delete "vethwepl$pid" 2>/dev/null || [ ! -e "$link" ]
  done
}`;

const SCRIPT_FOLDER = "/usr/local/lib/pulumi-ferry";
const SCRIPT_PATH = `${SCRIPT_FOLDER}/sweep-dead-links`;
const UNIT_PATH = `/etc/systemd/system/${UNIT}`;

/**
 * Sweeps at once, and again each time a container ends, whoever ended it. What a line of Docker's
 * says is not looked at, so no `--format` is asked for: Docker 29 dropped the field that was, and
 * the sweeper died of it.
 */
const SCRIPT = `#!/bin/sh
# Written by pulumi-ferry. Takes ended containers' addresses off the Weave network (weaveworks/weave#3406).
${SWEEP}
sweep
docker events --filter type=container --filter event=die | while read -r _; do sweep; done
`;

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
  await mustRun(host, "taking ended containers' addresses off the network", `${SWEEP}\nsweep\n`);
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
  await mustRun(
    host,
    `starting ${UNIT}`,
    // One that systemd has given up is refused a start until that is forgotten.
    `${changed ? "systemctl daemon-reload && " : ""}systemctl enable --quiet ${UNIT} && ` +
      `{ systemctl reset-failed ${UNIT} 2>/dev/null || true; } && ` +
      `systemctl ${changed ? "restart" : "start"} ${UNIT}`,
  );
  return true;
}

/** Prints nothing where there is no systemd. */
const LOOK = `[ -d /run/systemd/system ] || exit 0
look() { systemctl show -p LoadState -p ActiveState -p SubState -p Result -p UnitFileState ${UNIT}; }
found=$(look) || exit
# It ends with Docker, and is back a second later: that alone is no fault.
case $found in *SubState=auto-restart*) sleep 3; found=$(look) || exit ;; esac
echo "$found"
`;

/** As `Weave.sweeperFault`. */
export async function sweeperFault(host: OnHost): Promise<string | undefined> {
  const { stdout } = await mustRun(host, `looking at ${UNIT}`, LOOK);
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
  await mustRun(
    host,
    `removing ${UNIT}`,
    `if [ -e ${UNIT_PATH} ]; then
      systemctl disable --quiet --now ${UNIT}
      rm -f ${UNIT_PATH}
      systemctl daemon-reload
    fi
    rm -f ${SCRIPT_PATH}
    rmdir ${SCRIPT_FOLDER} 2>/dev/null || true`,
  );
}

async function mustRun(
  { name, shell }: OnHost,
  what: string,
  script: string,
): Promise<CommandResult> {
  const result = await shell.script(script, [], { root: true });
  const { exitCode, stderr } = result;
  if (exitCode === 0) return result;
  throw new FerryError({
    kind: "trouble",
    reason: `${what} failed on host '${name}': ${stderr.trim() || `exit code ${exitCode}`}.`,
  });
}

import { createHash } from "crypto";
import type { CommandResult, Host } from "../../core/adapter-ports";
import { FerryError } from "../../core/errors";
import { taskText, type UpkeepTask } from "../../core/volume/upkeep";
import type { FoundTask, FoundUpkeep, HostUpkeep } from "../../core/volume/upkeep-port";
import { hostProgram } from "../../on-host/load";

const PUT = hostProgram("upkeep/put.sh");
const LOOK = hostProgram("upkeep/look.sh");
const REMOVE = hostProgram("upkeep/remove.sh");
const RESTORE = hostProgram("upkeep/restore.sh");
const SNAPSHOT_NOW = hostProgram("upkeep/snapshot-now.sh");
const RESTORE_SNAPSHOT = hostProgram("upkeep/restore-snapshot.sh");
/** A volume may be large. */
const A_DAY = 86_400;
/** Kept by hosts as they are. */
const PROGRAMS: Readonly<Record<UpkeepTask["name"], string>> = {
  backup: hostProgram("upkeep/backup.sh"),
  snapshots: hostProgram("upkeep/snapshots.sh"),
};

/** By timers of the host's systemd. */
export const hostUpkeep: HostUpkeep = {
  async put(host, volume, tasks) {
    for (const task of tasks) {
      const { name, everySeconds, settings } = task;
      const args = [volume, name, String(everySeconds), PROGRAMS[name]];
      const result = await host.shell.run({
        argv: ["sh", "-c", PUT, "put", ...args],
        stdin: lines({ ...settings, stamp: stampOf(task) }),
        root: true,
        timeoutSeconds: 300,
        redact: secretsIn(settings),
      });
      const what = `setting up the ${name} of volume '${settings["volume"] ?? ""}'`;
      require0(host, what, result, secretsIn(settings));
    }
    await remove(host, volume, tasks);
  },

  async look(host, volume, tasks) {
    const result = await host.shell.script(LOOK, [volume], { root: true });
    require0(host, "asking what it does for a volume", result);
    return found(result.stdout, tasks);
  },

  remove: (host, volume) => remove(host, volume, []),

  async snapshotNow(host, volumes) {
    const options = { root: true, timeoutSeconds: A_DAY };
    const result = await host.shell.script(SNAPSHOT_NOW, volumes, options);
    require0(host, "taking a snapshot before a change", result);
  },

  async restoreSnapshot(host, { name, mountpoint }, of, snapshot) {
    const options = { root: true, timeoutSeconds: A_DAY };
    const args = [mountpoint, of, snapshot];
    const result = await host.shell.script(RESTORE_SNAPSHOT, args, options);
    require0(host, `filling volume '${name}' from a snapshot`, result);
  },

  async restore(host, { name, mountpoint }, settings) {
    const { stdin, done } = await host.shell.stream({
      argv: ["sh", "-c", RESTORE, "restore", mountpoint],
      root: true,
      redact: secretsIn(settings),
    });
    stdin.on("error", () => undefined);
    stdin.end(lines(settings));
    require0(host, `restoring volume '${name}'`, await done, secretsIn(settings));
  },
};

async function remove(host: Host, volume: string, but: readonly UpkeepTask[]): Promise<void> {
  const stay = ` ${but.map(({ name }) => name).join(" ")} `;
  const options = { root: true, timeoutSeconds: 300 };
  const result = await host.shell.script(REMOVE, [volume, stay], options);
  require0(host, "ending what it does for a volume", result);
}

const stampOf = (task: UpkeepTask): string =>
  createHash("sha256").update(taskText(task, PROGRAMS[task.name])).digest("hex");

const lines = (settings: Readonly<Record<string, string>>): string =>
  Object.entries(settings)
    .map(([name, text]) => `${name} ${Buffer.from(text).toString("base64")}\n`)
    .join("");

function secretsIn({ password = "", environment = "" }: Readonly<Record<string, string>>) {
  const values = environment.split("\n").map((line) => line.slice(line.indexOf("=") + 1));
  return [password, ...values].filter((text) => text !== "");
}

function found(said: string, tasks: readonly UpkeepTask[]): FoundUpkeep {
  const answers = said.split("\n").map((line) => /^(\S+) (\S+) ?(.*)$/.exec(line)?.slice(1) ?? []);
  const word = (task: string, what: string) =>
    answers.find(([of, key]) => of === task && key === what)?.[2];
  const timed = (text: string | undefined) => {
    const [, at, what = ""] = /^(\d+) ?(.*)$/.exec(text ?? "") ?? [];
    return at === undefined ? undefined : { at: Number(at), what };
  };
  const one = (task: UpkeepTask): FoundTask => {
    const list = (word(task.name, "list") ?? "").split(" ").filter((name) => name !== "");
    const [last, failure] = ["last", "failure"].map((key) => timed(word(task.name, key)));
    return {
      isInOrder:
        word(task.name, "stamp") === stampOf(task) && word(task.name, "timer") === "active",
      ...(last === undefined ? {} : { last }),
      ...(failure === undefined ? {} : { failure }),
      ...(list.length === 0 ? {} : { list }),
    };
  };
  return {
    now: Number(answers.find(([key]) => key === "now")?.[1]),
    tasks: Object.fromEntries(tasks.map((task) => [task.name, one(task)])),
  };
}

function require0(
  host: Host,
  what: string,
  { exitCode, stderr }: CommandResult,
  secrets: readonly string[] = [],
): void {
  if (exitCode === 0) return;
  const reason = stderr.trim().split("\n").at(-1) || `exit code ${exitCode}`;
  throw new FerryError({ kind: "trouble", what, host: host.name, reason, secrets });
}

import type { RestartPolicy } from "../../core/container-spec";
import { FerryError } from "../../core/errors";
import { BARRIER_VOLUME } from "../../core/move/start-barrier";
import type {
  ArmedCutover,
  CopyRoute,
  CutoverOutcome,
  CutoverPlan,
} from "../../core/move/move-ports";
import { addressesIn } from "../../core/network/addresses-in";
import type { Host } from "../../core/adapter-ports";
import type { OneOffKey } from "../move-key/one-off-key";
import { makeStartBarrier } from "./start-barrier";
import { parseOutcome } from "./outcome";
import { hostProgram } from "../../on-host/load";

const CAN_CUT_OVER_HERE = hostProgram("cutover/can-cut-over-here.sh");
const CAN_CUT_OVER_THERE = hostProgram("cutover/can-cut-over-there.sh");
const CUTOVER_STATUS = hostProgram("cutover/status.sh");
const DISARM = hostProgram("cutover/disarm.sh");
const END_CUTOVER = hostProgram("cutover/end.sh");
const ENTRIES_SOURCE = hostProgram("cutover/entries_source.py");
const ENTRIES_TARGET = hostProgram("cutover/entries_target.py");
const MANIFEST = hostProgram("cutover/manifest.sh");
const RUN_CUTOVER = hostProgram("cutover/run.sh");
const SOURCE_SCRIPT = hostProgram("cutover/source.sh");
const TARGET_SCRIPT = hostProgram("cutover/target.sh");
const WRITE_ALL = hostProgram("cutover/write-all.sh");

/** How rsync is to be called for one volume; each is program and arguments. */
export interface CutoverCopies {
  /** For the files that the source lists. */
  readonly some: readonly string[];
  /** For all of it. */
  readonly all: readonly string[];
}

export interface CutoverSetting {
  readonly route: CopyRoute;
  readonly key: OneOffKey;
  readonly copies: readonly CutoverCopies[];
  /** Both sides can list extended attributes. */
  readonly attributes: boolean;
  /** Both sides have python3, so that folders that changed are compared by the names in them. */
  readonly python: boolean;
}

/**
 * A cutover runs as long as the source takes to stop, the rest to be copied and the target to get
 * healthy.
 */
const LONGEST_SECONDS = 24 * 3600;

/** A container may be given that long to stop. */
const LONGEST_WORD_SECONDS = 600;

/** A container that is started again takes far less. */
const START_SECONDS = 60;

/**
 * How long a target may take to notice that the source is out of its reach, and to stop what runs:
 * see the key's ssh_config.
 */
const NOTICED_SECONDS = 25;

/**
 * In the key's folder on the target: the files of a volume that rsync leaves to the comparison by
 * blocks.
 */
export function handledBy(volume: number): string {
  return `handled-${volume}`;
}

/** Why a cutover of one command does not go between these hosts; undefined when it does. */
export async function cutoverProblem({ source, target }: CopyRoute): Promise<string | undefined> {
  const [here, there] = await Promise.all([
    target.shell.script(CAN_CUT_OVER_HERE, [], { root: true }),
    source.shell.script(CAN_CUT_OVER_THERE, [], { root: true }),
  ]);
  if (here.exitCode !== 0) return `on host '${target.name}' ${here.stdout.trim()}`;
  if (there.exitCode !== 0) return `on host '${source.name}' ${there.stdout.trim()}`;
  return undefined;
}

/** Puts all that the cutover needs on both hosts. Nothing of the replica is touched. */
export async function armCutover(
  setting: CutoverSetting,
  plan: CutoverPlan,
): Promise<ArmedCutover> {
  const { route, key } = setting;
  const { source, target } = route;
  const [startBarrier, address] = await Promise.all([
    barrierFile(target, plan),
    overlayAddress(target, plan.target.containerId),
  ]);
  await Promise.all([
    writeAll(source, `${key.served}/cut`, sourceFiles(setting, plan)),
    writeAll(source, key.served, {
      agent: SOURCE_SCRIPT,
      manifest: MANIFEST,
      ...(setting.python ? { entries: ENTRIES_SOURCE } : {}),
    }),
    writeAll(target, key.directory, {
      ...targetFiles(setting, plan, startBarrier),
      address: `${address}\n`,
    }),
  ]);
  let lost = false;
  return {
    run: () =>
      runCutover(route, key).catch((error: unknown) => {
        lost = true;
        throw error;
      }),
    disarm: async () => {
      const seconds = Math.ceil(plan.source.stopTimeoutSeconds) + START_SECONDS;
      // It may go on over there, where nobody can be asked.
      if (lost) await endCutover(source, key.lockFile, seconds).catch(() => undefined);
      const args = [key.served, key.lockFile, String(seconds)];
      const options = { root: true, timeoutSeconds: seconds + START_SECONDS };
      await source.shell.script(DISARM, args, options);
    },
  };
}

/**
 * On its source: a cutover whose target is out of reach ends, and nothing of it runs there any
 * more.
 */
export async function endCutover(
  source: Host,
  lockFile: string,
  wordSeconds = LONGEST_WORD_SECONDS,
): Promise<"none" | "ended"> {
  const { exitCode, stdout, stderr } = await source.shell.script(
    END_CUTOVER,
    [lockFile, String(wordSeconds), String(NOTICED_SECONDS)],
    { root: true, timeoutSeconds: wordSeconds + NOTICED_SECONDS + START_SECONDS },
  );
  if (exitCode === 0) return stdout.trim() === "ended" ? "ended" : "none";
  throw new FerryError({
    kind: "trouble",
    reason: `ending the cutover of an earlier run failed on host '${source.name}': ${stderr.trim()}.`,
  });
}

/** Whether a cutover of the replica is still going on there, whoever began it. */
export async function cutoverStatus(host: Host, lockFile: string): Promise<"none" | "running"> {
  const { stdout } = await host.shell.script(CUTOVER_STATUS, [lockFile], { root: true });
  return stdout.trim() === "running" ? "running" : "none";
}

async function runCutover(
  { source, target, paths }: CopyRoute,
  key: OneOffKey,
): Promise<CutoverOutcome> {
  const options = { root: true, timeoutSeconds: LONGEST_SECONDS };
  const { stdout, stderr } = await target.shell.script(
    RUN_CUTOVER,
    [key.directory, key.lockFile],
    options,
  );
  const volumes = paths.map(({ name }) => name);
  const outcome = parseOutcome(stdout, { source: source.name, target: target.name, volumes });
  if (outcome !== undefined) return outcome;
  throw new FerryError({
    kind: "trouble",
    reason: `what came of the cutover could not be learned from host '${target.name}': ${stderr.trim() || "it said nothing"}.`,
  });
}

/** "10.40.0.2"; empty when it has none, or several. */
async function overlayAddress(host: Host, containerId: string): Promise<string> {
  const { environment = [] } = (await host.docker.container(containerId)) ?? {};
  return /^([\d.]+)\/\d+$/.exec(addressesIn(environment))?.[1] ?? "";
}

/** Once more, as the volume may have gone while no container had it. */
async function barrierFile(
  target: Host,
  { target: { startBarrier } }: CutoverPlan,
): Promise<string> {
  const made = await makeStartBarrier(target);
  const volume = made && (await target.docker.volume(BARRIER_VOLUME));
  if (volume !== undefined) return `${volume.mountpoint}/hold/${startBarrier}`;
  throw new FerryError({
    kind: "trouble",
    reason: `the start barrier for its container could not be made on host '${target.name}'.`,
  });
}

type Files = Readonly<Record<string, string>>;

function sourceFiles(
  { route, attributes, key }: CutoverSetting,
  { journals, source, content }: CutoverPlan,
): Files {
  return {
    container: `${source.containerId}\n`,
    stop: `${Math.ceil(source.stopTimeoutSeconds)} ${policyOf(source.restart)}\n`,
    directory: `${journals.directory}\n`,
    journal: `${journals.path}\n`,
    held: `${key.lockFile}\n`,
    looks: looks(attributes, content),
    limit: `${Math.round(route.maxBandwidth ?? 0)}\n`,
    ...journals.source,
    ...(attributes ? { attributes: "" } : {}),
    ...(content ? { content: "" } : {}),
  };
}

function targetFiles(
  { route, copies, attributes, python }: CutoverSetting,
  plan: CutoverPlan,
  startBarrier: string,
): Files {
  const { journals, target, content } = plan;
  return {
    script: TARGET_SCRIPT,
    manifest: MANIFEST,
    container: `${target.containerId}\n`,
    directory: `${journals.directory}\n`,
    journal: `${journals.path}\n`,
    gate: `${startBarrier}\n`,
    patience: `${Math.ceil(target.healthTimeoutSeconds)}\n`,
    looks: looks(attributes, content),
    ...journals.target,
    ...(target.restart ? { restart: `${policyOf(target.restart)}\n` } : {}),
    ...(target.sameProgram ? { "same-program": "" } : {}),
    ...(attributes ? { attributes: "" } : {}),
    ...(python ? { entries: ENTRIES_TARGET } : {}),
    ...(route.maxBandwidth === undefined ? {} : { limited: "" }),
    ...Object.fromEntries(
      copies.flatMap(({ some, all }, n) => [
        [handledBy(n), ""],
        [`rsync-some-${n}`, nulEnded(some)],
        [`rsync-all-${n}`, nulEnded(all)],
        [`path-${n}`, `${route.paths[n]?.target ?? ""}\n`],
      ]),
    ),
  };
}

/** As Docker's command takes it. */
function policyOf({ name, maximumRetryCount }: RestartPolicy): string {
  return maximumRetryCount === undefined ? name : `${name}:${maximumRetryCount}`;
}

/** How the whole of a volume is listed. */
function looks(attributes: boolean, content: boolean): string {
  return `fine ${attributes ? "attributes" : "-"} ${content ? "content" : "-"}\n`;
}

function nulEnded(words: readonly string[]): string {
  return words.map((word) => `${word}\0`).join("");
}

/**
 * All in one round trip. Nothing counts on their being on disk: after a power cut nobody would look
 * for them.
 */
async function writeAll(host: Host, directory: string, files: Files): Promise<void> {
  const contents = Object.entries(files).map(([name, text]) => ({
    name,
    bytes: Buffer.from(text),
  }));
  const sizes = contents.flatMap(({ name, bytes }) => [name, String(bytes.length)]);
  await host.shell.check({
    argv: ["sh", "-c", WRITE_ALL, "sh", directory, ...sizes],
    stdin: Buffer.concat(contents.map(({ bytes }) => bytes)),
    root: true,
  });
}

import { canonicalJson } from "../canonical-json";
import { DURATION_FORMS, parseDuration } from "../compose/durations";
import type { Connections } from "../connection";
import { placeAmong } from "../replica/known-places";
import { moveSettings, type Hook, type HookInput } from "../replica/move-settings";
import type { InputProblem } from "../errors";
import { volumeId } from "../identity";
import { journalName } from "../move/journal";
import { containsUnknown, isUnknown } from "../unknown";

/** Where backups go, as restic has it: a repository, without what it is opened with. */
export interface BackupSettings {
  /** "s3:https://s3.example/bucket", "sftp:user@host:/path", "/srv/backups": as restic takes it. */
  readonly repository: string;
  /** "1h", "1d": from one to the next. @default "1d" */
  readonly every?: string;
  /** How many are kept; absent: all. */
  readonly keep?: number;
}

/** What a repository is opened with. All of it is secret. */
export interface RepositoryKey {
  readonly password: string;
  /** What its storage asks for, AWS_ACCESS_KEY_ID and the like. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** Copies of a volume beside it, on its own disk. */
export interface SnapshotSettings {
  /** "1h": from one to the next. */
  readonly every: string;
  /** How many are kept. */
  readonly keep: number;
}

/** The replica's own commands, around each snapshot. */
export interface SnapshotHooks {
  readonly quiesce?: HookInput;
  readonly resume?: HookInput;
}

/** What hosts do for a volume by themselves, wherever it is. */
export interface UpkeepInputs {
  readonly project: string;
  readonly stack: string;
  readonly deployment: string;
  readonly key: string;
  /** The Docker volume's name. */
  readonly name: string;
  /** Where the replica is that mounts it. */
  readonly host: string;
  readonly backup?: BackupSettings;
  /** A secret. */
  readonly backupKey?: RepositoryKey;
  readonly snapshots?: SnapshotSettings;
  /** A secret. */
  readonly hooks?: SnapshotHooks;
  /** Of the replica that the hooks are of. */
  readonly service?: string;
  /** All hosts of the cluster. A secret. */
  readonly connections: Connections;
  readonly cluster?: string;
}

/** What `check` returns and state keeps. */
export interface KeptUpkeep extends Omit<UpkeepInputs, "connections"> {
  /** Where its host's name leads: another place may be another machine. A secret. */
  readonly place?: string;
  /** By a refresh alone: what is not there as it should be. */
  readonly drift?: string;
}

export interface UpkeepState extends KeptUpkeep {
  /** Ways to its host, and to those that did not answer when it went from them. */
  readonly connections: Connections;
  readonly lastBackup?: LastBackup;
  /** Names of the volume's snapshots on its host, the oldest first: "20260102T030405Z". */
  readonly snapshotNames?: readonly string[];
  /** What a refresh found not to be in order, in words; absent when all is well. */
  readonly health?: string;
}

/** The newest backup that is whole. */
export interface LastBackup {
  /** ISO 8601, UTC, by its host's clock. */
  readonly when: string;
  /** What restic calls it. */
  readonly snapshot: string;
}

/** One thing that a host does by a timer. */
export interface UpkeepTask {
  readonly name: "backup" | "snapshots";
  readonly everySeconds: number;
  readonly settings: Readonly<Record<string, string>>;
}

/** What its folder and its units are called on a host. */
export const upkeepName = (of: Parameters<typeof volumeId>[0]): string => journalName(volumeId(of));

const LEAST_SECONDS = 60;
const DEFAULT_EVERY = "1d";

/** Of inputs that `check` has let pass. */
export const tasksOf = (of: KeptUpkeep): UpkeepTask[] => [...backupOf(of), ...snapshotsOf(of)];

function snapshotsOf({ snapshots, hooks = {}, name, service = "" }: KeptUpkeep): UpkeepTask[] {
  if (snapshots === undefined) return [];
  const { every, keep } = snapshots;
  const settings = { volume: name, service, keep: String(keep), ...hookSettings(hooks) };
  return [{ name: "snapshots", everySeconds: secondsOf(every), settings }];
}

/** What nothing would end is not begun. */
function hookSettings(hooks: SnapshotHooks): Record<string, string> {
  const { quiesce, resume } = moveSettings(hooks).settings;
  if (quiesce === undefined || resume === undefined) return {};
  const one = (name: string, { argv, seconds }: Hook) => ({
    [name]: argv.map((word) => `${word}\0`).join(""),
    [`${name}-seconds`]: String(seconds),
  });
  return { ...one("quiesce", quiesce), ...one("resume", resume) };
}

function backupOf(of: KeptUpkeep): UpkeepTask[] {
  const { backup, backupKey } = of;
  if (backup === undefined || backupKey === undefined) return [];
  const { every = DEFAULT_EVERY, keep } = backup;
  const settings = {
    ...repositorySettings(backup.repository, backupKey, volumeId(of)),
    volume: of.name,
    host: of.host,
    keep: keep === undefined ? "" : String(keep),
  };
  return [{ name: "backup", everySeconds: secondsOf(every), settings }];
}

export function repositorySettings(
  repository: string,
  { password, environment = {} }: RepositoryKey,
  id: string,
): Record<string, string> {
  const lines = Object.entries(environment).map(([name, value]) => `${name}=${value}\n`);
  // Whoever may log in at it is in some of them: a message has the rest.
  const shown = repository.replace(/\/\/[^/]*@/, "//***@");
  return { repository, shown, password, environment: lines.sort().join(""), id };
}

const secondsOf = (every: string): number => Math.round(parseDuration(every) ?? 0);

/** Pure. Anything may be unknown. */
export function checkUpkeep(news: UpkeepInputs): { inputs: KeptUpkeep; problems: InputProblem[] } {
  const { project, stack, deployment, key, name, host, backup, backupKey, cluster } = news;
  const { snapshots, hooks, service } = news;
  const place = placeAmong(news.connections, host);
  const inputs = {
    ...{ project, stack, deployment, key, name, host },
    ...(backup === undefined ? {} : { backup }),
    ...(backupKey === undefined ? {} : { backupKey }),
    ...(snapshots === undefined ? {} : { snapshots }),
    ...(hooks === undefined ? {} : { hooks }),
    ...(service === undefined ? {} : { service }),
    ...(cluster === undefined ? {} : { cluster }),
    ...(place === undefined ? {} : { place }),
  };
  return { inputs, problems: [...backupProblems(inputs), ...snapshotProblems(inputs)] };
}

function snapshotProblems({ key, snapshots }: KeptUpkeep): InputProblem[] {
  if (snapshots === undefined || isUnknown(snapshots)) return [];
  const { every, keep } = snapshots;
  const wrong = (field: string) => (reason: string) => ({
    property: `snapshots.${field}`,
    reason: `volume '${key}': ${reason}`,
  });
  return [
    ...everyProblems(every).map(wrong("every")),
    ...countProblems((keep as number | undefined) ?? "nothing").map(wrong("keep")),
  ];
}

function backupProblems({ key, backup, backupKey }: KeptUpkeep): InputProblem[] {
  if (backup === undefined || isUnknown(backup)) return [];
  const wrong = (field: string, reason: string) => [
    { property: `backup.${field}`, reason: `volume '${key}': ${reason}` },
  ];
  return [
    ...everyProblems(backup.every ?? DEFAULT_EVERY).flatMap((reason) => wrong("every", reason)),
    ...repositoryProblems(backup.repository, backupKey).flatMap(([field, reason]) =>
      wrong(field, reason),
    ),
    ...countProblems(backup.keep).flatMap((reason) => wrong("keep", reason)),
  ];
}

export function everyProblems(every: unknown): string[] {
  if (isUnknown(every)) return [];
  const seconds = typeof every === "string" ? parseDuration(every) : undefined;
  if (seconds !== undefined && seconds >= LEAST_SECONDS) return [];
  const reason = `'${String(every)}' is no time from one to the next, of a minute at least.`;
  return [`${reason} ${DURATION_FORMS}`];
}

export function countProblems(keep: unknown): string[] {
  if (keep === undefined || isUnknown(keep)) return [];
  if (Number.isInteger(keep) && (keep as number) > 0) return [];
  return [`'${JSON.stringify(keep)}' is no number of those that are kept.`];
}

export function repositoryProblems(
  repository: unknown,
  backupKey: unknown,
): (readonly [field: string, reason: string])[] {
  const { password, environment = {} } = (backupKey ?? {}) as Partial<RepositoryKey>;
  const at = (field: string, reason: string) => [[field, reason] as const];
  const isLine = (text: unknown) => typeof text === "string" && !/[\n\r\0]/.test(text);
  return [
    ...(isUnknown(repository) || (isLine(repository) && repository !== "")
      ? []
      : at("repository", "it is empty, or more than a line.")),
    ...(isUnknown(backupKey) || isUnknown(password) || (isLine(password) && password !== "")
      ? []
      : at("password", "there is none, or it is more than a line.")),
    ...(containsUnknown(environment) ? [] : Object.entries(environment)).flatMap(([name, value]) =>
      /^[A-Za-z_]\w*$/.test(name) && isLine(value)
        ? []
        : at("environment", `'${name}' is no name of a variable, or its value is not one line.`),
    ),
  ];
}

/** What two settings of a task are told apart by, its program among them. */
export const taskText = (task: UpkeepTask, program: string): string =>
  canonicalJson({ ...task, program });

import { canonicalJson } from "../canonical-json";
import type { InputProblem } from "../errors";
import { decideFormerly } from "../replica/formerly";
import { containsUnknown, isUnknown } from "../unknown";
import { DEFAULT_DRIVER, type VolumeDrivers } from "./driver";
import { elsewhereBy } from "./elsewhere";
import { FOLDER_DRIVER } from "./folder";
import { SCOPES } from "./scope";
import type { KeptVolume, VolumeInputs } from "./model";

/** Pure. Says what is wrong, and leaves out what is no business of state's. */
export function checkVolume(
  olds: Partial<KeptVolume>,
  news: VolumeInputs,
  drivers: VolumeDrivers,
): { inputs: KeptVolume; problems: InputProblem[] } {
  const before = decideFormerly(olds, news);
  const volume = {
    project: news.project,
    stack: news.stack,
    deployment: news.deployment,
    key: news.key,
    name: news.name,
    driver: (news.driver as string | undefined) ?? DEFAULT_DRIVER,
    driverOptions: (news.driverOptions as VolumeInputs["driverOptions"] | undefined) ?? {},
    external: (news.external as boolean | undefined) ?? false,
    deleteData: (news.deleteData as boolean | undefined) ?? false,
    ...(news.scope === undefined ? {} : { scope: news.scope }),
    ...(news.control === undefined ? {} : { control: news.control }),
    ...(news.flocker === undefined ? {} : { flocker: news.flocker }),
    ...adoption(olds, news),
    ...before.formerly,
    ...clusterOf(olds, news),
  };
  return {
    inputs: volume,
    problems: [
      ...nameProblems(volume),
      ...driverProblems(olds, volume, drivers),
      ...before.problems,
      ...sharingProblems(volume, news.users ?? {}, drivers),
      ...upkeepProblems(volume, news, drivers),
    ],
  };
}

/** Settled when it is made, and kept: the program may say it no more, or still say it. */
function adoption(
  olds: Partial<KeptVolume>,
  { adopt, external }: VolumeInputs,
): Partial<Pick<KeptVolume, "name" | "external" | "adopted">> {
  const isNew = olds.key === undefined && adopt !== undefined && !external;
  const name = olds.adopted === true ? olds.name : isNew ? adopt : undefined;
  return name === undefined ? {} : { name, external: true, adopted: true };
}

/** While the cluster's hosts are not known yet, nor is its name. */
function clusterOf(
  olds: Partial<KeptVolume>,
  { cluster = olds.cluster }: VolumeInputs,
): Pick<KeptVolume, "cluster"> {
  return cluster === undefined ? {} : { cluster };
}

const problem = (property: string, reason: string): InputProblem[] => [{ property, reason }];

function nameProblems({ name }: KeptVolume): InputProblem[] {
  if (isUnknown(name) || /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(name)) return [];
  return problem(
    "name",
    `'${name}' is no name of a Docker volume: letters, digits, '_', '.' and '-', a letter or digit first.`,
  );
}

function driverProblems(olds: Partial<KeptVolume>, volume: KeptVolume, drivers: VolumeDrivers) {
  const { key, driver, driverOptions, external } = volume;
  if (isUnknown(driver) || isUnknown(volume.scope)) return [];
  if (volume.scope !== undefined && !SCOPES.includes(volume.scope)) {
    const words = SCOPES.map((word) => `"${word}"`).join(", ");
    return problem("scope", `volume '${key}' has scope '${volume.scope}'. Say one of ${words}.`);
  }
  if (!/^[a-zA-Z0-9][\w./:-]*$/.test(driver)) {
    return problem(
      "driver",
      `volume '${key}' wants driver '${driver}', which is no driver's name.`,
    );
  }
  const known = drivers.of(volume);
  // Of what somebody else has made, its host says what it is.
  const wrong =
    external || containsUnknown(driverOptions) ? undefined : known.optionsProblem(driverOptions);
  if (wrong !== undefined) return problem("driverOptions", `volume '${key}' ${wrong}`);
  const changed =
    (olds.driver !== undefined && !isSameDriver(olds.driver, driver)) ||
    (olds.driverOptions !== undefined &&
      !containsUnknown([olds.driverOptions, driverOptions]) &&
      canonicalJson(olds.driverOptions) !== canonicalJson(driverOptions));
  if (!changed || external) return [];
  return problem(
    "driverOptions",
    `volume '${key}' exists, and Docker does not change the options of a volume. ` +
      "Put them back, or declare a volume with another key.",
  );
}

/** The seed story's name for Docker's own. */
function isSameDriver(one: string, other: string): boolean {
  const own = (name: string) => (name === "flocker" ? DEFAULT_DRIVER : name);
  return own(one) === own(other);
}

/** What hosts do for a volume, they do with what is on their own disk, in Docker's folder of it. */
function upkeepProblems(
  volume: KeptVolume,
  { upkept }: VolumeInputs,
  drivers: VolumeDrivers,
): InputProblem[] {
  if (upkept !== true || [volume.driver, volume.scope].some(isUnknown)) return [];
  const scope = drivers.scopeOf(volume);
  const place =
    scope === "host" ? mountedInWords(volume) : `not on its host's own disk (scope '${scope}')`;
  if (place === undefined) return [];
  return problem(
    "driver",
    `volume '${volume.key}' is ${place}: backups and snapshots, and what begins with one, are of ` +
      "volumes that Docker keeps in its own folder. Leave them out, and keep a second copy by other means.",
  );
}

/** While nothing runs with it, Docker's folder of it is empty. */
function mountedInWords({ driver, driverOptions }: KeptVolume): string | undefined {
  if (driver === FOLDER_DRIVER) return "a folder of its host's own";
  const option = isUnknown(driverOptions) ? undefined : elsewhereBy(driverOptions);
  return option && `mounted from somewhere else (driver option '${option}')`;
}

/** Unless every host reaches it, a volume is on one host, and so must be all that mount it. */
function sharingProblems(
  volume: KeptVolume,
  users: Readonly<Record<string, string>>,
  drivers: VolumeDrivers,
): InputProblem[] {
  const { key, driver, scope } = volume;
  if ([users, driver, scope].some(isUnknown)) return [];
  if (drivers.scopeOf(volume) === "shared") return [];
  const known = Object.entries(users).filter(([, host]) => !isUnknown(host));
  if (new Set(known.map(([, host]) => host)).size < 2) return [];
  const where = known
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([replica, host]) => `'${replica}' on '${host}'`)
    .join(", ");
  return problem(
    "users",
    `volume '${key}' lives on one host${drivers.scopeOf(volume) === "attach" ? " at a time" : ""}, but replicas on different hosts mount it: ${where}. ` +
      "Give them one host, or a volume each.",
  );
}

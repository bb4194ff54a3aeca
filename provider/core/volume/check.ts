import { canonicalJson } from "../canonical-json";
import type { InputProblem } from "../errors";
import { settleFormerly } from "../replica/formerly";
import { containsUnknown, isUnknown } from "../unknown";
import { DEFAULT_DRIVER, type VolumeDrivers } from "./driver";
import type { KeptVolume, VolumeInputs } from "./model";

/**
 * Pure. Says what is wrong; keeps old connections when nothing else changed and the new ones are
 * known, as `checkReplica` does.
 */
export function checkVolume(
  olds: Partial<KeptVolume>,
  news: VolumeInputs,
  drivers: VolumeDrivers,
): { inputs: KeptVolume; problems: InputProblem[] } {
  const before = settleFormerly(olds, news);
  const settled = {
    project: news.project,
    stack: news.stack,
    deployment: news.deployment,
    key: news.key,
    name: news.name,
    driver: (news.driver as string | undefined) ?? DEFAULT_DRIVER,
    driverOptions: (news.driverOptions as VolumeInputs["driverOptions"] | undefined) ?? {},
    external: (news.external as boolean | undefined) ?? false,
    deleteData: (news.deleteData as boolean | undefined) ?? false,
    ...before.formerly,
  };
  const { connections: kept, ...others } = olds;
  const unchanged =
    kept !== undefined &&
    !containsUnknown(news.connections) &&
    canonicalJson(others) === canonicalJson(settled);
  return {
    inputs: { ...settled, connections: unchanged ? kept : news.connections },
    problems: [
      ...nameProblems(settled),
      ...driverProblems(olds, settled, drivers),
      ...before.problems,
      ...sharingProblems(settled, news.users ?? {}, drivers),
    ],
  };
}

type Settled = Omit<KeptVolume, "connections">;

const problem = (property: string, reason: string): InputProblem[] => [{ property, reason }];

function nameProblems({ name }: Settled): InputProblem[] {
  if (isUnknown(name) || /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(name)) return [];
  return problem(
    "name",
    `'${name}' is no name of a Docker volume: letters, digits, '_', '.' and '-', a letter or digit first.`,
  );
}

function driverProblems(
  olds: Partial<KeptVolume>,
  { key, driver, driverOptions, external }: Settled,
  drivers: VolumeDrivers,
) {
  if (isUnknown(driver)) return [];
  const known = drivers.named(driver);
  if (known === undefined) {
    return problem(
      "driver",
      `volume '${key}' wants driver '${driver}'; so far there are ${drivers.namesInWords} only. ` +
        "Other drivers, which attach or share a volume, are not there yet.",
    );
  }
  const wrong = containsUnknown(driverOptions) ? undefined : known.optionsProblem(driverOptions);
  if (wrong !== undefined) return problem("driverOptions", `volume '${key}' ${wrong}`);
  const changed =
    (olds.driver !== undefined && drivers.named(olds.driver) !== known) ||
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

/** A host-local volume is on one host, and so must be all that mount it. */
function sharingProblems(
  { key, driver }: Settled,
  users: Readonly<Record<string, string>>,
  drivers: VolumeDrivers,
): InputProblem[] {
  if (isUnknown(users) || isUnknown(driver) || drivers.named(driver)?.scope === "shared") return [];
  const known = Object.entries(users).filter(([, host]) => !isUnknown(host));
  if (new Set(known.map(([, host]) => host)).size < 2) return [];
  const where = known
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([replica, host]) => `'${replica}' on '${host}'`)
    .join(", ");
  return problem(
    "users",
    `volume '${key}' lives on one host, but replicas on different hosts mount it: ${where}. ` +
      "Give them one host, or a volume each.",
  );
}

import { formatDuration } from "../move/format";
import type { LastBackup, UpkeepTask } from "./upkeep";
import type { FoundUpkeep } from "./upkeep-port";

/** Whole runs that may be missing before it is said: one may be under way. */
const PATIENCE = 2;

/** What is not in order, in words; undefined when all is well. Pure. */
export function upkeepHealth(
  { now, tasks }: FoundUpkeep,
  wanted: readonly UpkeepTask[],
): string | undefined {
  const faults = wanted.flatMap(({ name, everySeconds }) => {
    const { last, failure } = tasks[name] ?? {};
    const age = last === undefined ? undefined : now - last.at;
    const since =
      age === undefined
        ? "none has succeeded yet"
        : `the last is ${formatDuration(age * 1000)} old`;
    if (failure !== undefined) return [`${name}: ${since}; then: ${failure.what}`];
    const isLate = age !== undefined && age > PATIENCE * everySeconds + 60;
    return isLate
      ? [`${name}: ${since}, and it is due every ${formatDuration(everySeconds * 1000)}`]
      : [];
  });
  return faults.length === 0 ? undefined : faults.join("; ");
}

export function lastBackupOf({ tasks }: FoundUpkeep): LastBackup | undefined {
  const last = tasks.backup?.last;
  return last && { when: new Date(last.at * 1000).toISOString(), snapshot: last.what };
}

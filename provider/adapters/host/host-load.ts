import type { Host } from "../../core/adapter-ports";
import { smoothed, type Reading } from "../../core/placement/least-busy";
import { hostProgram } from "../../on-host/load";

/** Also what the fakes know it by. */
export const LOAD = hostProgram("host/load.sh");

/** Readings that are taken of a host, a second apart. */
const TIMES = 3;

/** How busy a host is; undefined where it tells nothing that can be read. */
export async function hostLoad(host: Pick<Host, "shell">): Promise<Reading | undefined> {
  const { stdout } = await host.shell.script(LOAD, [String(TIMES)]);
  return smoothed(stdout.split("\n").flatMap((line) => readingOf(line) ?? []));
}

function readingOf(line: string): Reading | undefined {
  const [mark, ...values] = line.trim().split(" ");
  const [load = NaN, cpus = NaN, total = NaN, available = NaN, ...pressures] = values.map(Number);
  const known = [load, cpus, total, available].every(Number.isFinite) && total > 0;
  if (mark !== "ferry-load" || !known) return undefined;
  const answers = pressures.filter(Number.isFinite);
  return {
    ...{ load, cpus, memoryUsed: 1 - available / total },
    ...(answers.length === 0 ? {} : { pressure: Math.max(...answers) / 100 }),
  };
}

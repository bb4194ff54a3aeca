import type { Host } from "../../core/adapter-ports";
import { hostProgram } from "../../on-host/load";

const CAPABILITIES = hostProgram("volume/capabilities.sh");

/** What a host brings for copying and comparing. */
export interface Capabilities {
  /** rsync's version, as [3, 2, 7]. */
  readonly rsync: readonly number[] | undefined;
  readonly programs: ReadonlySet<string>;
}

export async function capabilitiesOf(host: Host): Promise<Capabilities> {
  const { stdout } = await host.shell.script(CAPABILITIES, []);
  const lines = stdout.split("\n").map((line) => line.trim());
  const version = lines.find((line) => line.startsWith("rsync "))?.slice("rsync ".length);
  return {
    rsync: version?.split(".").map(Number),
    programs: new Set(lines.filter((line) => line !== "" && !line.startsWith("rsync "))),
  };
}

export function atLeast(version: readonly number[], wanted: readonly number[]): boolean {
  for (const [place, least] of wanted.entries()) {
    const actual = version[place] ?? 0;
    if (actual !== least) return actual > least;
  }
  return true;
}

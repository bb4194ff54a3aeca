import { counted, formatBytes, formatRate } from "../../core/move/format";
import type { CopyPath, DataMover, Round } from "../../core/move/move-ports";
import { anotherRound, changesFaster } from "../../core/move/rounds";
import type { ReplicaTools } from "../replica/replica-tools";
import type { MoveJob } from "./job";

/** Copies while the replica runs, until what is left is small or does not shrink any more. */
export async function preCopy(
  tools: ReplicaTools,
  job: MoveJob,
  mover: DataMover,
  dataBytes: number,
): Promise<Round[]> {
  const rounds: Round[] = [];
  do {
    const round = await mover.round({ final: false });
    rounds.push(round);
    // Holes of sparse files travel as zeros: more can go over the network than there is on disk.
    const all = Math.max(dataBytes, round.bytesCopied);
    tools.progress.info(
      `${job.label}: pre-copy round ${rounds.length}: ${formatBytes(round.bytesCopied)} of ${formatBytes(all)}, ` +
        formatRate(round.bytesCopied, round.durationMs),
    );
  } while (anotherRound(rounds));
  const last = rounds.at(-1);
  if (last !== undefined && changesFaster(rounds)) {
    tools.progress.info(
      `${job.label}: its data changes as fast as it is copied, so that no more rounds are made: about ` +
        `${formatBytes(last.bytesCopied)} are left for the cutover`,
    );
  }
  return rounds;
}

/** "312 kB of difference, both copies equal". */
export function differenceInWords({ bytesCopied }: Round, paths: readonly CopyPath[]): string {
  return paths.length === 0
    ? "no data"
    : `${formatBytes(bytesCopied)} of difference, both copies equal`;
}

/** "104 MB in 3 rounds". */
export function copiedInWords(bytes: number, rounds: number): string {
  return rounds === 0 ? "no data" : `${formatBytes(bytes)} in ${counted(rounds, "round")}`;
}

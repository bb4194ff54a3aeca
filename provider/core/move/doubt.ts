import type { Believed, Claim, Findings } from "./findings";
import type { JournalEntry } from "./journal";
import { replacedInWords } from "./places";

export interface Doubt {
  readonly reason: string;
  /** The host whose answer is missing. */
  readonly silent: string;
}

/** A host that does not answer may hold the copy that counts: then nothing is certain. */
export function doubt(
  findings: Findings,
  believed: Believed | undefined,
  best: Claim | undefined,
): Doubt | undefined {
  const { journals, answered } = findings;
  const epoch = best?.epoch ?? 0;
  if (believed !== undefined && !answered.includes(believed.host) && epoch <= believed.epoch) {
    const { replaced } = believed;
    if (replaced !== undefined) return { reason: replacedInWords(replaced), silent: believed.host };
    const halfWay = halfWayFrom(journals, believed.host);
    return {
      reason: `host '${believed.host}', where it was last, ${unheard(findings, believed.host)}${halfWay}`,
      silent: believed.host,
    };
  }
  // State's own word on where it is, borne out by that host, outweighs old journals of others.
  const borneOut =
    believed !== undefined && best?.host === believed.host && best.epoch === believed.epoch;
  for (const [host, entry] of Object.entries(journals)) {
    const { other } = entry;
    if (other === undefined || answered.includes(other)) continue;
    const reason = unsure(
      host,
      entry,
      epoch,
      borneOut,
      `host '${other}'`,
      unheard(findings, other),
    );
    if (reason !== undefined) return { reason, silent: other };
  }
  return undefined;
}

/**
 * State knows of a newer copy, and the host that had it answers without a trace of it: the older
 * one is not started silently.
 */
export function older(believed: Believed | undefined, best: Claim | undefined): string | undefined {
  if (believed === undefined || best === undefined) return undefined;
  if (best.host === believed.host || best.epoch >= believed.epoch) return undefined;
  return (
    `what is on host '${best.host}' is older than what state knows of on host '${believed.host}', where there is nothing ` +
    "of it any more. `pulumi refresh` takes the older one for good"
  );
}

/** How a host that was not heard is told of. */
export function unheard({ troubled = [] }: Findings, host: string): string {
  return troubled.includes(host) ? "answers with an error" : "does not answer";
}

function halfWayFrom(journals: Findings["journals"], source: string): string {
  const target = Object.entries(journals).find(
    ([, { role, other }]) => role === "target" && other === source,
  );
  return target === undefined ? "" : ` (it was being moved from there to host '${target[0]}')`;
}

/**
 * Why a journal whose other host is silent leaves open who has the replica. `epoch` is the highest
 * that is claimed.
 */
function unsure(
  host: string,
  entry: JournalEntry,
  epoch: number,
  borneOut: boolean,
  other: string,
  silence: string,
): string | undefined {
  switch (entry.role) {
    case "source": {
      const letGo = entry.step === "committed" || entry.step === "opening";
      return letGo && epoch < (entry.highest ?? entry.epoch + 1)
        ? `it was being moved to ${other}, which ${silence}, and may run there`
        : undefined;
    }
    case "target":
      return !borneOut && epoch <= entry.epoch
        ? `it was being moved from ${other}, which ${silence}, to host '${host}'`
        : undefined;
    case "retired":
    case "aside":
      return !borneOut && epoch <= entry.epoch
        ? `${other}, where it went from host '${host}', ${silence}`
        : undefined;
    case "home":
      return undefined;
  }
}

import { FerryError, sentenceOf } from "../../core/errors";
import type { PlacedReplica, ReplicaState } from "../../core/replica/model";
import { replicaLabel } from "../../core/replica/replica-names";
import { whyNot, type Discovery } from "../replica/discover";
import { capitalized, kindOf, withoutClaim } from "../replica/outcome";
import type { Errand } from "./errand";

/** What is being done, for messages. */
export function reasonOf(replica: PlacedReplica, olds: ReplicaState | undefined): string {
  const label = replicaLabel(replica);
  if (olds === undefined) return `creating ${label} on '${replica.host}'`;
  return olds.host === replica.host
    ? `updating ${label} on '${replica.host}'`
    : `moving ${label} to '${replica.host}'`;
}

/**
 * A message of an adapter's says what failed on which host; the user is told of which replica, and
 * what is left.
 */
export function reportWhole(
  error: unknown,
  replica: PlacedReplica,
  reason: string,
  changed: boolean,
): unknown {
  const label = replicaLabel(replica);
  if (!(error instanceof FerryError) || error.fault.replica === label) return error;
  return new FerryError(
    {
      ...{ kind: kindOf(error), replica: label, what: reason, reason: withoutClaim(error) },
      touched: { said: leftBehind(changed) },
    },
    { cause: error },
  );
}

/** `silent`: the host that did not answer, if that is why. */
export function refusal(
  { label, changes }: Pick<Errand, "label" | "changes">,
  { reason, silent }: { readonly reason: string; readonly silent?: string },
  discovery: Discovery,
): FerryError {
  const why = silent === undefined ? undefined : whyNot(discovery, silent);
  const what = `bringing ${label} to what the program says`;
  if (why === undefined) {
    const touched = { said: "Nothing of its data was changed" };
    return new FerryError({ kind: "settings", replica: label, what, reason, touched });
  }
  return new FerryError({
    ...{ kind: kindOf(why), replica: label, what },
    reason: `${sentenceOf(reason)} ${capitalized(withoutClaim(why))}`,
    touched: { said: leftBehind(changes.begun) },
  });
}

function leftBehind(changed: boolean): string {
  return changed
    ? "What was begun is finished or taken back by the next `pulumi up`; nothing of its data is lost."
    : "Nothing was changed; the next `pulumi up` tries again.";
}

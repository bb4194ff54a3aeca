import type { Weave } from "../../../core/weave/weave-port";
import type { RouterOrigin } from "../../../core/weave/origin";
import { targetChanges } from "../../../core/weave/router-container";
import type { PeerState } from "./state";

/**
 * Whether the router was there before Ferry. What the host keeps in mind counts before what state
 * says.
 */
export async function wasThereBefore(weave: Weave, outs: PeerState): Promise<boolean> {
  const origin = await weave.origin();
  return origin === undefined ? outs.adopted === true : origin.kind === "found";
}

/**
 * Takes from a router that was there before Ferry what Ferry gave it and its host: whom it was told
 * to dial or to forget, addresses, names, and what Ferry keeps beside it. It goes on running.
 */
export async function handBack(weave: Weave, outs: PeerState): Promise<void> {
  const origin = await weave.origin();
  const report = await weave.report();
  if (report !== undefined) {
    if (origin?.kind === "found") await undo(weave, outs, origin, report.targets);
    for (const [name, addresses] of Object.entries(outs.dnsEntries ?? {}))
      await weave.dnsRemove(name, addresses);
  }
  await weave.letGo();
}

async function undo(
  weave: Weave,
  { expose }: PeerState,
  before: Extract<RouterOrigin, { kind: "found" }>,
  targets: readonly string[],
): Promise<void> {
  const { connect, forget } = targetChanges(before.targets, targets);
  await weave.connect(connect);
  await weave.forget(forget);
  if (expose === undefined) return;
  const given = (await weave.exposed()).filter((cidr) => !before.exposed.includes(cidr));
  await weave.hide(given);
}

/**
 * A machine that stays under another name: what the next one to take it off has to know is kept in
 * mind there.
 */
export async function keepOrigin(weave: Weave, { adopted }: PeerState): Promise<void> {
  if (adopted !== true && (await weave.router()) !== undefined) {
    await weave.noteOrigin({ kind: "launched" });
  }
}

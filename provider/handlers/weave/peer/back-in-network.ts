import { arePortsInQuestion, PORTS } from "../../../core/weave/dials";
import type { PeerInputs } from "../../../core/weave/peer-inputs";
import type { RouterReport } from "../../../core/weave/report";
import { poll, type Clock } from "../../clock";
import { openingAdvice, type Apart } from "../firewalls";
import { DialAgain, type Dialler } from "../mesh/dial-again";

/** What a router has to have before it counts as being in the network. */
export interface Wanted {
  /** Weave's names of the peers that it is connected with. */
  readonly connectedWith: readonly string[];
  /** Others that dial it, whose routers can be asked to do so now. */
  readonly dialledBy?: readonly Dialler[];
  /** It knows how the range is divided. */
  readonly ipam: boolean;
}

/** How long a peer may take for that unless the program says otherwise, in seconds. */
export const CONNECT_SECONDS = 120;

/**
 * Waits until the router says that it is in the network; its last report when the time has passed.
 */
export async function waitForNetwork(
  peer: Dialler & { readonly address: string },
  wanted: Wanted,
  clock: Clock,
  timeoutSeconds: number,
): Promise<{ arrived: boolean; report: RouterReport | undefined }> {
  let report: RouterReport | undefined;
  const again = new DialAgain(clock);
  const arrived = await poll(clock, clock.now() + timeoutSeconds * 1000, async () => {
    report = await peer.weave.report();
    if (report === undefined) return undefined;
    if (isIn(report, wanted)) return true;
    await again.of(peer, report, wanted.dialledBy ?? []);
    return undefined;
  });
  return { arrived: arrived === true, report };
}

function isIn(report: RouterReport, { connectedWith, ipam }: Wanted): boolean {
  const established = new Set(report.establishedWith);
  return (
    connectedWith.every((name) => established.has(name)) && (!ipam || report.ipam?.ready === true)
  );
}

/**
 * For whoever waited in vain, where it looks as if a firewall were the cause: what has to be opened
 * on its own host, and on those that it is to be connected with.
 */
export async function portsHint(
  report: RouterReport | undefined,
  apart: readonly Apart[],
): Promise<string> {
  if (!arePortsInQuestion([{ host: "", address: "", report }])) return "";
  return (
    `Between any two peers ${PORTS} must be open, in both directions. ` +
    (await openingAdvice(apart))
  );
}

/** "The peer on host 'node4' of cluster 'net'" */
export const peerOn = ({ host, cluster }: Pick<PeerInputs, "host" | "cluster">) =>
  `The peer on host '${host}' of cluster '${cluster}'`;

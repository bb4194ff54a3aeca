import type { PeerInputs } from "../../core/weave/peer-inputs";
import type { Weave } from "../../core/weave/port";
import type { RouterReport } from "../../core/weave/report";
import { poll, type Clock } from "../clock";

/** What a router has to have before it counts as being in the network. */
export interface Wanted {
  /** Weave's names of the peers that it is connected with. */
  readonly connectedWith: readonly string[];
  /** It knows how the range is divided. */
  readonly ipam: boolean;
}

/** How long a peer may take for that unless the program says otherwise, in seconds. */
export const CONNECT_SECONDS = 120;

/** Waits until the router says that it is in the network; its last report when the time has passed. */
export async function waitForNetwork(
  weave: Weave,
  wanted: Wanted,
  clock: Clock,
  timeoutSeconds: number,
): Promise<{ arrived: boolean; report: RouterReport | undefined }> {
  let report: RouterReport | undefined;
  const arrived = await poll(clock, clock.now() + timeoutSeconds * 1000, async () => {
    report = await weave.report();
    return report !== undefined && isIn(report, wanted) ? true : undefined;
  });
  return { arrived: arrived === true, report };
}

function isIn(report: RouterReport, { connectedWith, ipam }: Wanted): boolean {
  const established = new Set(report.establishedWith);
  return (
    connectedWith.every((name) => established.has(name)) && (!ipam || report.ipam?.ready === true)
  );
}

/** "The peer on host 'node4' of cluster 'net'" */
export const peerOn = ({ host, cluster }: Pick<PeerInputs, "host" | "cluster">) =>
  `The peer on host '${host}' of cluster '${cluster}'`;

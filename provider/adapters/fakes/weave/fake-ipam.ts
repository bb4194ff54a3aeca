import { quorumOf } from "../../../core/weave/topology";
import type { LaunchSettings } from "../../../core/weave/settings";
import type { FakeLinks } from "./fake-links";
import type { FakeRouter } from "./fake-router";

type Network = FakeLinks<FakeRouter>;

/** A seed needs no agreement: who is in it has its part at once. */
export function divideAsSeeded({ ring }: Network, { seed, ipallocRange }: LaunchSettings): void {
  if (seed === undefined) return;
  const named = seed.map((peerName) => ({ peerName, nickname: "" }));
  ring.divide(ipallocRange, named);
}

/** The electors that a router reaches divide the range, when they are a quorum. */
export function divideByQuorum(network: Network, router: FakeRouter): void {
  const electors = network.reachedFrom(router).filter((each) => each.isElector);
  if (electors.length < quorumOf(router.settings?.electors ?? 1)) return;
  network.ring.divide(router.settings?.ipallocRange ?? "", electors);
}

/** A router goes, and its share with it or to one that stays. */
export function leaveRing(network: Network, router: FakeRouter, handBack: boolean): void {
  const { ring } = network;
  const others = network.running().filter((other) => other !== router);
  if (router.settings !== undefined && !ring.takenFrom.has(router.peerName)) {
    // Cut off from those that stay, it reaches nobody who could be given the share.
    const heir = handBack && router.isRunning ? network.joinedWith(router)[0] : undefined;
    if (heir !== undefined || others.length === 0) ring.handBack(router.peerName, heir);
  }
  ring.takenFrom.delete(router.peerName);
}

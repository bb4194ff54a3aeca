import { weaveContainers } from "../weave/containers";
import type { ContainerNetwork } from "./port";

/** The network that containers are on: the one row, so far. */
export const network: ContainerNetwork = weaveContainers;

/** What an environment says of a container's addresses; "" where it says nothing. */
export function addressesIn(environment: readonly string[]): string {
  const prefix = `${network.variable}=`;
  return environment.find((entry) => entry.startsWith(prefix))?.slice(prefix.length) ?? "";
}

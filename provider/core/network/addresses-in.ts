import { network } from ".";

/** What an environment says of a container's addresses; "" where it says nothing. */
export function addressesIn(environment: readonly string[]): string {
  const prefix = `${network.variable}=`;
  return environment.find((entry) => entry.startsWith(prefix))?.slice(prefix.length) ?? "";
}

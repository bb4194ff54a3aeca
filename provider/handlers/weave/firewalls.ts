import { firewallsOf } from "../../adapters/weave/firewalls";
import { FerryError } from "../../core/errors";
import { firewallAdvice, type Firewall } from "../../core/weave/firewall";
import type { Host } from "../../core/adapter-ports";

/** A host, and how one of the peers is dialled that its own does not connect with. */
export interface Apart {
  readonly host: Host;
  /** "10.0.0.2", "node2.example:6783" */
  readonly from: string;
}

/**
 * What has to be opened on these hosts, whose peers do not connect, in the words of the firewall
 * that is at work on each; "" where none can say. It ends with a space for what comes after it.
 */
export async function openingAdvice(apart: readonly Apart[]): Promise<string> {
  const found = await Promise.all(
    apart.map(async ({ host, from }) => {
      const firewalls = await ask(host, from.replace(/:\d+$/, ""));
      return firewalls === undefined ? [] : [{ host: host.name, firewalls }];
    }),
  );
  const advice = firewallAdvice(found.flat());
  return advice === "" ? "" : `${advice} `;
}

/** It only helps to find the cause: a host that does not say changes nothing. */
async function ask(host: Host, other: string): Promise<Firewall[] | undefined> {
  try {
    return await firewallsOf(host, other);
  } catch (error) {
    if (!(error instanceof FerryError)) throw error;
    return undefined;
  }
}

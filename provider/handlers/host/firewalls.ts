import { firewallsOf } from "../../adapters/host/firewalls";
import { FerryError } from "../../core/errors";
import { firewallAdvice, type Firewall } from "../../core/host/firewall";
import type { Host } from "../../core/ports";

/**
 * What has to be opened on these hosts, whose peers do not connect, in the words of the firewall
 * that is at work on each; "" where none can say. It ends with a space for what comes after it.
 */
export async function openingAdvice(hosts: readonly Host[]): Promise<string> {
  const found = await Promise.all(
    hosts.map(async (host, i) => {
      const other = hosts[i === 0 ? 1 : 0] ?? host;
      const firewalls = await ask(host, other.connection.host);
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

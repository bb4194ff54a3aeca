import { placeKey, type Connections } from "../connection";
import type { InputProblem } from "../errors";
import { isUnknown, UNKNOWN } from "../unknown";
import type { PortsOnHost } from "./ports-port";

/** What the program says. */
export interface PortsInputs {
  readonly project: string;
  readonly stack: string;
  readonly deployment: string;
  readonly image: string;
  /** For people, in previews: "8080 -> web:80". */
  readonly ports: readonly string[];
  readonly publish: readonly string[];
  readonly config: string;
  /** The proxies' own, by host. */
  readonly addresses: Readonly<Record<string, string>>;
  /** All hosts of the cluster. A secret. */
  readonly connections: Connections;
  readonly cluster?: string;
}

/** What `check` returns and state keeps. */
export interface KeptPorts extends Omit<PortsInputs, "connections"> {
  /** Where each host's name leads: another place is another machine. A secret. */
  readonly places: Readonly<Record<string, string>>;
  /** By a refresh alone: what is not there as it should be. */
  readonly drift?: readonly string[];
}

export interface PortsState extends KeptPorts {
  /** Ways to hosts that have them, also to those that have left, for runs without the program. */
  readonly connections: Connections;
}

/** A user's transform may write anything. */
export function portsProblems({ config, image, addresses }: KeptPorts): InputProblem[] {
  if (isUnknown(addresses)) return [];
  const texts = [config, image].every((each) => typeof each === "string" && each !== "");
  if (texts && typeof addresses === "object") return [];
  const reason =
    "what answers on the hosts is no text. `ignoreChanges` or a transform has changed it: leave it as it is";
  return [{ property: "", reason }];
}

/** Pure. */
export function keptPorts(news: PortsInputs): KeptPorts {
  const { project, stack, deployment, cluster, connections } = news;
  const { image, ports, publish, config, addresses } = news;
  return {
    ...{ project, stack, deployment, image, ports, publish, config, addresses },
    ...(cluster === undefined ? {} : { cluster }),
    places: isUnknown(connections)
      ? (UNKNOWN as unknown as KeptPorts["places"])
      : Object.fromEntries(
          Object.entries(connections).map(([host, connection]) => [host, placeKey(connection)]),
        ),
  };
}

/** undefined where the host has no address for it: it is none of the cluster's. */
export function portsOn(
  { image, publish, config, addresses }: KeptPorts,
  host: string,
): PortsOnHost | undefined {
  const address = addresses[host];
  return address === undefined ? undefined : { image, address, publish, config };
}

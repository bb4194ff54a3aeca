import { unsecret, type Input, type Output, type Resource } from "@pulumi/pulumi";
import type { Connections } from "../../provider/core/connection";
import { mistake } from "../../provider/resources/mistake";
import { drainingHosts, resolveConnections, type HostArgs } from "./host-args";
import { follow, known, outputIn, type Known } from "../known";
import { tellUnknown } from "../tell-unknown";

/** A cluster's hosts by the names that the program gives them. */
export type Hosts = Record<string, Input<HostArgs>>;

/**
 * The hosts, whether the program has them itself or an output brings them (a secret of the
 * configuration, another stack). Their names are no secret, though they stand beside keys; each
 * connection is made one again.
 */
export function knownHosts(who: string, hosts: Input<Hosts>, cluster: Resource): Known<Hosts> {
  const given = known(hosts);
  if ("now" in given) return given;
  tellUnknown(given.later, cluster, who);
  const later = unsecret(given.later).apply((box) => {
    const brought: unknown = box();
    if (typeof brought === "object" && brought !== null && !Array.isArray(brought)) return box;
    throw mistake(`${who}: hosts: the output brings no hosts.`);
  });
  return { later };
}

export const namesOf = (hosts: Known<Hosts>): Known<readonly string[]> =>
  follow(hosts, (each) => Object.keys(each).sort());

export const connectionsOf = (hosts: Known<Hosts>): Output<Connections> =>
  outputIn(hosts, resolveConnections);

export const drainingOf = (hosts: Known<Hosts>): Output<string[]> => outputIn(hosts, drainingHosts);

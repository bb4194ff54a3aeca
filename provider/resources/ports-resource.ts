import type { CustomResourceOptions, Input } from "@pulumi/pulumi";
import { FerryResource } from "./dynamic-resource";

export interface PortsResourceArgs {
  readonly project: string;
  readonly stack: string;
  readonly deployment: string;
  readonly image: Input<string>;
  /** For people, in previews: "8080 -> web:80". */
  readonly ports: readonly string[];
  /** As `docker create -p` takes them. */
  readonly publish: readonly string[];
  /** HAProxy's settings (core/ports/haproxy.ts). */
  readonly config: Input<string>;
  /** The proxies' own addresses on the overlay, by host. */
  readonly addresses: Input<Record<string, string>>;
  /** The cluster's hosts, as JSON (core/cluster-hosts.ts). */
  readonly clusterHosts: Input<string>;
}

/** Ports of a deployment that answer on every host. */
export class PortsResource extends FerryResource {
  constructor(name: string, args: PortsResourceArgs, opts?: CustomResourceOptions) {
    const shape = { secrets: ["clusterHosts"], secretOutputs: ["connections", "places"] };
    super("ports", name, { ...args }, shape, opts);
  }
}

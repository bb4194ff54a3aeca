import type { Host } from "../adapter-ports";

/** What one host has for a deployment's ports. */
export interface PortsOnHost {
  readonly image: string;
  /** The proxy's own on the overlay, with its prefix: "10.40.0.9/27". */
  readonly address: string;
  /** Which ports of the host lead to which of the container, as `docker create` takes them. */
  readonly publish: readonly string[];
  /** HAProxy's settings (core/ports/haproxy.ts). */
  readonly config: string;
}

/** Ports of a deployment that answer on a host wherever its replicas are. */
export interface HostPorts {
  /**
   * As it is to be from now on. Other settings alone are taken up without a connection being
   * dropped; another image, address or port makes another container.
   *
   * @param id of the deployment (core/network/separation.ts)
   */
  put(host: Host, id: string, wanted: PortsOnHost): Promise<void>;
  /** What is not as it should be, in words; undefined where all is well. Changes nothing. */
  fault(host: Host, id: string, wanted: PortsOnHost): Promise<string | undefined>;
  /** Missing is success. */
  remove(host: Host, id: string): Promise<void>;
}

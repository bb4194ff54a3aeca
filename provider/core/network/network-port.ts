import type { InputReader } from "../input-reader";
import type { Row } from "../host/fitness";
import type { Host } from "../adapter-ports";
import type { NetworkPreparation } from "./preparation";

/**
 * How a container comes onto the network that joins the hosts: what Docker's side of a host asks.
 */
export interface ContainerNetwork {
  /** What takes Docker's requests for containers on the network, for messages. */
  readonly proxy: string;
  /** Its socket on the host. */
  readonly socket: string;
  /** What to do where there is no such socket. */
  readonly advice: string;
  /**
   * The environment entry that gives a container its addresses, "10.40.0.2/27 10.40.0.3/27", and
   * keeps them with it for its next start.
   */
  readonly variable: string;
  /** Where it mounts a program of its own, in every container that it starts. */
  readonly mountpoint: string;
  /** That program, which waits for the address in front of the image's entry point. */
  readonly program: string;
}

/** A network that joins the hosts, as pure code has to know it. `index.ts` says which one it is. */
export interface Network extends ContainerNetwork {
  /** What messages call it. */
  readonly name: string;
  /** The component that is a cluster on it, for messages. */
  readonly cluster: string;
  /** The domain of its DNS, unless the cluster says otherwise. */
  readonly dnsDomain: string;
  /** Entries of a container's environment that it reads, and that are not the user's to set. */
  readonly reserved: readonly string[];
  /** The command that gives a host itself an address, for which each subnet keeps its first. */
  readonly hostAddresses: string;
  /** Devices of its own on a host: what they lead to is no route of the host's. */
  readonly devices: readonly string[];
  /** What is kept of it with a host that was found, beside the host's own. */
  readonly hostOutputs: readonly string[];
  /** How it comes onto a machine that is being prepared. */
  readonly preparation: NetworkPreparation;
}

/** What of the network is done on hosts. `provider/adapters/network.ts` says which one it is. */
export interface HostNetwork {
  readonly overlay: OverlayAddresses;
  readonly separation: NetworkSeparation;
  /**
   * The inputs of a host that are the network's: where it comes from there, as far as the program
   * says. What is wrong with them is the reader's to tell.
   */
  inputs(reader: InputReader): object;
  /**
   * The network as the host has it. Looks, and changes nothing. Rejects where it is not there, in
   * words that say how it gets there.
   *
   * @param inputs of the host, those of the network among them
   */
  find(host: Host, inputs: object): Promise<FoundNetwork>;
}

export interface FoundNetwork {
  /** What the host must have for it. */
  readonly rows: NetworkRows;
  /** `Network.hostOutputs` of this host. Only asked where it is fit. */
  outputs(): Promise<Readonly<Record<string, unknown>>>;
}

/** The rows of the table of hosts (core/host/fitness.ts) that are the network's. */
export interface NetworkRows {
  /** What a machine must have; these come before Ferry's own. */
  readonly machine: readonly Row[];
  /** Which Docker it goes with. */
  readonly docker: readonly Row[];
}

/** Who answers for an address on the network. */
export interface OverlayAddresses {
  /** Makes sure that nothing answers for the address of a container that has ended. */
  detachEnded(host: Host): Promise<void>;
  /**
   * Whether the program of a container that runs has not begun, as it waits for its address. `pid`
   * is the container's first process.
   */
  awaitsNetwork(host: Host, pid: number): Promise<boolean>;
}

/**
 * Containers of a deployment that must not reach each other. A host keeps that by itself once it is
 * told, through restarts and reboots, and before any container starts.
 */
export interface NetworkSeparation {
  /**
   * Keeps by the rules from now on, in place of those that it had for the deployment; what both let
   * through is never cut off. Rejects where the host cannot, and has the former ones then.
   *
   * @param id of the deployment (core/network/separation.ts)
   */
  put(host: Host, id: string, rules: string): Promise<void>;
  /** What is not as the rules say, in words; undefined where all is well. Changes nothing. */
  fault(host: Host, id: string, rules: string): Promise<string | undefined>;
  /** Missing is success. */
  remove(host: Host, id: string): Promise<void>;
}

/** What every network says of how it is. */
export interface NetworkHealth {
  /** down: it answers nowhere. */
  readonly status: "healthy" | "degraded" | "down";
  /** All of it, a clause each. Sorted. */
  readonly problems: readonly string[];
  /** When it was first seen like this, as an ISO time. */
  readonly since: string;
}

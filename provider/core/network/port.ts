/**
 * How a container comes onto the network that joins the hosts, as far as Docker's side of a host
 * has to do with it. Data only; how the network itself is made and watched is its own affair.
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

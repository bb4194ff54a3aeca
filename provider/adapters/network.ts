import type { HostNetwork } from "../core/network/network-port";
import { weaveOnHosts } from "./weave/host-network";

/** What is done on hosts for the network that `core/network` names: the one row, so far. */
export const hostNetwork: HostNetwork = weaveOnHosts();

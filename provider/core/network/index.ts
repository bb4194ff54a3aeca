import { weaveNetwork } from "../weave/network";
import type { Network } from "./network-port";

/** The network that containers are on: the one row, so far. */
export const network: Network = weaveNetwork;

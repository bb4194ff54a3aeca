import type { Network } from "../network/network-port";
import { weavePreparation } from "./preparation";

/** The network of Weave Net, whose containers are started through its proxy. */
export const weaveNetwork: Network = {
  name: "Weave",
  cluster: "WeaveCluster",
  proxy: "Weave's proxy",
  socket: "/var/run/weave/weave.sock",
  advice: "Launch Weave there (a Peer does), then run again",
  variable: "WEAVE_CIDR",
  reserved: ["WEAVE_CIDR", "WEAVE_MTU"],
  mountpoint: "/w",
  program: "/w/w",
  dnsDomain: "weave.local",
  hostAddresses: "weave expose",
  devices: ["weave"],
  hostOutputs: ["weaveVersion", "hasOpenVSwitch"],
  preparation: weavePreparation,
};

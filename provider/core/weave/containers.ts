import type { ContainerNetwork } from "../network/port";

/** Containers that are started through Weave's proxy. */
export const weaveContainers: ContainerNetwork = {
  proxy: "Weave's proxy",
  socket: "/var/run/weave/weave.sock",
  advice: "Launch Weave there (a Peer does), then run again",
  variable: "WEAVE_CIDR",
  mountpoint: "/w",
  program: "/w/w",
};

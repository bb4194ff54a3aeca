import type { HostNetwork, Network } from "../../provider/core/network/network-port";

/**
 * A second network, which nobody has: what one needs, in one file. `other-network.test.ts` puts it
 * in the two rows where Weave is.
 */
export const otherNetwork: Network = {
  name: "Hawser",
  cluster: "HawserCluster",
  proxy: "Hawser's agent",
  socket: "/run/hawser.sock",
  advice: "Start Hawser there, then run again",
  variable: "HAWSER_ADDRESSES",
  reserved: ["HAWSER_ADDRESSES", "HAWSER_KEY"],
  mountpoint: "/hawser",
  program: "/hawser/wait",
  dnsDomain: "hawser.test",
  hostAddresses: "hawser self",
  devices: ["hawser0"],
  hostOutputs: ["hawserVersion"],
  preparation: {
    field: "hawser",
    mirror: "https://hawser.test/releases",
    needs: "Hawser",
    read: (value) =>
      value !== false && {
        parts: [{ part: "hawser", program: "host/facts.sh", words: "Hawser, unless it is there" }],
        files: [],
        values: (mirror) => ({ hawser_url: `${mirror}/hawser` }),
      },
  },
};

/** On which hosts it was asked to let nobody answer for an ended container's address. */
export const cleared: string[] = [];

export const otherNetworkOnHosts: HostNetwork = {
  overlay: {
    detachEnded: ({ name }) => Promise.resolve(void cleared.push(name)),
    awaitsNetwork: () => Promise.resolve(false),
  },
  separation: {
    put: () => Promise.resolve(),
    fault: () => Promise.resolve(undefined),
    remove: () => Promise.resolve(),
  },
  inputs: (reader) => reader.optional("hawser", String),
  find: (_host, { hawser = "1.0" }: { hawser?: string }) =>
    Promise.resolve({
      rows: {
        machine: [
          {
            what: "Hawser 0.x",
            verdict: "cannot",
            holds: () => hawser.startsWith("0."),
            reason: () => `its Hawser is ${hawser}, which forgets addresses`,
            known: "untried",
          },
        ],
        docker: [],
      },
      outputs: () => Promise.resolve({ hawserVersion: hawser }),
    }),
};

import { ComponentResource, output, secret, type Input } from "@pulumi/pulumi";
import { Addresses } from "../../components/addresses";
import type { Cluster } from "../../components/cluster";
import { setInternals } from "../../components/cluster-internals";
import { Placement } from "../../components/placement";
import { writeClusterHosts } from "../../provider/core/cluster-hosts";
import type { Connections } from "../../provider/core/connection";

/** Hosts on another network than Weave's: all that Ferry's components ask of a cluster. */
export class OtherCluster extends ComponentResource implements Cluster {
  readonly hostNames: Cluster["hostNames"];
  readonly health: Cluster["health"];
  readonly pool: Cluster["pool"];
  readonly deployments: Cluster["deployments"];

  constructor(name: string, connections: Connections) {
    super("test:index:OtherCluster", name);
    const hostNames = Object.keys(connections).sort();
    const pool: Input<string> = "10.40.0.0/13";
    const ranges = { pool, exclude: [], ipallocRange: "10.32.0.0/13" };
    const addresses = new Addresses(name, ranges, {}, this);
    setInternals(this, {
      name,
      hostNames: { now: hostNames },
      clusterHosts: secret(writeClusterHosts({ cluster: name, connections, draining: [] })),
      draining: output([]),
      dnsDomain: "hawser.test",
      addresses,
      placement: new Placement({
        names: output(hostNames),
        draining: output([]),
        facts: () => output([]),
        areThere: () => output(false),
        here: (state) => output([...state]),
      }),
      ready: addresses.pool,
    });
    this.hostNames = output(hostNames);
    this.health = output({ status: "healthy", problems: [], since: "2026-01-02T03:04:05Z" });
    this.pool = output(pool);
    this.deployments = addresses.pool.deployments;
    this.registerOutputs();
  }
}

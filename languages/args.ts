import type { DeploymentArgs } from "./deployment";
import type { FlockerVolumeArgs } from "./flocker-volume";
import type { PeerArgs } from "./peer";
import type { ServiceReplicaArgs } from "./service-replica";
import type { WeaveClusterArgs } from "./weave-cluster";

export type { DeploymentArgs, WeaveClusterArgs };

/** What other languages say of each component. */
export interface ArgsOf {
  readonly WeaveCluster: WeaveClusterArgs;
  readonly Peer: PeerArgs;
  readonly Deployment: DeploymentArgs;
  readonly ServiceReplica: ServiceReplicaArgs;
  readonly FlockerVolume: FlockerVolumeArgs;
}

export type { ConnectionArgs, HostArgs, JumpHostArgs } from "./components/connection-args";
export { Deployment, type DeploymentArgs } from "./components/deployment";
export { FlockerVolume, type FlockerVolumeArgs } from "./components/flocker-volume";
export { Peer, type PeerArgs, type PeerSettings } from "./components/peer";
export { ServiceReplica, type ServiceReplicaArgs } from "./components/service-replica";
export {
  Topology,
  WeaveCluster,
  type ClusterPeerArgs,
  type ExistingClusterArgs,
  type WeaveClusterArgs,
} from "./components/weave-cluster";
export type { ContainerSpec } from "./provider/core/container-spec";
export type { DeploymentAddresses } from "./provider/resources/address-pool-resource";
export type { LastMove } from "./provider/core/replica/model";

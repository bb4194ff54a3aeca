export type { BootstrapArgs, BootstrapWeaveArgs } from "./components/bootstrap-args";
export type { ConnectionArgs, HostArgs, JumpHostArgs } from "./components/connection-args";
export type { ByName } from "./components/declared";
export { Deployment, type DeploymentParts } from "./components/deployment";
export type { DeploymentArgs } from "./components/deployment-args";
export { FlockerVolume, type FlockerVolumeArgs } from "./components/flocker-volume";
export type { OneOf } from "./components/one-of";
export { Peer, type PeerArgs, type PeerSettings, type WeaveArgs } from "./components/peer";
export { ServiceReplica } from "./components/service-replica";
export type { ServiceReplicaArgs } from "./components/service-replica-args";
export type { Cluster } from "./components/cluster";
export {
  Topology,
  WeaveCluster,
  type ClusterArgs,
  type ClusterPeerArgs,
  type ExistingClusterArgs,
  type FixedTopologyArgs,
  type ManualTopologyArgs,
  type SeededTopologyArgs,
  type TopologyArgs,
  type UniformTopologyArgs,
  type WeaveClusterArgs,
} from "./components/weave-cluster";
export type {
  ContainerSpec,
  DeviceMapping,
  ExtraHost,
  Healthcheck,
  Logging,
  Mount,
  PortBinding,
  RestartPolicy,
  Ulimit,
} from "./provider/core/container-spec";
export type {
  DeploymentAddresses,
  ReleasedAddress,
} from "./provider/resources/address-pool-resource";
export type { LastMove, Verify } from "./provider/core/replica/model";
export type {
  Hook,
  HookInput,
  HookWithDeadline,
  OnSourceLost,
} from "./provider/core/replica/move-settings";
export type { AbsentPeer, ClusterHealth, PeerHealth } from "./provider/core/weave/health";
export type { FieldsOf, InputsOf } from "./provider/resources/inputs-of";

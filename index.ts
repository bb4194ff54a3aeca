export type { BootstrapArgs, BootstrapWeaveArgs } from "./components/weave/bootstrap-args";
export type { ConnectionArgs, JumpHostArgs } from "./components/connection-args";
export type { HostArgs } from "./components/weave/host-args";
export type { ByName } from "./components/declared";
export { Deployment, type DeploymentParts } from "./components/deployment";
export type {
  AdoptArgs,
  DeploymentArgs,
  PlaceArgs,
  RebalanceArgs,
  RegistryArgs,
} from "./components/deployment-args";
export type { ProxyWord, Publish, PublishInput } from "./provider/core/ports/everywhere";
export {
  FlockerVolume,
  type FlockerControlArgs,
  type FlockerVolumeArgs,
} from "./components/flocker-volume";
export type {
  SnapshotSourceArgs,
  VolumeBackupArgs,
  VolumeRestoreArgs,
  VolumeSnapshotArgs,
  VolumeUpkeepArgs,
} from "./components/volume-upkeep";
export type { OneOf } from "./components/one-of";
export type { FileArgs } from "./components/travelling-files";
export { Peer, type PeerArgs, type PeerSettings, type WeaveArgs } from "./components/weave/peer";
export { ServiceReplica } from "./components/service-replica";
export type {
  AdoptedContainer,
  RegistryLogin,
  ServiceReplicaArgs,
} from "./components/service-replica-args";
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
} from "./components/weave/weave-cluster";
export type {
  BlockIo,
  BlockIoRate,
  ContainerCommand,
  ContainerSpec,
  DeviceMapping,
  DeviceRequest,
  ExtraHost,
  Healthcheck,
  Logging,
  Mount,
  PortBinding,
  Propagation,
  RestartPolicy,
  Ulimit,
} from "./provider/core/container-spec";
export type {
  DeploymentAddresses,
  ReleasedAddress,
} from "./provider/resources/address-pool-resource";
export type { ChangeSettings } from "./provider/core/replica/change-settings";
export type { LastBackup } from "./provider/core/volume/upkeep";
export type { FileAccess } from "./provider/core/files/model";
export type { LastMove, Verify } from "./provider/core/replica/model";
export type {
  Hook,
  HookInput,
  HookWithDeadline,
  OnSourceLost,
} from "./provider/core/replica/move-settings";
export type { NetworkHealth } from "./provider/core/network/network-port";
export type { AbsentPeer, ClusterHealth, PeerHealth } from "./provider/core/weave/health";
export type { FieldsOf, InputsOf } from "./provider/resources/inputs-of";

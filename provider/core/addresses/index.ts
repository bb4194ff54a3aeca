export * from "./ipv4";
export type {
  AddressPoolInputs,
  AddressPoolState,
  DeploymentAddresses,
  DeploymentRequest,
  DeploymentsAddresses,
  Release,
  ReplicaRequest,
} from "./model";

/**
 * Ferry's components as languages other than TypeScript see them, in types that Pulumi's analyzer
 * of components reads (docs/languages.md): no unions, no functions, no references between
 * components. They only say what there is; `construct.ts` makes the real ones.
 */
export { Deployment } from "./deployment";
export { FlockerVolume } from "./flocker-volume";
export { Peer } from "./peer";
export { ServiceReplica } from "./service-replica";
export { WeaveCluster } from "./weave-cluster";

/** The lab, for tests, benchmarks and the demo. */
export { unavailable } from "./available";
export { labConnections, type LabConnection, labDir } from "./connection";
export { LabError } from "./errors";
export { sharedFolder } from "./host";
export type { ExecResult } from "./exec";
export { type Lab, thisLab } from "./identity";
export { type HostKind, completeKind, formatKind, parseKind } from "./kind";
export { crash, down, loadProxyImage, reboot, start, status, up, wipe } from "./lab";
export { leftovers } from "./leftovers";
export { barePackages } from "./setup/bare-packages";
export { type HostSnapshot, snapshot } from "./snapshot";
export { mustRun, run } from "./ssh";
export {
  PulumiProject,
  type CommandOutcome,
  type PreviewStep,
  type RunningCommand,
} from "./pulumi-project";
export { type HostsWanted, parseHosts } from "./up-arguments";

import { cgroupsOf } from "./cgroups";
import { mountsOf, nspawnTracesOf } from "./host";
import { type Lab, thisLab } from "./identity";
import { linksOf, namespacesOf } from "./network";
import { commandOf, processesOf } from "./processes";

/** Everything on this machine that is this lab's, but its files: empty when it is down. */
export function leftovers(lab: Lab = thisLab()): string[] {
  const all = `${lab.id}-`;
  return [
    ...processesOf(all).map((pid) => `process ${pid} (${commandOf(pid)})`),
    ...mountsOf(lab.dir).map((path) => `mount ${path}`),
    ...cgroupsOf(all).map((path) => `cgroup ${path}`),
    ...namespacesOf(lab).map((name) => `network namespace ${name}`),
    ...nspawnTracesOf(all).map((path) => `folder ${path}`),
    ...linksOf(lab).map((name) => `link ${name}`),
  ];
}

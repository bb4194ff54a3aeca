import type { Progress } from "../core/adapter-ports";
import { knownSecrets } from "./known-secrets";

/**
 * What the provider process writes shows under the stack in `pulumi up`, in a terminal and in CI
 * logs alike. It is written as it is, since `pulumi.log` does not know its engine in this process
 * and would put "[runtime]" in front of each line. No secret of this run is in it.
 */
export const pulumiProgress: Progress = {
  info: (message) => {
    console.log(knownSecrets.hide(message));
  },
  warn: (message) => {
    console.warn(`warning: ${knownSecrets.hide(message)}`);
  },
};

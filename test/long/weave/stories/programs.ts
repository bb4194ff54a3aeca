import { join } from "node:path";

import type { PulumiProject } from "../../../../lab";

/** Takes a cluster's args as JSON. */
export const CLUSTER = join(__dirname, "../../../lab/programs/weave");

/** The program that a user would copy. */
export const example = (topology: string) => join(__dirname, "../../../../examples", topology);

export const setArgs = (project: PulumiProject, args: object) =>
  project.setConfig("args", JSON.stringify(args));

import { dirname, join } from "node:path";

import { thisLab } from "../../../lab";

/** Where runs of the matrix tell what they found. */
export const resultsFile = (): string => join(dirname(thisLab().dir), "hosts.json");

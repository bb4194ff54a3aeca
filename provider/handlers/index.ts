import type { Kind } from "../core/kinds";
import { sshHostDirectory } from "../adapters/host-directory";
import { endWithoutReaders } from "./abandoned";
import { addressPoolHandler } from "./address-pool";
import { notingKeys } from "./connections";
import { dynamicMethods, type DynamicMethods } from "./dynamic";
import type { HandlerContext } from "./handler";
import { hostHandler } from "./host";
import { lateSubnetHandler } from "./late-subnet";
import { portsHandler } from "./stable-ports";
import { pulumiProgress } from "./progress";
import { replicaHandler } from "./replica";
import { PublishedPorts } from "./replica/published-ports";
import { separationHandler } from "./separation";
import { upkeepHandler } from "./upkeep";
import { volumeHandler } from "./volume";
import { weaveProviders } from "./weave";

/**
 * What the thin provider in every user's state asks for by name (provider/thin.ts). One process
 * serves a whole run, so the connections behind `context` are shared by all resources.
 */
const context: HandlerContext = { hosts: notingKeys(sshHostDirectory()), progress: pulumiProgress };

const published = new PublishedPorts();

endWithoutReaders([process.stdout, process.stderr]);

export const dynamicProviders: Readonly<Record<Kind, DynamicMethods>> = {
  host: dynamicMethods(hostHandler(context)),
  addressPool: dynamicMethods(addressPoolHandler(context)),
  lateSubnet: dynamicMethods(lateSubnetHandler(context)),
  ...weaveProviders(context),
  separation: dynamicMethods(separationHandler(context)),
  volume: dynamicMethods(volumeHandler(context)),
  replica: dynamicMethods(replicaHandler(context, { published })),
  upkeep: dynamicMethods(upkeepHandler(context)),
  ports: dynamicMethods(portsHandler(context, undefined, undefined, published)),
};

import type { Kind } from "../provider/core/kinds";
import type { HostDirectory, Progress } from "../provider/core/adapter-ports";
import { addressPoolHandler } from "../provider/handlers/address-pool";
import { dynamicMethods, type DynamicMethods } from "../provider/handlers/dynamic";
import type { Props } from "../provider/handlers/handler";
import { hostHandler } from "../provider/handlers/host";
import { KnownSecrets } from "../provider/handlers/known-secrets";
import { lateSubnetHandler } from "../provider/handlers/late-subnet";
import { meshHandler } from "../provider/handlers/weave/mesh";
import { peerHandler } from "../provider/handlers/weave/peer";
import { Peers } from "../provider/handlers/weave/peers";
import { portsHandler } from "../provider/handlers/stable-ports";
import { Programs } from "../provider/handlers/programs";
import { replicaHandler } from "../provider/handlers/replica";
import { PublishedPorts } from "../provider/handlers/replica/published-ports";
import { separationHandler } from "../provider/handlers/separation";
import { upkeepHandler } from "../provider/handlers/upkeep";
import { volumeHandler } from "../provider/handlers/volume";
import { Ways } from "../provider/handlers/ways";

/** `check` asks no host. */
const noHosts: HostDirectory = {
  open: (name) => Promise.reject(new Error(`Host '${name}' was asked for in a unit test.`)),
  close: () => Promise.resolve(),
};

/** What a preview says in words is no matter of a unit test. */
const silent: Progress = { info: () => undefined, warn: () => undefined };

/** What a resource is planned to be, and why a preview would refuse it. */
interface Plan {
  readonly planned: Props;
  readonly problems: readonly string[];
}

/** Plans new resources of one program by the very `check` that a preview calls. */
export function planner(): (kind: Kind, inputs: Props) => Promise<Plan> {
  const methods = checkingMethods();
  return async (kind, inputs) => {
    const checked = await methods[kind].check({}, inputs);
    const problems = (checked.failures ?? []).map(({ reason }) => reason);
    return { planned: checked.inputs as Props, problems };
  };
}

function checkingMethods(): Readonly<Record<Kind, Pick<DynamicMethods, "check">>> {
  const context = { hosts: noHosts, progress: silent };
  const programs = new Programs();
  const secrets = new KnownSecrets();
  const ways = new Ways();
  const published = new PublishedPorts();
  return {
    host: dynamicMethods(hostHandler(context, undefined, programs), secrets),
    addressPool: dynamicMethods(addressPoolHandler(context, programs), secrets),
    lateSubnet: dynamicMethods(lateSubnetHandler(context, programs), secrets),
    peer: dynamicMethods(peerHandler(context, { programs, peers: new Peers() }), secrets),
    mesh: dynamicMethods(meshHandler(context, { ways }), secrets),
    separation: dynamicMethods(separationHandler(context, undefined, ways), secrets),
    volume: dynamicMethods(volumeHandler(context, undefined, ways), secrets),
    replica: dynamicMethods(replicaHandler(context, { ways, published }), secrets),
    upkeep: dynamicMethods(upkeepHandler(context, undefined, ways), secrets),
    ports: dynamicMethods(portsHandler(context, undefined, ways, published), secrets),
  };
}

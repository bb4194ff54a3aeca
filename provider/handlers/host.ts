import type { Connection } from "../core/connection";
import { FerryError } from "../core/errors";
import type { Host, Progress } from "../core/ports";
import { containsUnknown } from "../core/unknown";
import { connection, InputReader, text } from "../core/weave/input-reader";
import { weaveMissing, type Weave } from "../core/weave/port";
import { parseRoutes } from "../core/weave/routes";
import { weaveOn } from "../adapters/weave/host-weave";
import { newestConnection, rememberConnections } from "./connections";
import type { Handler, HandlerContext } from "./handler";
import { requireFit } from "./host/fit";
import { programs as programsOfThisRun, type Programs } from "./programs";

export interface HostInputs {
  readonly cluster: string;
  readonly name: string;
  readonly connection: Connection;
}

export interface HostState extends HostInputs {
  readonly dockerVersion: string;
  readonly dockerApiVersion: string;
  /** As Docker names it: "x86_64". */
  readonly architecture: string;
  readonly operatingSystem: string;
  readonly weaveVersion: string;
  /** CIDRs of the host's own routes, without the default route and without Weave's bridge. */
  readonly routes: readonly string[];
  readonly hasOpenVSwitch: boolean;
}

/** A host as it was found. Looks, and changes nothing there. */
export function hostHandler(
  context: HandlerContext,
  weaveOf: (host: Host) => Weave = weaveOn,
  programs: Programs = programsOfThisRun,
): Handler<HostInputs, HostState> {
  const look = async (inputs: HostInputs): Promise<HostState> => {
    const host = await context.hosts.open(inputs.name, newestConnection(inputs.connection));
    return { ...inputs, ...(await discover(host, weaveOf(host), context.progress)) };
  };
  return {
    secrets: ["connection"],
    replaces: ["cluster", "name"],
    // They tell hosts apart in a run; a host that is found under another name is looked at again.
    renames: () => ["cluster", "name"],

    check(_olds, news) {
      const reader = new InputReader(news);
      const inputs: HostInputs = {
        cluster: reader.required("cluster", text()),
        name: reader.required("name", text()),
        connection: reader.required("connection", connection),
      };
      if (reader.problems.length === 0 && !containsUnknown(inputs.connection)) {
        rememberConnections({ [inputs.name]: inputs.connection });
        programs.rememberHost(inputs.cluster, inputs.name, inputs.connection);
      }
      return { inputs, problems: reader.problems };
    },

    async create(inputs) {
      return { id: `${inputs.cluster}/${inputs.name}`, outs: await look(inputs) };
    },

    async read(_id, outs) {
      try {
        return { outs: await look(outs) };
      } catch (error) {
        if (!(error instanceof FerryError)) throw error;
        context.progress.warn(
          `${error.message} What is known of host '${outs.name}' is kept as it was.`,
        );
        return { outs };
      }
    },

    update: (_id, _olds, inputs) => look(inputs),

    delete: () => Promise.resolve(),
  };
}

async function discover(
  host: Host,
  weave: Weave,
  progress: Progress,
): Promise<Omit<HostState, keyof HostInputs>> {
  // A refused sudo is better said at once than by the first thing that needs it.
  await host.shell.check({ argv: ["true"], root: true });
  const docker = await host.docker.info();
  const weaveVersion = await weave.version();
  if (weaveVersion === undefined) throw new FerryError(weaveMissing(host.name));
  await requireFit(host, weave, { docker, weaveVersion }, progress);
  const { openVSwitch } = await weave.datapath();
  return {
    dockerVersion: docker.version,
    dockerApiVersion: docker.apiVersion,
    architecture: docker.architecture,
    operatingSystem: docker.operatingSystem,
    weaveVersion,
    routes: parseRoutes(await host.shell.check({ argv: ["ip", "-4", "route"], root: true })),
    hasOpenVSwitch: openVSwitch,
  };
}

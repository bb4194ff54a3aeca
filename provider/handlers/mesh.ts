import type { HostLocks } from "../core/lock";
import type { Host } from "../core/ports";
import { containsUnknown } from "../core/unknown";
import { checkMesh, type MeshInputs } from "../core/weave/mesh-inputs";
import type { Weave } from "../core/weave/port";
import type { WeaveSource } from "../core/weave/source";
import { weaveOn } from "../adapters/weave/host-weave";
import { systemClock, type Clock } from "./clock";
import { rememberConnections } from "./connections";
import type { Handler, HandlerContext } from "./handler";
import { hostLocks } from "./host-locks";
import { leavingHosts } from "./mesh/leaving";
import { refreshed } from "./mesh/refresh";
import { settleMesh } from "./mesh/settle";
import type { MeshState } from "./mesh/state";
import type { MeshTools } from "./mesh/tools";

export interface MeshOptions {
  readonly weaveOf?: (host: Host, source?: WeaveSource) => Weave;
  readonly clock?: Clock;
  readonly locks?: HostLocks;
}

/** The peers joined: every connection established, and the electors agreed on Weave's range. */
export function meshHandler(
  context: HandlerContext,
  { weaveOf = weaveOn, clock = systemClock, locks = hostLocks }: MeshOptions = {},
): Handler<MeshInputs, MeshState> {
  const tools: MeshTools = { context, weaveOf, clock, locks };

  return {
    secrets: ["connections"],
    replaces: ["cluster"],
    renames: () => ["cluster"],

    check(olds, news) {
      const { connections } = news;
      const checked = checkMesh(olds, news);
      // The program's own, and not the old ones that may have been kept.
      if (checked.problems.length === 0 && !containsUnknown(connections)) {
        rememberConnections(connections as MeshInputs["connections"]);
      }
      for (const warning of leavingHosts(olds, checked.inputs)) context.progress.warn(warning);
      return checked;
    },

    async create(inputs) {
      return { id: inputs.cluster, outs: await settleMesh(tools, inputs) };
    },

    read: (_id, outs) => refreshed(tools, outs),

    update: (_id, olds, inputs) => settleMesh(tools, inputs, olds),

    delete: () => Promise.resolve(),
  };
}

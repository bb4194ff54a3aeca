import type { HostLocks } from "../../core/lock";
import type { Host } from "../../core/adapter-ports";
import { containsUnknown } from "../../core/unknown";
import { checkMesh, type MeshInputs } from "../../core/weave/mesh-inputs";
import type { Weave } from "../../core/weave/weave-port";
import type { WeaveSource } from "../../core/weave/source";
import { weaveOn } from "../../adapters/weave/host-weave";
import { systemClock, type Clock } from "../clock";
import { rememberConnections } from "../connections";
import type { Handler, HandlerContext } from "../handler";
import { hostLocks } from "../host-locks";
import { leavingHosts } from "./mesh/leaving";
import { refreshMesh } from "./mesh/refresh";
import { bringUpMesh } from "./mesh/bring-up";
import type { MeshState } from "./mesh/state";
import type { MeshTools } from "./mesh/mesh-tools";
import { waysOfThisRun, type Ways } from "../ways";

export interface MeshOptions {
  readonly weaveOf?: (host: Host, source?: WeaveSource) => Weave;
  readonly clock?: Clock;
  readonly locks?: HostLocks;
  readonly ways?: Ways;
}

/** The peers joined: every connection established, and the electors agreed on Weave's range. */
export function meshHandler(
  context: HandlerContext,
  {
    weaveOf = weaveOn,
    clock = systemClock,
    locks = hostLocks,
    ways = waysOfThisRun,
  }: MeshOptions = {},
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
        ways.say(connections as MeshInputs["connections"], checked.inputs.cluster);
      }
      for (const warning of leavingHosts(olds, checked.inputs)) context.progress.warn(warning);
      return checked;
    },

    async create(inputs) {
      return { id: inputs.cluster, outs: await bringUpMesh(tools, inputs) };
    },

    read(_id, outs) {
      // Read at once with the replicas, which keep the ways to a few hosts each.
      ways.read(outs.connections);
      return refreshMesh(tools, outs);
    },

    update: (_id, olds, inputs) => bringUpMesh(tools, inputs, olds),

    delete: () => Promise.resolve(),
  };
}

import type { HandlerContext } from "../handler";
import { dynamicMethods } from "../dynamic";
import { meshHandler } from "./mesh";
import { peerHandler } from "./peer";

/** The kinds of resource that are Weave's own: its router on one host, and all of them joined. */
export const weaveProviders = (context: HandlerContext) => ({
  peer: dynamicMethods(peerHandler(context)),
  mesh: dynamicMethods(meshHandler(context)),
});

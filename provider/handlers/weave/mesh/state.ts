import type { ClusterHealth } from "../../../core/weave/health";
import type { MeshInputs } from "../../../core/weave/mesh-inputs";
import type { Found } from "./existing";
import type { Exposures } from "./exposures";

export interface MeshState extends MeshInputs, Exposures {
  readonly ready: true;
  /** Weave's name of each peer, by host. */
  readonly peerNames: Readonly<Record<string, string>>;
  readonly health: ClusterHealth;
  /** The network as it was found; only of one that is somebody else's. */
  readonly found?: Found;
}

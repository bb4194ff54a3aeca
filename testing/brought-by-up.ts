import { createHash } from "node:crypto";
import { DEFAULT_IPALLOC_RANGE } from "../components/weave/peer";
import type { Kind } from "../provider/core/kinds";
import type { PlacedReplica } from "../provider/core/replica/model";
import type { ClusterHealth } from "../provider/core/weave/health";
import type { MeshInputs } from "../provider/core/weave/mesh-inputs";
import type { PeerInputs } from "../provider/core/weave/peer-inputs";
import type { Props } from "../provider/handlers/handler";

/** What only hosts can tell, where all goes well: the same for the same program. */
export function broughtByUp(kind: Kind, planned: Props): Props {
  const about = planned as unknown;
  switch (kind) {
    case "host":
      return { routes: [] };
    case "peer":
      return ofPeer(about as PeerInputs);
    case "mesh":
      return ofMesh(about as MeshInputs);
    case "replica":
      return { containerId: digest((about as PlacedReplica).containerName) };
    default:
      return {};
  }
}

const ofPeer = ({ host, peerName, nickname, imageVersion }: PeerInputs): Props => ({
  peerName: peerName ?? peerNameOf(host),
  nickname: nickname ?? host,
  version: imageVersion ?? WEAVE_VERSION,
});

const ofMesh = (mesh: MeshInputs): Props => ({
  ready: true,
  peerNames: byHost(mesh, ({ host, peerName }) => peerName ?? peerNameOf(host)),
  health: healthy(mesh),
  found: {
    range: mesh.ipallocRange ?? DEFAULT_IPALLOC_RANGE,
    domain: mesh.dnsDomain,
    version: WEAVE_VERSION,
  },
});

const WEAVE_VERSION = "2.6.5";

type MeshPeer = MeshInputs["peers"][number];

const byHost = <T>({ peers }: MeshInputs, of: (peer: MeshPeer) => T): Record<string, T> =>
  Object.fromEntries(peers.map((peer) => [peer.host, of(peer)]));

function healthy(mesh: MeshInputs): ClusterHealth {
  const peers = byHost(mesh, () => ({
    status: "healthy" as const,
    unconnected: {},
    ipamReady: true,
    problems: [],
  }));
  return { status: "healthy", problems: [], peers, absent: [], since: "1970-01-01T00:00:00.000Z" };
}

/** Of the form of a hardware address, as Weave's are. */
const peerNameOf = (host: string): string =>
  ["02", ...(digest(host).slice(0, 10).match(/../g) ?? [])].join(":");

const digest = (text: string): string => createHash("sha256").update(text).digest("hex");

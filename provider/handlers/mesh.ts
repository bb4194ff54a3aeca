import { FerryError } from "../core/errors";
import type { Host } from "../core/ports";
import { containsUnknown } from "../core/unknown";
import {
  duplicateNames,
  missingLinks,
  summarise,
  withoutIpam,
  wrongNames,
  type MeshMember,
} from "../core/weave/mesh";
import { checkMesh, type MeshInputs } from "../core/weave/mesh-inputs";
import type { Weave } from "../core/weave/port";
import { quorumOf } from "../core/weave/topology";
import { weaveOn } from "../adapters/weave/host-weave";
import { poll, systemClock, type Clock } from "./clock";
import { newestConnection, rememberConnections } from "./connections";
import type { Handler, HandlerContext } from "./handler";

export interface MeshState extends MeshInputs {
  readonly ready: true;
  /** Weave's name of each peer, by host. */
  readonly peerNames: Readonly<Record<string, string>>;
}

export interface MeshOptions {
  readonly weaveOf?: (host: Host) => Weave;
  readonly clock?: Clock;
}

/** The peers joined: every connection established, and the electors agreed on Weave's range. */
export function meshHandler(
  context: HandlerContext,
  { weaveOf = weaveOn, clock = systemClock }: MeshOptions = {},
): Handler<MeshInputs, MeshState> {
  const settle = async (inputs: MeshInputs): Promise<MeshState> => {
    const deadline = clock.now() + inputs.timeoutSeconds * 1000;
    const peers = await Promise.all(
      inputs.peers.map(async ({ host, address }) => ({
        host,
        address,
        weave: weaveOf(await open(inputs, host)),
      })),
    );
    const observe = (): Promise<MeshMember[]> =>
      Promise.all(
        peers.map(async ({ host, address, weave }) => ({
          host,
          address,
          report: await weave.report(),
        })),
      );
    await connected(inputs, observe, deadline);
    const members = await agreed(inputs, peers, observe, deadline);
    return {
      ...inputs,
      ready: true,
      peerNames: Object.fromEntries(
        members.map(({ host, report }) => [host, report?.peerName ?? ""]),
      ),
    };
  };

  const open = async ({ connections }: MeshInputs, host: string): Promise<Host> => {
    const connection = connections[host];
    if (connection === undefined)
      throw new FerryError(`No connection is given for host '${host}'.`);
    return context.hosts.open(host, newestConnection(connection));
  };

  const connected = async (
    { cluster, peers, timeoutSeconds }: MeshInputs,
    observe: () => Promise<MeshMember[]>,
    deadline: number,
  ): Promise<void> => {
    const names = Object.fromEntries(
      peers.flatMap(({ host, peerName }) => (peerName === undefined ? [] : [[host, peerName]])),
    );
    let missing: string[] = [];
    const complete = await poll(clock, deadline, async () => {
      const members = await observe();
      refuseDuplicates(members);
      missing = [...wrongNames(members, names), ...missingLinks(members)];
      return missing.length === 0 ? true : undefined;
    });
    if (complete === true) return;
    throw new FerryError(
      `The peers of cluster '${cluster}' did not all connect within ${timeoutSeconds} s: ${summarise(missing)}. ` +
        "The routers run and keep trying; put the cause right and run `pulumi up` again.",
    );
  };

  /** A peer that joins a network learns the outcome by itself; only a network without one has to be primed. */
  const agreed = async (
    { cluster, electors, timeoutSeconds }: MeshInputs,
    peers: readonly { weave: Weave }[],
    observe: () => Promise<MeshMember[]>,
    deadline: number,
  ): Promise<MeshMember[]> => {
    let members = await observe();
    if (withoutIpam(members).length > 0) {
      const seconds = Math.max(5, Math.ceil((deadline - clock.now()) / 1000));
      await peers[0]?.weave.prime(seconds);
      const done = await poll(clock, deadline, async () => {
        members = await observe();
        return withoutIpam(members).length === 0 ? true : undefined;
      });
      if (done === undefined) {
        throw new FerryError(
          `The peers of cluster '${cluster}' have not agreed on Weave's range within ${timeoutSeconds} s: ` +
            `${quorumOf(electors)} of ${electors} electors have to take part; peers connected: ${peers.length} ` +
            `(undecided: ${withoutIpam(members).join(", ")}). The routers were left running; run \`pulumi up\` again ` +
            "when enough electors are there.",
        );
      }
    }
    return members;
  };

  return {
    replaces: ["cluster"],

    check(olds, news) {
      const { connections } = news;
      const checked = checkMesh(olds, news);
      // The program's own, and not the old ones that may have been kept.
      if (checked.problems.length === 0 && !containsUnknown(connections)) {
        rememberConnections(connections as MeshInputs["connections"]);
      }
      return checked;
    },

    async create(inputs) {
      return { id: inputs.cluster, outs: await settle(inputs) };
    },

    read: (_id, outs) => Promise.resolve({ outs }),

    update: (_id, _olds, inputs) => settle(inputs),

    delete: () => Promise.resolve(),
  };
}

function refuseDuplicates(members: readonly MeshMember[]): void {
  const [duplicate] = duplicateNames(members);
  if (duplicate === undefined) return;
  const hosts = duplicate.hosts.map((host) => `'${host}'`).join(" and ");
  throw new FerryError(
    `Hosts ${hosts} are one and the same peer to Weave (${duplicate.peerName}), so they can never connect. Give each ` +
      "its own peerName, or its own /etc/machine-id as cloned machines lack it, run `weave reset` there and run again.",
  );
}

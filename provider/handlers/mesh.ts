import { FerryError } from "../core/errors";
import type { HostLocks } from "../core/lock";
import type { Host } from "../core/ports";
import { containsUnknown } from "../core/unknown";
import { describeHealth, type ClusterHealth, type HealthMember } from "../core/weave/health";
import { brokenAt, withoutIpam } from "../core/weave/mesh";
import { checkMesh, type MeshInputs } from "../core/weave/mesh-inputs";
import type { Weave } from "../core/weave/port";
import type { WeaveSource } from "../core/weave/source";
import { weaveOn } from "../adapters/weave/host-weave";
import { systemClock, type Clock } from "./clock";
import { rememberConnections } from "./connections";
import type { Handler, HandlerContext } from "./handler";
import { hostLocks } from "./host-locks";
import { agreed } from "./mesh/agreed";
import { connected, missingWays } from "./mesh/connected";
import { describeExisting, type Found } from "./mesh/existing";
import { extrasDrift, settleExtras, type Extras } from "./mesh/extras";
import { lookAtHealth } from "./mesh/health";
import { leavingHosts } from "./mesh/leaving";
import {
  besideReport,
  observe,
  openAll,
  openPeer,
  type MeshTools,
  type OpenedPeer,
} from "./mesh/tools";

export interface MeshState extends MeshInputs, Extras {
  readonly ready: true;
  /** Weave's name of each peer, by host. */
  readonly peerNames: Readonly<Record<string, string>>;
  readonly health: ClusterHealth;
  /** The network as it was found; only of one that is somebody else's. */
  readonly found?: Found;
}

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

  const settle = async (inputs: MeshInputs, before?: MeshState): Promise<MeshState> => {
    const deadline = clock.now() + inputs.timeoutSeconds * 1000;
    const peers = await openAll(tools, inputs);
    if (inputs.existing === true) {
      const members = await observe(peers);
      return {
        ...stateOf(inputs, members, before),
        found: describeExisting(inputs, members),
      };
    }
    await connected(inputs, peers, clock, deadline);
    const joined = await agreed(inputs, peers, clock, deadline);
    const members = await Promise.all(
      joined.map(async (member, i): Promise<HealthMember> => {
        const peer = peers[i];
        return peer === undefined
          ? member
          : { ...member, ...(await besideReport(peer, inputs, member.report)) };
      }),
    );
    const extras = await settleExtras(tools, inputs, peers, members, {
      ...(before === undefined ? {} : { inputs: before }),
      ...(before?.exposed === undefined ? {} : { exposed: before.exposed }),
    });
    return { ...stateOf(inputs, members, before), ...extras };
  };

  const stateOf = (
    inputs: MeshInputs,
    members: readonly HealthMember[],
    before: MeshState | undefined,
  ): MeshState => ({
    ...inputs,
    ready: true,
    peerNames: Object.fromEntries(
      members.map(({ host, report }) => [host, report?.peerName ?? ""]),
    ),
    health: lookAtHealth(inputs, withoutLeaving(inputs, members, before), before?.health),
  });

  /** A host that does not answer is a finding here, and no failure. */
  const look = (outs: MeshState) =>
    Promise.all(
      outs.peers.map(
        async (peer): Promise<{ peer?: OpenedPeer; member: HealthMember; reason?: string }> => {
          const { host, address } = peer;
          try {
            const opened = await openPeer(tools, outs, peer);
            const report = await opened.weave.report();
            const beside = await besideReport(opened, outs, report);
            return { peer: opened, member: { host, address, report, ...beside } };
          } catch (error) {
            if (!(error instanceof FerryError)) throw error;
            return { member: { host, address, report: undefined }, reason: error.message };
          }
        },
      ),
    );

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
      return { id: inputs.cluster, outs: await settle(inputs) };
    },

    async read(_id, outs) {
      const { drift: _, ...last } = outs;
      const found = await look(outs);
      const members = found.map(({ member }) => member);
      const silent = found.filter(({ reason }) => reason !== undefined);
      const reasons = new Map(silent.map(({ member, reason }) => [member.host, reason ?? ""]));
      const health = lookAtHealth(outs, members, outs.health, reasons);
      // Pulumi itself calls a resource unchanged when only its outputs are others than before.
      const trouble = describeHealth(outs.cluster, health);
      if (trouble !== undefined) context.progress.warn(trouble);
      const now = { ...last, health };
      if (outs.existing === true || silent.length > 0) return { outs: now };
      const peers = found.flatMap(({ peer }) => (peer === undefined ? [] : [peer]));
      const drift = await driftOf(outs, peers, members);
      if (drift.length === 0) return { outs: now };
      return { inputs: { ...inputsIn(last), drift }, outs: { ...now, drift } };
    },

    update: (_id, olds, inputs) => settle(inputs, olds),

    delete: () => Promise.resolve(),
  };
}

/**
 * The share of a peer whose host has left the program is given back, or taken over, at the end of
 * this very run: it is no finding of the state that the run leads to.
 */
function withoutLeaving(
  { peers }: MeshInputs,
  members: readonly HealthMember[],
  before: MeshState | undefined,
): HealthMember[] {
  const stay = new Set(peers.map(({ host }) => host));
  const leaving = new Set(
    Object.entries(before?.peerNames ?? {}).flatMap(([host, name]) =>
      stay.has(host) ? [] : [name],
    ),
  );
  return members.map((member) => {
    const { report } = member;
    if (report?.ipam === undefined || leaving.size === 0) return member;
    const shares = report.ipam.shares.filter(({ peerName }) => !leaving.has(peerName));
    return { ...member, report: { ...report, ipam: { ...report.ipam, shares } } };
  });
}

/**
 * What `up` can put right: routers that their peers bring back, after which there is a new word on
 * the health; peers that are connected and have not agreed; and what is done beside the mesh. A
 * link that is cut is not ours to mend.
 */
async function driftOf(
  outs: MeshState,
  peers: readonly OpenedPeer[],
  members: readonly HealthMember[],
): Promise<string[]> {
  const undecided = withoutIpam(members);
  const connectedAll = missingWays(outs.peers, members).length === 0;
  return [
    ...members.flatMap((member) => brokenAt(outs.peers, member)),
    ...members.flatMap(({ sweeperFault }) => (sweeperFault === undefined ? [] : [sweeperFault])),
    ...(undecided.length > 0 && connectedAll
      ? [`the range is not divided as far as ${undecided.join(", ")} can tell`]
      : []),
    ...(await extrasDrift(outs, peers, members, outs)),
  ];
}

/** The inputs that state was made from. */
function inputsIn(outs: Omit<MeshState, "drift">): MeshInputs {
  const { ready: _r, peerNames: _p, health: _h, found: _f, exposed: _e, ...inputs } = outs;
  return inputs;
}

import { weaveOnHosts } from "../../provider/adapters/weave/host-network";
import { planCluster } from "../../provider/core/weave/cluster-plan";
import type { Topology } from "../../provider/core/weave/topology";
import { Alive } from "../../provider/handlers/alive";
import { hostHandler } from "../../provider/handlers/host";
import { meshHandler } from "../../provider/handlers/weave/mesh";
import type { MeshState } from "../../provider/handlers/weave/mesh/state";
import { peerHandler, type PeerState } from "../../provider/handlers/weave/peer";
import { PartialStateError, type Props } from "../../provider/handlers/handler";
import { Programs } from "../../provider/handlers/programs";
import { Peers } from "../../provider/handlers/weave/peers";
import { PeerQueue } from "../../provider/handlers/weave/peer-queue";
import type { weaveFixture } from "./weave-fixture";

type Fixture = ReturnType<typeof weaveFixture>;

export interface Wish {
  readonly hosts: readonly string[];
  readonly topology?: Topology;
  /** Further inputs of every peer, or of one. */
  readonly peer?: (host: string) => Props;
  readonly mesh?: Props;
  /** Programs of another shape: the number that Pulumi's `--parallel` has. @default unbounded */
  readonly inOrder?: (names: readonly string[]) => readonly string[];
}

/** What a stack keeps between its runs. */
export interface Stack {
  readonly peers: Map<string, PeerState>;
  mesh?: MeshState;
}

export const newStack = (): Stack => ({ peers: new Map() });

/**
 * One `pulumi up` of a cluster as the engine would run it, in a provider process of its own: every
 * `check`, then hosts, then all creates and updates of peers at once, then the mesh, then the
 * deletes. Rejects with the first failure, after all that had been started has ended, as the engine
 * does.
 */
export async function up(
  all: Fixture,
  stack: Stack,
  wish: Wish,
  alive = new Alive(),
): Promise<string[]> {
  const { context, options, weave, connection } = all;
  const own = { programs: new Programs(), peers: new Peers(), peerQueue: new PeerQueue(), alive };
  const inProcess = { ...options, ...own };
  const host = hostHandler(context, weaveOnHosts(options.weaveOf), inProcess.programs);
  const peer = peerHandler(context, inProcess);
  const mesh = meshHandler(context, inProcess);
  const topology = wish.topology ?? { kind: "uniform" };
  const plan = planCluster(
    topology,
    wish.hosts.map((name) => ({ host: name, address: weave(name).address })),
    "net",
    60,
  );
  for (const name of wish.hosts) {
    host.check({}, { cluster: "net", name, connection: connection(name) });
  }
  const done: string[] = [];
  const order = wish.inOrder?.(wish.hosts) ?? wish.hosts;
  await allOf(
    order.map(async (name) => {
      const planned = plan[name]!;
      const olds = stack.peers.get(name);
      const { inputs, problems } = peer.check(olds ?? {}, {
        cluster: "net",
        host: name,
        connection: connection(name),
        address: planned.address,
        targets: planned.targets,
        electors: planned.electors,
        ...(planned.elector || planned.seed !== undefined ? {} : { observer: true }),
        ...(planned.seed === undefined ? {} : { seed: planned.seed }),
        ...(planned.peerName === undefined ? {} : { peerName: planned.peerName }),
        ipallocRange: "10.32.0.0/13",
        discovery: true,
        company: planned.membership,
        ...wish.peer?.(name),
      });
      expect(problems).toEqual([]);
      try {
        if (olds === undefined) stack.peers.set(name, (await peer.create(inputs)).outs);
        else stack.peers.set(name, await peer.update(`net/${name}`, olds, inputs));
        done.push(name);
      } catch (error) {
        if (error instanceof PartialStateError) stack.peers.set(name, error.outs as PeerState);
        throw error;
      }
    }),
  );
  const { inputs } = mesh.check(stack.mesh ?? {}, {
    cluster: "net",
    connections: Object.fromEntries(wish.hosts.map((name) => [name, connection(name)])),
    peers: wish.hosts.map((name) => {
      const { dials, elector, seed } = plan[name]!;
      return {
        host: name,
        address: weave(name).address,
        ...(dials === undefined ? {} : { dials }),
        ...(elector || seed !== undefined ? {} : { observer: true }),
      };
    }),
    electors: plan[wish.hosts[0]!]!.electors,
    timeoutSeconds: 60,
    ...(topology.kind === "seeded" ? { seeded: true } : {}),
    ...wish.mesh,
  });
  stack.mesh =
    stack.mesh === undefined
      ? (await mesh.create(inputs)).outs
      : await mesh.update("net", stack.mesh, inputs);
  const gone = [...stack.peers.keys()].filter((name) => !wish.hosts.includes(name));
  await allOf(
    gone.map(async (name) => {
      await peer.delete(`net/${name}`, stack.peers.get(name)!);
      stack.peers.delete(name);
    }),
  );
  return done;
}

async function allOf(work: readonly Promise<unknown>[]): Promise<void> {
  const ended = await Promise.allSettled(work);
  const failed = ended.find((each) => each.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}

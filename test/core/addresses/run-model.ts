import { handedOn } from "../../../provider/core/addresses/handed-on";
import { overlaps, parseAddress, parseCidr } from "../../../provider/core/addresses/ipv4";
import type { DeploymentRequest } from "../../../provider/core/addresses/model";
import { NOTHING, plan, type Kept } from "./helpers";

/** How a run of a program ends. */
export interface Run {
  /** Names that come too late, or are not reached: the pool does not hear of them. */
  readonly unheard: readonly string[];
  /** How many replicas are made before the program or the engine fails; absent: none fails. */
  readonly reached?: number;
  /** Replicas whose removal fails: "apples/web-0". */
  readonly stuck: readonly string[];
}

function must(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(what);
}

const owner = (deployment: string, key: string) => `${deployment}/${key}`;
const at = (ip: string) => ({ base: parseAddress(ip), prefix: 32 });

/**
 * A pool's state, and the containers that there really are: what no state can be trusted to know.
 */
export class World {
  kept: Kept = NOTHING;
  /** Address by owner. */
  readonly containers = new Map<string, string>();
  /** The last address that an owner was given, as long as nobody else has been given it. */
  private readonly last = new Map<string, string>();
  readonly seen = { whole: 0, failed: 0, refused: 0, handedOn: 0, stillInUse: 0, back: 0 };

  constructor(private readonly pool: string) {}

  run(program: readonly DeploymentRequest[], { unheard, reached, stuck }: Run): void {
    const requests = program.filter(({ deployment }) => !unheard.includes(deployment));
    const planned = plan({ pool: this.pool }, this.kept, requests);
    if (planned.problems.length > 0) {
      this.seen.refused++;
      return;
    }
    if (this.isStillInUse(planned.kept)) {
      this.seen.stillInUse++;
      return;
    }
    const before = this.kept;
    this.kept = planned.kept;
    this.look(before, requests);

    const wanted = requests.flatMap(({ deployment, replicas }) =>
      replicas.map(({ key }) => ({
        owner: owner(deployment, key),
        ip: this.kept.deployments[deployment]!.leases[key]!,
      })),
    );
    for (const { owner: who, ip } of wanted.slice(0, reached)) {
      for (const [other, address] of this.containers)
        must(address !== ip || other === who, `${who} is given ${ip}, which ${other} still has`);
      this.containers.set(who, ip);
    }
    if (unheard.length > 0 || (reached ?? Infinity) < wanted.length) {
      this.seen.failed++;
      return;
    }
    const names = new Set(wanted.map(({ owner: who }) => who));
    for (const who of this.containers.keys())
      if (!names.has(who) && !stuck.includes(who)) this.containers.delete(who);
    this.seen.whole++;
  }

  /** What the pool asks the hosts before it hands on what somebody has had. */
  private isStillInUse(after: Kept): boolean {
    const handed = handedOn(this.kept, after);
    const address = handed.some(({ block, to, replica }) =>
      [...this.containers].some(([who, ip]) => {
        const isNewcomer =
          replica === undefined ? who.startsWith(`${to}/`) : who === owner(to, replica);
        return !isNewcomer && overlaps(at(ip), block);
      }),
    );
    if (address) return true;
    for (const { block, to, replica } of handed) {
      this.seen.handedOn++;
      for (const [who, ip] of this.last) {
        const isNewcomer =
          replica === undefined ? who.startsWith(`${to}/`) : who === owner(to, replica);
        if (!isNewcomer && overlaps(at(ip), block)) this.last.delete(who);
      }
    }
    return false;
  }

  private look(before: Kept, requests: readonly DeploymentRequest[]): void {
    const subnets = Object.values(this.kept.deployments).map(({ subnet }) => parseCidr(subnet));
    subnets.forEach((one, i) => {
      must(!subnets.some((other, j) => j < i && overlaps(one, other)), "two subnets overlap");
    });
    const given = new Set<string>();
    for (const { deployment, replicas } of requests) {
      const { leases } = this.kept.deployments[deployment]!;
      for (const { key } of replicas) {
        const who = owner(deployment, key);
        const ip = leases[key]!;
        must(!given.has(ip), `${ip} has two owners`);
        given.add(ip);
        const had = this.last.get(who);
        must(had === undefined || had === ip, `${who} comes back to ${ip}, and had ${had}`);
        const isBack = had !== undefined && before.deployments[deployment]?.leases[key] !== ip;
        if (isBack || before.deployments[deployment]?.missing !== undefined) this.seen.back++;
        this.last.set(who, ip);
      }
    }
    for (const [who, ip] of this.containers) {
      const [deployment = "", key = ""] = who.split("/");
      const kept = this.kept.deployments[deployment];
      const own = kept?.leases[key] === ip || kept?.released?.[ip]?.by === key;
      must(own, `${who} has a container at ${ip}, and the pool has forgotten it`);
    }
  }
}

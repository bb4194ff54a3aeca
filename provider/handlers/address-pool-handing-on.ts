import type { HandedOn } from "../core/addresses/handed-on";
import {
  formatAddress,
  formatCidr,
  overlaps,
  parseAddress,
  type Cidr,
} from "../core/addresses/ipv4";
import { FerryError, inWords } from "../core/errors";
import { LABELS } from "../core/identity";
import { addressesIn } from "../core/network/addresses-in";
import type { ContainerState, HostDirectory } from "../core/adapter-ports";
import { newestConnection } from "./connections";
import type { Programs } from "./programs";

export interface HandingOnTools {
  readonly hosts: HostDirectory;
  readonly programs: Programs;
}

/**
 * Before somebody gets what another one has had, or may have: refused while any container is left
 * that has an address of it. Only the hosts know that who has left is gone: no state tells a
 * removal that failed, or a program that ended half-way, from one that went well. A host that
 * cannot be asked refuses it too: one that is declared too late for the pool may live there.
 */
export async function refuseWhatIsInUse(
  { hosts, programs }: HandingOnTools,
  cluster: string,
  handed: readonly HandedOn[],
): Promise<void> {
  const known = handed.find(({ from }) => from !== undefined);
  const about = known ?? handed[0];
  if (about === undefined) return;
  const giving = sentence(about);
  const connections = [...programs.of(cluster).connections].sort();
  if (connections.length === 0 && known !== undefined) {
    throw new FerryError({
      kind: "ours",
      what: giving,
      reason: `no host of cluster '${cluster}' is known to ask who still has it`,
      touched: "nothing",
    });
  }
  await Promise.all(
    connections.map(async ([name, connection]) => {
      const found = await containersOn(name, () => hosts.open(name, newestConnection(connection)));
      for (const each of handed) {
        const holder = found.find((container) => holds(container, each));
        if (holder !== undefined) throw stillInUse(each, name, holder);
      }
    }),
  );

  async function containersOn(name: string, open: () => ReturnType<HostDirectory["open"]>) {
    try {
      return await (await open()).docker.containers({});
    } catch (error) {
      if (!(error instanceof FerryError)) throw error;
      throw new FerryError(
        {
          ...error.fault,
          what: giving,
          host: name,
          reason: `whether anything there still has it could not be seen: ${inWords(error.fault, { claim: false })}`,
          advice: known === undefined ? BACK : ADVICE,
          touched: "nothing",
        },
        { cause: error },
      );
    }
  }
}

const ADVICE =
  "Run `pulumi up` without the newcomer until all that has left is gone, or give the newcomer room of its own with " +
  "`subnet` or a wider `pool`";

const BACK =
  "Bring the host back, or take it out of the cluster's `hosts` when it is gone for good: a deployment that is declared " +
  "later in the program may have that room there";

function stillInUse(each: HandedOn, host: string, container: ContainerState): FerryError {
  return new FerryError({
    kind: "settings",
    what: sentence(each),
    host,
    reason: `container '${container.name}' there still has an address of it`,
    advice: ADVICE,
    touched: "nothing",
  });
}

function sentence({ block, from, to, replica }: HandedOn): string {
  if (replica === undefined) {
    const had = from === undefined ? "" : `, which deployment '${from}' had,`;
    return `giving the subnet ${formatCidr(block)}${had} to deployment '${to}'`;
  }
  const had = from === undefined ? "" : `, which '${from}' had,`;
  return `giving the address ${formatAddress(block.base)}${had} to '${replica}' of deployment '${to}'`;
}

/** What the newcomer itself has left from a run that was interrupted is no obstacle. */
function holds(
  container: ContainerState,
  { block, to, formerly = [], replica }: HandedOn,
): boolean {
  const { [LABELS.deployment]: deployment, [LABELS.replica]: id = "" } = container.labels;
  const isNewcomer =
    [to, ...formerly].includes(deployment ?? "") &&
    (replica === undefined || id.split("/").slice(-2).join("-") === replica);
  return !isNewcomer && addressesOf(container).some((address) => overlaps(address, block));
}

/** Its addresses on the overlay: "10.40.0.2/27 ip:10.40.0.3/27". */
function addressesOf({ environment }: ContainerState): Cidr[] {
  return [...addressesIn(environment).matchAll(/(?:^|[\s:])(\d+\.\d+\.\d+\.\d+)(?=\/)/g)].flatMap(
    ([, ip]) => {
      try {
        return [{ base: parseAddress(ip as string), prefix: 32 }];
      } catch {
        return [];
      }
    },
  );
}

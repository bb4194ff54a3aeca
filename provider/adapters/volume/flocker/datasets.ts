import type { Host } from "../../../core/adapter-ports";
import { FerryError, inWords } from "../../../core/errors";
import type { OtherHosts, VolumeToTake } from "../../../core/volume/driver";
import {
  datasetRequest,
  datasetsNamed,
  differenceOf,
  whyNotOn,
  type Dataset,
  type DatasetLease,
  type FlockerNode,
} from "../../../core/volume/flocker";
import { ServiceTrouble, type ControlService } from "./control-service";
import type { ControlServices } from "./control-services";
import { nodeOf, requireNode } from "./node-of";

const RUNNING = ["running", "paused", "restarting"];

/** How long is waited: of Flocker's own tests, and of its clients. */
export interface Patience {
  /** Until a dataset is where it is to be: clouds have been seen to detach for 90 s. */
  readonly moveMs: number;
  /** Until the service answers. */
  readonly answerMs: number;
  /** Between two looks. */
  readonly lookMs: number;
}

export const PATIENCE: Patience = { moveMs: 300_000, answerMs: 60_000, lookMs: 1_000 };

const BUSY = "others change Flocker's configuration all the time";

/** undefined: it is done; else what is waited for. */
type Attempt = () => Promise<string | undefined>;

/**
 * The datasets of one control service: where one goes before anything mounts it, and that it stays
 * while a replica runs. Every wait ends.
 */
export class Datasets {
  constructor(
    private readonly control: string,
    private readonly services: ControlServices,
    private readonly patience: Patience,
  ) {}

  /** Makes one for a host unless it is there; resolves to whether it has. */
  async make(host: Host, volume: VolumeToTake): Promise<boolean> {
    const service = this.services.get(this.control);
    const node = await requireNode(host, volume.name);
    let isNew = false;
    const what = `making volume '${volume.name}'`;
    await this.#until(host, what, this.patience.answerMs, async () => {
      const { datasets, tag } = await service.configured();
      const [found] = datasetsNamed(datasets, volume.name);
      if (found !== undefined) {
        requireAlike(found, volume, host);
        return undefined;
      }
      isNew = await service.create(datasetRequest(volume.name, volume.options, node), tag);
      return isNew ? undefined : BUSY;
    });
    return isNew;
  }

  /** What agents have of it goes in their time; missing is success. */
  async delete(host: Host, name: string): Promise<void> {
    const service = this.services.get(this.control);
    const what = `deleting volume '${name}'`;
    await this.#until(host, what, this.patience.answerMs, async () => {
      const { datasets, tag } = await service.configured();
      const leases = await service.leases();
      for (const { dataset_id: id } of datasetsNamed(datasets, name)) {
        // While a node has one, its agent deletes nothing.
        const isLeased = leases.some((each) => each.dataset_id === id);
        if (isLeased) await service.release(id);
        // Leases are a part of what the tag stands for.
        if (!(await service.delete(id, isLeased ? undefined : tag))) return BUSY;
      }
      return undefined;
    });
  }

  /** Nothing on the host runs with it any more. */
  async release(host: Host, name: string): Promise<void> {
    const service = this.services.find(this.control);
    // A run without the program: the volume's own resource has what opens it.
    if (service === undefined) return;
    const what = `letting go of volume '${name}'`;
    await this.#until(host, what, this.patience.moveMs, async () => {
      const { datasets } = await service.configured();
      const ids = datasetsNamed(datasets, name).map(({ dataset_id: id }) => id);
      const leases = (await service.leases()).filter((each) => ids.includes(each.dataset_id));
      if (leases.length === 0) return undefined;
      const node = await nodeOf(host);
      for (const lease of leases) {
        if (lease.node_uuid === node) await service.release(lease.dataset_id);
      }
      return undefined;
    });
  }

  async takeProblem(host: Host, volume: VolumeToTake, from: Host): Promise<string | undefined> {
    const service = this.services.get(this.control);
    const [node, source] = await Promise.all([requireNode(host, volume.name), nodeOf(from)]);
    let problem: string | undefined;
    const what = `asking for volume '${volume.name}'`;
    await this.#until(host, what, this.patience.answerMs, async () => {
      const { datasets } = await service.configured();
      const { dataset_id: id } = requireSole(datasets, volume, host);
      const leases = await service.leases();
      const nodes = await service.nodes();
      const lease = leases.find((each) => each.dataset_id === id);
      problem = !isConnected(nodes, node)
        ? `cannot go to host '${host.name}': Flocker's agent there is not connected to its control service`
        : lease !== undefined && ![node, source].includes(lease.node_uuid)
          ? `cannot go to host '${host.name}': ${nodeInWords(lease.node_uuid, nodes)} has a lease on its dataset '${id}'`
          : undefined;
      return undefined;
    });
    return problem;
  }

  async take(host: Host, volume: VolumeToTake, otherHosts: OtherHosts): Promise<void> {
    const service = this.services.get(this.control);
    const node = await requireNode(host, volume.name);
    const what = `taking volume '${volume.name}'`;
    let answering: ReturnType<OtherHosts> | undefined;
    const others = () => (answering ??= otherHosts());
    await this.#until(host, what, this.patience.moveMs, async () => {
      const { datasets, tag } = await service.configured();
      const dataset = requireSole(datasets, volume, host);
      const { dataset_id: id } = dataset;
      const lease = (await service.leases()).find((each) => each.dataset_id === id);
      const nodes = await service.nodes();
      if (lease !== undefined && lease.node_uuid !== node) {
        const kept = await this.#whyKept(service, volume.name, { lease, nodes, others });
        if (kept !== undefined) return kept;
      }
      // What it was told before stays told: its answer is that it has noted it, and no more.
      if (dataset.primary !== node && !(await service.move(id, node, tag))) {
        return BUSY;
      }
      const hostOf = (uuid: string) => nodeInWords(uuid, nodes);
      const away = whyNotOn(await service.states(), id, node, hostOf);
      if (away !== undefined) {
        const silent = isConnected(nodes, node) ? "" : ", and its agent there is not connected";
        return `dataset '${id}' is not there: ${away}${silent}`;
      }
      if (lease?.node_uuid === node || (await service.lease(id, node))) return undefined;
      return `another node has taken a lease on its dataset '${id}' just now`;
    });
  }

  /** A lease of another node ends where its host is one of ours, on which nothing runs with it. */
  async #whyKept(
    service: ControlService,
    name: string,
    of: { lease: DatasetLease; nodes: readonly FlockerNode[]; others: OtherHosts },
  ): Promise<string | undefined> {
    const { dataset_id: id, node_uuid: holder } = of.lease;
    // Its agent is gone, and whoever has come here says that the host is.
    if (isConnected(of.nodes, holder)) {
      const found = await hostOfNode(holder, await of.others());
      if (found === undefined) {
        return `${nodeInWords(holder, of.nodes)} has a lease on its dataset '${id}'`;
      }
      const containers = await found.docker.containers({});
      const user = containers.find(
        ({ mounts, status }) =>
          RUNNING.includes(status) && mounts.some(({ volume }) => volume === name),
      );
      if (user !== undefined) {
        throw new FerryError({
          kind: "settings",
          reason: `container '${user.name}' on host '${found.name}' runs with volume '${name}', which Flocker keeps there for it. Stop that container first`,
        });
      }
    }
    await service.release(id);
    return undefined;
  }

  /** Asks again while the service is away, or what is waited for is not there, and no longer. */
  async #until(host: Host, what: string, patienceMs: number, attempt: Attempt): Promise<void> {
    const end = performance.now() + patienceMs;
    for (
      let pause = this.patience.lookMs / 10;
      ;
      pause = Math.min(pause * 2, this.patience.lookMs)
    ) {
      let cause: ServiceTrouble | undefined;
      const reason = await attempt().catch((error: unknown) => {
        if (!(error instanceof ServiceTrouble)) throw error;
        cause = error;
        return inWords(error.fault);
      });
      if (reason === undefined) return;
      if (performance.now() >= end) {
        throw new FerryError(
          {
            ...{ kind: "trouble", what, host: host.name },
            reason: `after ${Math.round(patienceMs / 1000)} s ${reason}`,
            advice:
              "See what Flocker's agents on both hosts and its control service say in their logs",
          },
          { cause },
        );
      }
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
}

function requireSole(datasets: readonly Dataset[], volume: VolumeToTake, host: Host): Dataset {
  const [found, other] = datasetsNamed(datasets, volume.name);
  if (found === undefined || other !== undefined) {
    const ids = [found, other].map((each) => each?.dataset_id ?? "").join(" and ");
    throw new FerryError({
      ...{ kind: "settings", what: `using volume '${volume.name}'`, host: host.name },
      reason:
        found === undefined
          ? "Flocker's control service has no dataset of that name"
          : `Flocker's control service has two datasets of that name, ${ids}`,
      advice:
        found === undefined
          ? "Look there for what has become of it; a deleted one does not come back"
          : "Delete the one that has no data by Flocker's own means",
    });
  }
  requireAlike(found, volume, host);
  return found;
}

/** Flocker changes neither size nor profile, and Docker says nothing of others. */
function requireAlike(found: Dataset, { name, options }: VolumeToTake, host: Host): void {
  const difference = differenceOf(found, options);
  if (difference === undefined) return;
  throw new FerryError({
    ...{ kind: "settings", what: `using volume '${name}'`, host: host.name },
    reason: `of its dataset '${found.dataset_id}': ${difference}. Flocker does not change that`,
    advice: "Put the driver options back, or declare a volume with another key",
  });
}

const isConnected = (nodes: readonly FlockerNode[], node: string): boolean =>
  nodes.some(({ uuid }) => uuid === node);

function nodeInWords(node: string, nodes: readonly FlockerNode[]): string {
  const known = nodes.find(({ uuid }) => uuid === node);
  return `Flocker's node ${node}${known === undefined ? "" : ` (${known.host})`}`;
}

async function hostOfNode(node: string, hosts: readonly Host[]): Promise<Host | undefined> {
  const nodes = await Promise.all(hosts.map((host) => nodeOf(host)));
  return hosts[nodes.indexOf(node)];
}

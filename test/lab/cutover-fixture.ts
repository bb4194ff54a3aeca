import { hostDataMovers } from "../../provider/adapters/volume/data-movers";
import type { ContainerSpec } from "../../provider/core/container-spec";
import { barrierName } from "../../provider/core/move/start-barrier";
import type { ArmedCutover, CutoverOutcome, DataMover } from "../../provider/core/move/move-ports";
import type { ContainerRequest, Host } from "../../provider/core/adapter-ports";
import type { JoinedHosts } from "./joined-hosts";

const NAME = "cut-it";
const VOLUME = "cut_data";
export const CUTOVER_IP = "10.40.78.2";
export const CUTOVER_DATA = `/var/lib/docker/volumes/${VOLUME}/_data`;

/** What a test says of the program that moves. */
export interface Cutover {
  readonly spec: ContainerSpec;
  readonly from?: string;
  readonly to?: string;
  /** Done when all is ready and nothing has been stopped yet. */
  readonly armed?: (armed: ArmedCutover) => Promise<void>;
  readonly patience?: number;
  readonly content?: boolean;
}

/** One container moved by hand, through the copying and the cutover alone. */
export class CutoverFixture {
  private made = 0;
  readonly reported: string[] = [];

  constructor(readonly lab: JoinedHosts) {}

  async host(name: string): Promise<Host> {
    return this.lab.context.hosts.open(name, this.lab.connections[name]!);
  }

  /** Makes and starts it where nothing of it is. */
  async begin(spec: ContainerSpec, from = "node1"): Promise<string> {
    const host = await this.host(from);
    const id = await host.docker.create(this.request(spec));
    await host.docker.start(id, { proxied: true });
    return id;
  }

  /** The move's own steps from the pre-copy to the end of the cutover. */
  async cutOver({ spec, from = "node1", to = "node2", patience = 20, ...more }: Cutover) {
    const [source, target] = [await this.host(from), await this.host(to)];
    const old = (await source.docker.container(NAME))!;
    this.made += 1;
    const replica = `cut/test/it/${from}/${this.made}`;
    const image = (await target.docker.image(spec.image))!;
    const startBarrier = {
      ...(await hostDataMovers.startBarrier(target))!,
      name: barrierName(replica, this.made),
      image,
    };
    const containerId = await target.docker.create({ ...this.request(spec), startBarrier });
    const state = (await target.docker.container(containerId))!;
    const mountAt = (mounts: typeof old.mounts) =>
      mounts.find(({ volume }) => volume === VOLUME)!.source;
    const mover = await hostDataMovers.open({
      replica,
      source,
      target,
      paths: [{ name: VOLUME, source: mountAt(old.mounts), target: mountAt(state.mounts) }],
      progress: {
        info: (message) => void this.reported.push(message),
        warn: (message) => void this.reported.push(message),
      },
      label: "cut/it",
    });
    try {
      await mover.round({ final: false });
      await mover.round({ final: false });
      const armed = await this.arm(
        mover,
        { replica, old: old.id, containerId, startBarrier: startBarrier.name },
        spec,
        patience,
        more.content ?? false,
      );
      await more.armed?.(armed);
      return { outcome: await armed.run(), containerId, replica };
    } finally {
      await mover.cleanup();
    }
  }

  private async arm(
    mover: DataMover,
    {
      replica,
      old,
      containerId,
      startBarrier,
    }: { replica: string; old: string; containerId: string; startBarrier: string },
    spec: ContainerSpec,
    patience: number,
    content: boolean,
  ): Promise<ArmedCutover> {
    const directory = `/var/lib/ferry/replicas/${replica.replaceAll("/", "-")}`;
    const armed = await mover.armCutover({
      journals: {
        path: `${directory}/journal.json`,
        directory,
        source: {
          before: "",
          fenced: "fenced\n",
          stopped: "stopped\n",
          committed: "committed\n",
          home: "home\n",
        },
        target: {
          delta: "delta\n",
          compared: "compared\n",
          starting: "starting\n",
          rejected: "rejected\n",
          home: "home\n",
        },
      },
      source: {
        containerId: old,
        restart: { name: "always" },
        stopTimeoutSeconds: spec.stopTimeoutSeconds ?? 10,
      },
      target: { containerId, startBarrier, healthTimeoutSeconds: patience, sameProgram: true },
      content,
    });
    expect(armed).toBeDefined();
    return armed!;
  }

  journal(host: string, replica: string): Promise<string> {
    return this.lab.run(
      host,
      `cat /var/lib/ferry/replicas/${replica.replaceAll("/", "-")}/journal.json`,
    );
  }

  /** Takes all of it away. */
  async clear(): Promise<void> {
    for (const name of this.lab.names) {
      const host = await this.host(name);
      await host.docker.remove(NAME);
      await host.docker.removeVolume(VOLUME);
      await hostDataMovers.dropStartBarrier(host);
      await this.lab.run(
        name,
        "rm -rf /var/lib/ferry/replicas /run/ferry-cut-*; rmdir /var/lib/ferry 2>/dev/null || true",
      );
    }
  }

  async running(): Promise<string[]> {
    const found = await Promise.all(
      this.lab.names.map(async (name) => {
        const state = await (await this.host(name)).docker.container(NAME);
        return state?.status === "running" ? [name] : [];
      }),
    );
    return found.flat();
  }

  private request(spec: ContainerSpec): ContainerRequest {
    return {
      name: NAME,
      spec: {
        ...spec,
        mounts: [{ type: "volume", volume: "data", target: "/data" }, ...(spec.mounts ?? [])],
      },
      environment: { WORD: 'it\'s a "word" $HOME' },
      volumeNames: { data: VOLUME },
      labels: {},
      hostname: "it",
      domainname: "cutover.weave.local",
      dnsSearch: [],
      restart: { name: "no" },
      overlayAddresses: [`${CUTOVER_IP}/24`],
    };
  }
}

export function committed(outcome: CutoverOutcome): CutoverOutcome & { kind: "committed" } {
  expect(outcome).toMatchObject({ kind: "committed" });
  return outcome as CutoverOutcome & { kind: "committed" };
}

import { hostDataMovers } from "../../provider/adapters/volume/data-movers";
import type { ContainerSpec } from "../../provider/core/container-spec";
import { gateName } from "../../provider/core/move/gate";
import type { ArmedCut, CutOutcome, DataMover } from "../../provider/core/move/port";
import type { ContainerRequest, Host } from "../../provider/core/ports";
import type { JoinedHosts } from "./joined-hosts";

const NAME = "cut-it";
const VOLUME = "cut_data";
export const CUT_IP = "10.40.78.2";
export const CUT_DATA = `/var/lib/docker/volumes/${VOLUME}/_data`;

/** What a test says of the program that moves. */
export interface Cut {
  readonly spec: ContainerSpec;
  readonly from?: string;
  readonly to?: string;
  /** Done when all is ready and nothing has been stopped yet. */
  readonly armed?: (armed: ArmedCut) => Promise<void>;
  readonly patience?: number;
  readonly content?: boolean;
}

/** One container moved by hand, through the copying and the cut alone. */
export class CutFixture {
  private made = 0;
  readonly told: string[] = [];

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

  /** The move's own steps from the pre-copy to the end of the cut. */
  async cut({ spec, from = "node1", to = "node2", patience = 20, ...more }: Cut) {
    const [source, target] = [await this.host(from), await this.host(to)];
    const old = (await source.docker.container(NAME))!;
    this.made += 1;
    const replica = `cut/test/it/${from}/${this.made}`;
    const image = (await target.docker.image(spec.image))!;
    const gate = {
      ...(await hostDataMovers.gate(target))!,
      name: gateName(replica, this.made),
      image,
    };
    const containerId = await target.docker.create({ ...this.request(spec), gate });
    const state = (await target.docker.container(containerId))!;
    const mountAt = (mounts: typeof old.mounts) =>
      mounts.find(({ volume }) => volume === VOLUME)!.source;
    const mover = await hostDataMovers.open({
      replica,
      source,
      target,
      paths: [{ name: VOLUME, source: mountAt(old.mounts), target: mountAt(state.mounts) }],
      progress: {
        info: (message) => void this.told.push(message),
        warn: (message) => void this.told.push(message),
      },
      label: "cut/it",
    });
    try {
      await mover.round({ final: false });
      await mover.round({ final: false });
      const armed = await this.arm(
        mover,
        { replica, old: old.id, containerId, gate: gate.name },
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
      gate,
    }: { replica: string; old: string; containerId: string; gate: string },
    spec: ContainerSpec,
    patience: number,
    content: boolean,
  ): Promise<ArmedCut> {
    const directory = `/var/lib/ferry/replicas/${replica.replaceAll("/", "-")}`;
    const armed = await mover.armCut({
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
      target: { containerId, gate, healthTimeoutSeconds: patience, sameProgram: true },
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
      await hostDataMovers.dropGate(host);
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
      domainname: "cut.weave.local",
      dnsSearch: [],
      restart: { name: "no" },
      overlayAddresses: [`${CUT_IP}/24`],
    };
  }
}

export function committed(outcome: CutOutcome): CutOutcome & { kind: "committed" } {
  expect(outcome).toMatchObject({ kind: "committed" });
  return outcome as CutOutcome & { kind: "committed" };
}

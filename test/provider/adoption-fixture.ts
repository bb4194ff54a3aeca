import type { FakeContainer } from "../../provider/adapters/fakes/fake-state";
import { FakeWorld } from "../../provider/adapters/fakes/fake-world";
import type { AdoptRequest } from "../../provider/core/adoption/request";
import type { Mount } from "../../provider/core/container-spec";
import { LABELS } from "../../provider/core/identity";
import type { ReplicaInputs } from "../../provider/core/replica/model";
import { fakeReplica, HOSTS, IMAGE, program } from "./replica-fixture";

export const VOLUME = "myapp_data";
export const OLD = "myapp-redis-1";
export const COMPOSE_LABELS = {
  "com.docker.compose.project": "myapp",
  "com.docker.compose.service": "redis",
  "com.docker.compose.container-number": "1",
  "com.docker.compose.oneoff": "False",
};
export const REQUEST: AdoptRequest = { project: "myapp", service: "redis", replicas: 1 };

export const volumes: ReplicaInputs["volumes"] = {
  data: {
    id: "shop/prod/apples/data",
    name: VOLUME,
    driver: "local",
    driverOptions: {},
    external: true,
  },
};

interface Theirs {
  readonly name?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly mounts?: readonly Mount[];
  readonly volumeNames?: Readonly<Record<string, string>>;
  readonly status?: FakeContainer["status"];
  /** By path, volumes that Docker made for it alone. */
  readonly unnamed?: Readonly<Record<string, string>>;
}

/** A container that Compose, or somebody by hand, has made. */
export function put(world: FakeWorld, host: string, of: Theirs = {}): string {
  return world.change((state) => {
    const fake = state.hosts[host]!;
    const id = FakeWorld.newId(state);
    const {
      name = OLD,
      labels = COMPOSE_LABELS,
      mounts = [{ type: "volume", volume: "data", target: "/data" }],
      volumeNames = { data: VOLUME },
      status = "running",
      unnamed = {},
    } = of;
    for (const volume of [...Object.values(volumeNames), ...Object.values(unnamed)]) {
      if (fake.volumes.some((each) => each.name === volume)) continue;
      const mountpoint = `/var/lib/docker/volumes/${volume}/_data`;
      fake.volumes.push({
        ...{ name: volume, driver: "local", mountpoint, options: {}, labels: {} },
        files: { customers: { content: "", mode: 0o644 } },
      });
    }
    fake.containers.push({
      id,
      name,
      request: {
        ...{ name, environment: {}, volumeNames, labels, hostname: "x", dnsSearch: [] },
        overlayAddresses: [],
        spec: {
          image: IMAGE,
          mounts,
          ports: [{ containerPort: 6379, hostPort: 6379, protocol: "tcp" }],
        },
      },
      imageId: fake.images[IMAGE]!.id,
      unnamed: { ...unnamed },
      status,
      exitCode: 0,
      error: "",
      health: "none",
      restart: { name: "always" },
      startedAt: "2026-01-01T00:00:00Z",
      proxied: false,
      log: "",
    });
    return id;
  });
}

/** The program that takes it over. */
export const adopting = (change: Partial<ReplicaInputs> = {}): Partial<ReplicaInputs> => ({
  volumes,
  adopt: REQUEST,
  spec: {
    ...program("node1").spec,
    ports: [{ containerPort: 6379, hostPort: 6379, protocol: "tcp" }],
  },
  ...change,
});

export function withTheirs(of: Theirs = {}, ...given: Parameters<typeof fakeReplica>) {
  const it = fakeReplica(...given);
  const id = put(it.world, "node1", of);
  return { ...it, id };
}

/**
 * A client that is answered by whichever container runs writes before and after each call. At no
 * moment may two run.
 */
export function anyClient(world: FakeWorld) {
  const acknowledged: string[] = [];
  const look = () => {
    world.change(({ hosts }) => {
      const up = HOSTS.flatMap((host) =>
        hosts[host]!.containers.filter(({ status }) => status === "running").map((container) => ({
          host,
          container,
        })),
      );
      expect(up.length).toBeLessThanOrEqual(1);
      const [only] = up;
      if (only === undefined || only.container.inboundBlocked === true) return;
      const name = `write-${acknowledged.length}`;
      const volume = hosts[only.host]!.volumes.find((each) => each.name === VOLUME)!;
      volume.files[name] = { content: "", mode: 0o644 };
      acknowledged.push(name);
    });
  };
  return { acknowledged, look };
}

export const ours = (world: FakeWorld, host = "node1") =>
  world.host(host).containers.filter(({ request }) => request.labels[LABELS.replica] !== undefined);
